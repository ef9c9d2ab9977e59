"""Storage's part of the environment. Read once, where a process is put together."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from gala_storage.errors import StorageConfigError


class StorageSettings(BaseSettings):
    """Every provider's variables: several may be configured, one takes new objects."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    storage_provider: str = "localfs"
    """The provider that takes new objects."""

    storage_local_root: Path | None = None
    """Folder of the localfs provider."""

    s3_bucket: str | None = None
    s3_prefix: str = ""
    """Put before every new key, as a folder: ``gala`` or ``media/gala``."""
    s3_endpoint_url: str | None = None
    """Of MinIO and other S3-compatibles; AWS itself if unset."""
    s3_region: str | None = None
    s3_access_key_id: str | None = None
    """With ``s3_secret_access_key``; without both, boto3's own search (profile, instance role)."""
    s3_secret_access_key: SecretStr | None = None
    s3_force_path_style: bool | None = None
    """``endpoint/bucket/key`` instead of ``bucket.endpoint/key``; unset: yes with an endpoint."""

    gdrive_client_id: str | None = None
    gdrive_client_secret: SecretStr | None = None
    gdrive_refresh_token: SecretStr | None = None
    """From ``gala gdrive-auth``."""
    gdrive_folder_id: str | None = None
    """Folder for new files; the top of the Drive if unset."""
    gdrive_api_root: str | None = None
    """Another root than ``https://www.googleapis.com/``, for a proxy or a stand-in."""
    gdrive_token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105

    def require(self, provider: str, *fields: str) -> None:
        """Raise :class:`StorageConfigError` that names each variable of these that is not set."""
        absent = [field.upper() for field in fields if not getattr(self, field)]
        if absent:
            raise StorageConfigError(f"storage provider {provider} needs {', '.join(absent)}")
