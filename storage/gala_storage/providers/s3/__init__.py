"""S3: AWS, MinIO, Google Cloud Storage by its S3 API, and other compatible servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gala_storage.registry import Provider, sdk_of

if TYPE_CHECKING:
    from gala_storage.providers.s3.store import S3Storage
    from gala_storage.retry import RetryPolicy
    from gala_storage.settings import StorageSettings


def open_s3(settings: StorageSettings, policy: RetryPolicy | None = None) -> S3Storage:
    """Return the configured bucket; no request is sent yet."""
    settings.require("s3", "s3_bucket")
    if settings.s3_access_key_id or settings.s3_secret_access_key:
        settings.require("s3", "s3_access_key_id", "s3_secret_access_key")
    with sdk_of("s3"):
        from gala_storage.providers.s3.store import S3Storage, make_client  # noqa: PLC0415
    assert settings.s3_bucket is not None  # noqa: S101 - required above
    return S3Storage(
        make_client(settings), settings.s3_bucket, prefix=settings.s3_prefix, policy=policy
    )


PROVIDER = Provider(name="s3", open=open_s3)
