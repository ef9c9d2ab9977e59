"""Types and checks that the settings of all processes share."""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from gala import log
from gala.log import LogFormat
from gala.net.urls import AllowedHosts, service_address

SECRETS: Final = Path("/secrets")
"""A folder of files, each with the value of the setting that it is named after."""

_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")


class ServiceSettings(BaseSettings):
    """Settings from environment variables or, where these are unset, from files in `SECRETS`.

    Files keep secrets out of the environment, which child processes inherit.
    """

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources, the most important one first."""
        if SECRETS.is_dir():
            file_secret_settings = SecretsSettingsSource(settings_cls, SECRETS)
        return init_settings, env_settings, dotenv_settings, file_secret_settings


def split(value: object) -> object:
    """Split a comma-separated setting into its parts."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _hosts(value: object) -> object:
    return AllowedHosts.parse(value.replace(",", " ").split()) if isinstance(value, str) else value


HostList = Annotated[AllowedHosts, NoDecode, BeforeValidator(_hosts)]
"""Hosts, ``host:port`` and networks, separated by commas: ``nas.local:8000, 192.168.1.0/24``."""

ServiceAddress = Annotated[str, AfterValidator(service_address)]
"""URL of a service of the operator: ``http(s)://host[:port][/path]``."""


def bearer_key(key: SecretStr) -> SecretStr:
    """Return the key without surrounding white space, which files and shells may add.

    Raise ValueError, without showing the key, if it cannot be sent in a header.
    """
    value = key.get_secret_value().strip()
    if not _VISIBLE.fullmatch(value):
        raise ValueError("must be visible ASCII characters; leave it unset if there is no key")
    return SecretStr(value)


ServiceKey = Annotated[SecretStr, AfterValidator(bearer_key)]
"""A key that is sent to a service as a bearer token."""


def settings_errors(error: ValidationError) -> str:
    """Return a message with one line for each missing or invalid environment variable."""
    lines = [
        f"{'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    ]
    return "Settings are missing or wrong:\n  " + "\n  ".join(lines)


class _LogSettings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True)

    log_format: str = LogFormat.CONSOLE


def requested_log_format() -> LogFormat:
    """Return the format in ``LOG_FORMAT``, for messages about other settings that are invalid."""
    requested = _LogSettings().log_format
    return LogFormat.JSON if requested == LogFormat.JSON else LogFormat.CONSOLE


def report_settings_errors(service: str, error: ValidationError) -> None:
    """Report the errors before the process ends: to standard error, or as a line of JSON."""
    message = settings_errors(error)
    if requested_log_format() is LogFormat.JSON:
        log.configure(service=service, level="INFO", log_format=LogFormat.JSON)
        logging.getLogger("gala").critical("%s", message)
    else:
        print(message, file=sys.stderr)  # noqa: T201 - logging is not set up yet


def refuse_overlap(data_root: Path, storage_local_root: Path | None) -> None:
    """Raise ValueError if staging and storage overlap: cleanup would delete assets."""
    if storage_local_root is None:
        return
    staging, storage = data_root.resolve(), storage_local_root.resolve()
    if staging.is_relative_to(storage) or storage.is_relative_to(staging):
        raise ValueError(
            f"DATA_ROOT ({staging}) and STORAGE_LOCAL_ROOT ({storage}) must not overlap: "
            "staged files are deleted, stored files are kept."
        )


def default_home() -> Path:
    """Return the folder that is used if ``GALA_HOME`` is not set.

    For root it is outside its home folder, because the embedded PostgreSQL, which refuses to run
    as root, must be able to enter it.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/gala")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "gala"
    return Path.home() / ".local" / "share" / "gala"


def weights_folder(gala_weights_dir: Path | None, gala_home: Path | None) -> Path:
    """Return the folder of model weights: ``GALA_WEIGHTS_DIR``, else ``weights`` in GALA's home."""
    return gala_weights_dir or (gala_home or default_home()) / "weights"
