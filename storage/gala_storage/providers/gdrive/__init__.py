"""Google Drive of a person, with access only to files that GALA created (``drive.file``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gala_storage.registry import Provider, sdk_of

if TYPE_CHECKING:
    from gala_storage.providers.gdrive.store import DriveStorage
    from gala_storage.retry import RetryPolicy
    from gala_storage.settings import StorageSettings


def open_gdrive(settings: StorageSettings, policy: RetryPolicy | None = None) -> DriveStorage:
    """Return the configured person's Drive; no request is sent yet."""
    settings.require("gdrive", "gdrive_client_id", "gdrive_client_secret", "gdrive_refresh_token")
    with sdk_of("gdrive"):
        from gala_storage.providers.gdrive.client import connect  # noqa: PLC0415
        from gala_storage.providers.gdrive.store import DriveStorage  # noqa: PLC0415
    return DriveStorage(connect(settings), folder_id=settings.gdrive_folder_id, policy=policy)


PROVIDER = Provider(name="gdrive", open=open_gdrive)
