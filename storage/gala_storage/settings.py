"""Settings of the storage providers, read once from the environment at start-up."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from gala_storage.errors import StorageConfigError


class StorageSettings(BaseSettings):
    """Settings of all providers: several may be configured, one of them stores new objects."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    storage_provider: str = "localfs"
    """The provider for new objects."""

    storage_local_root: Path | None = None
    """Folder of the localfs provider."""

    s3_bucket: str | None = None
    s3_prefix: str = ""
    """Folder of all new keys, such as ``gala`` or ``media/gala``."""
    s3_endpoint_url: str | None = None
    """URL of MinIO or another S3-compatible server; AWS if unset."""
    s3_region: str | None = None
    s3_access_key_id: str | None = None
    """Set with ``s3_secret_access_key``; without both, boto3 uses a profile or instance role."""
    s3_secret_access_key: SecretStr | None = None
    s3_force_path_style: bool | None = None
    """``endpoint/bucket/key`` not ``bucket.endpoint/key``; by default True with an endpoint URL."""

    gdrive_client_id: str | None = None
    gdrive_client_secret: SecretStr | None = None
    gdrive_refresh_token: SecretStr | None = None
    """From ``gala gdrive-auth``."""
    gdrive_folder_id: str | None = None
    """Folder for new files; the root of the Drive if unset."""
    gdrive_api_root: str | None = None
    """Replaces ``https://www.googleapis.com/``, for a proxy or a fake server."""
    gdrive_token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105

    @property
    def local_root(self) -> Path | None:
        """The folder that new objects are stored in; None with another provider than localfs."""
        return self.storage_local_root if self.storage_provider == "localfs" else None

    def require(self, provider: str, *fields: str) -> None:
        """Raise :class:`StorageConfigError` if one of these fields is not set; name them."""
        absent = [field.upper() for field in fields if not getattr(self, field)]
        if absent:
            raise StorageConfigError(f"storage provider {provider} needs {', '.join(absent)}")
