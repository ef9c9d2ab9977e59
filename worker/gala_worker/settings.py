"""Settings of the worker, read once from the environment at start-up."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import Field, PostgresDsn, RedisDsn, SecretStr
from pydantic_settings import SettingsConfigDict

from gala.disk_space import MIN_FREE_BYTES
from gala.job import Lane
from gala.log import LogFormat
from gala.net.urls import AllowedHosts
from gala.settings import HostList, ServiceSettings

DISK_FULL_HINT: Final = "Free some space under DATA_ROOT."


class WorkerSettings(ServiceSettings):
    """Settings of one worker process. Times are in seconds unless the name says hours."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    database_url: PostgresDsn
    redis_url: RedisDsn
    job_queue_name: str = Field(default="gala", pattern=r"^[A-Za-z0-9_-]+$")
    data_root: Path = Path("/data")
    renderer_http_baseurl: str = "http://127.0.0.1:9000"

    api_port: int = Field(default=8080, ge=1, le=65535)
    public_base_url: str | None = None
    """Base URL of the links in notifications."""

    renderer_min_free_bytes: int = Field(default=MIN_FREE_BYTES, ge=0)
    """No job is claimed while less space than this is free in ``data_root``; the same as the
    renderer's."""

    worker_lane: Lane = Lane.BATCH
    worker_cleanup_local: bool = False
    worker_staging_ttl_hours: float = Field(default=24, gt=0)
    worker_lease_seconds: float = Field(default=60, ge=1)
    worker_sweep_seconds: float = Field(default=15, ge=0.1)
    worker_max_failures: int = Field(default=3, ge=1)
    worker_max_crashes: int = Field(default=3, ge=1)
    worker_backoff_seconds: float = Field(default=2, ge=0)
    worker_renderer_wait_seconds: float = Field(default=60, ge=0)
    worker_shutdown_seconds: float = Field(default=20, ge=0)
    job_deadline_seconds: float = Field(default=3600, gt=0)

    process_link_seconds: int = Field(default=24 * 3600, ge=60, le=7 * 24 * 3600)
    """How long the links in a notification are valid after each attempt to send it."""
    gala_secret_key: SecretStr | None = None
    """Key that signs webhooks; the same for every API and worker."""
    fetch_allowed_hosts: HostList = AllowedHosts()
    """Local hosts, and hosts with ports other than 80 and 443, that URLs of users may name."""
    fetch_max_bytes: int = Field(default=8 * 1024**3, ge=1)
    fetch_seconds: float = Field(default=900, gt=0)
    """Time limit of one fetch, including redirects and resumptions."""
    fetch_cache_bytes: int = Field(default=2 * 1024**3, ge=0)
    """Maximum size of the cache of fetched files, which are revalidated by ETag; 0 disables it."""

    log_format: LogFormat = LogFormat.CONSOLE
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def base_url(self) -> str:
        """The API's public base URL without a trailing slash, computed as in the API."""
        if self.public_base_url is not None:
            return self.public_base_url.rstrip("/")
        return f"http://localhost:{self.api_port}"

    @property
    def heartbeat_seconds(self) -> float:
        """Interval of heartbeats: short enough to notice a cancel and to survive lost ones."""
        return min(1.0, self.worker_lease_seconds / 6)
