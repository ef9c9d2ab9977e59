"""The API's settings, read once from the environment by the composition root."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, PostgresDsn, RedisDsn, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gala.disk_space import MIN_FREE_BYTES
from gala.log import LogFormat
from gala.net.urls import AllowedHosts
from gala.settings import HostList, ServiceSettings, split
from gala.uploads import uploads_folder
from gala_api.auth.settings import IdentitySettings
from gala_api.rate_limit.settings import LimitSettings

Origins = Annotated[list[str], NoDecode, BeforeValidator(split)]


class ApiSettings(IdentitySettings, LimitSettings, ServiceSettings):
    """Settings of the API process. Times are in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    database_url: PostgresDsn
    redis_url: RedisDsn
    job_queue_name: str = Field(default="gala", pattern=r"^[A-Za-z0-9_-]+$")
    data_root: Path = Path("/data")
    renderer_http_baseurl: str = "http://127.0.0.1:9000"

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8080, ge=1, le=65535)
    public_base_url: str | None = None
    cors_allowed_origins: Origins = Field(
        default=["http://localhost:8081", "http://127.0.0.1:8081"]
    )
    api_max_upload_bytes: int = Field(default=8 * 1024**3, ge=1)
    renderer_min_free_bytes: int = Field(default=MIN_FREE_BYTES, ge=0)
    """Less free space than this in ``data_root`` or the local storage is reported; the same as the
    renderer's."""
    gala_secret_key: SecretStr | None = None
    """Signs links, API keys and webhooks; the same for every API and worker."""
    fetch_allowed_hosts: HostList = AllowedHosts()
    """Local hosts, and hosts with ports other than 80 and 443, that users' URLs may name."""

    process_wait_seconds: float = Field(default=240, ge=0, le=3600)
    """How long `/process` waits for the result; less than its clients' timeout (300)."""
    model_check_seconds: float = Field(default=20, ge=0.1, le=600)
    """How long requests wait for the previews of a model; less than clients' timeout (30)."""
    process_link_seconds: int = Field(default=24 * 3600, ge=60, le=7 * 24 * 3600)
    """The lifetime of links in responses of `/process` and in notifications."""

    log_format: LogFormat = LogFormat.CONSOLE
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def base_url(self) -> str:
        """The URL of this API for clients, without a trailing slash."""
        if self.public_base_url is not None:
            return self.public_base_url.rstrip("/")
        return f"http://localhost:{self.api_port}"

    def location(self, path: str) -> str:
        """Return the address of a resource, relative to the host that the client used.

        It begins with the path of ``base_url``, at which a proxy may have put the API.
        """
        return urlsplit(self.base_url).path + path

    @property
    def uploads(self) -> Path:
        """The folder of uploads that are not stored yet."""
        return uploads_folder(self.data_root)


class SwaggerSettings(BaseSettings):
    """Settings of the Swagger UI process."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    swagger_host: str = "127.0.0.1"
    swagger_port: int = Field(default=8081, ge=1, le=65535)
    api_port: int = Field(default=8080, ge=1, le=65535)
    public_base_url: str | None = None

    log_format: LogFormat = LogFormat.CONSOLE
    log_level: Literal["debug", "info", "warning", "error"] = "info"
