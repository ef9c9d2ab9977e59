"""Environment variables of the command line and of the services that it starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, PostgresDsn, RedisDsn, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gala.default_voice import DefaultVoice
from gala.disk_space import MIN_FREE_BYTES
from gala.errors import InvalidRequest
from gala.settings import ServiceSettings, settings_errors

Port = Annotated[int, Field(ge=1, le=65535)]
Slots = Annotated[int, Field(ge=0, le=64)]


class MachineSettings(BaseSettings):
    """Settings of ``gala up``; each service also reads its own settings from the environment."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    gala_home: Path | None = None
    """Folder of embedded servers, staging and storage, each of which can be set separately."""
    database_url: PostgresDsn | None = None
    """An external PostgreSQL instead of the embedded one."""
    redis_url: RedisDsn | None = None
    """An external Redis instead of the embedded one."""
    data_root: Path | None = None
    storage_local_root: Path | None = None
    storage_provider: str = "localfs"
    gala_weights_dir: Path | None = None
    """Folder of model weights (``gala weights pull``); ``weights`` in ``gala_home`` if unset."""

    gala_voice: DefaultVoice = DefaultVoice.AUTO
    """Whether ``gala up`` and ``gala demo`` install Kokoro's weights, if they are missing."""
    kokoro_weights: Path | None = None
    kokoro_backend: str = "auto"
    gala_faces: bool = True
    """Whether they also install the models that find faces, for portraits that speak."""

    api_host: str = "127.0.0.1"
    api_port: Port = 8080
    swagger_port: Port = 8081
    renderer_port: Port = 9000
    media_server_port: Port | None = None
    """A second port of the API, for clients of the media server (which uses 8000)."""
    renderer_min_free_bytes: int = Field(default=MIN_FREE_BYTES, ge=0)
    worker_slots_batch: Slots = 1
    worker_slots_interactive: Slots = 1


class CallerSettings(BaseSettings):
    """The API key; not an option, because options are visible in ``ps``."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    gala_api_key: SecretStr | None = None


class KeyringSettings(ServiceSettings):
    """The secret with which ``gala keys`` creates API keys in the database."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    gala_secret_key: SecretStr | None = None


def api_key() -> str | None:
    """Return the API key, if one is set."""
    key = CallerSettings().gala_api_key
    return None if key is None else key.get_secret_value()


def read_settings() -> MachineSettings:
    """Return the settings of the environment.

    Raises:
        InvalidRequest: a value is invalid; the message names the variable.
    """
    try:
        return MachineSettings()
    except ValidationError as error:
        raise InvalidRequest(settings_errors(error)) from error


def environment() -> Mapping[str, str]:
    """Return the environment that the services inherit."""
    return dict(os.environ)
