"""What the environment says about running GALA on this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, PostgresDsn, RedisDsn, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gala.errors import InvalidRequest
from gala.settings import settings_errors

Port = Annotated[int, Field(ge=1, le=65535)]
Slots = Annotated[int, Field(ge=0, le=64)]


class MachineSettings(BaseSettings):
    """One machine that runs everything. What is not said here, each process reads for itself."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    gala_home: Path | None = None
    """Where embedded data, staging and storage lie; each can be moved alone."""
    database_url: PostgresDsn | None = None
    """A PostgreSQL of one's own instead of the embedded one."""
    redis_url: RedisDsn | None = None
    """A Redis of one's own instead of the embedded one."""
    data_root: Path | None = None
    storage_local_root: Path | None = None
    gala_weights_dir: Path | None = None
    """Where ``gala weights pull`` puts models' weights; ``weights`` in ``gala_home`` if unset."""

    api_host: str = "127.0.0.1"
    api_port: Port = 8080
    swagger_port: Port = 8081
    renderer_port: Port = 9000
    media_server_port: Port | None = None
    """Where the API listens as well, for clients of the media server: theirs is 8000."""
    worker_slots_batch: Slots = 1
    worker_slots_interactive: Slots = 1


class CallerSettings(BaseSettings):
    """What the command line shows to an API. Never an option: those can be seen in ``ps``."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    gala_api_key: SecretStr | None = None


class KeyringSettings(BaseSettings):
    """What it takes to give out API keys without asking an API."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    gala_secret_key: SecretStr | None = None


def api_key() -> str | None:
    """What to show to an API, if there is something."""
    key = CallerSettings().gala_api_key
    return None if key is None else key.get_secret_value()


def read_settings() -> MachineSettings:
    """The settings of the environment.

    Raises:
        InvalidRequest: one makes no sense; the message names the variable.
    """
    try:
        return MachineSettings()
    except ValidationError as error:
        raise InvalidRequest(settings_errors(error)) from error


def environment() -> Mapping[str, str]:
    """What the services inherit."""
    return dict(os.environ)
