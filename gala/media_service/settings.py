"""Settings of a media service, read from the environment when a service is created."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from gala.net.urls import AllowedHosts
from gala.settings import HostList


class MediaServiceSettings(BaseSettings):
    """The media server's address and token, and the local hosts that may be fetched from."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    media_server_url: str | None = None
    """Only for this library; by default the server that :mod:`gala.server_address` finds."""
    media_server_token: SecretStr | None = None
    """One of the server's ``AUTH_TOKENS``."""
    fetch_allowed_hosts: HostList = AllowedHosts()
    """Local hosts that images may be fetched from without a server."""
