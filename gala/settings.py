"""What the settings of all processes have in common."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError
from pydantic_settings import NoDecode

from gala.net.urls import AllowedHosts, service_address

_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")


def split(value: object) -> object:
    """The parts of a comma-separated setting."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _hosts(value: object) -> object:
    return AllowedHosts.parse(value.replace(",", " ").split()) if isinstance(value, str) else value


HostList = Annotated[AllowedHosts, NoDecode, BeforeValidator(_hosts)]
"""Hosts, ``host:port`` and networks, separated by commas: ``nas.local:8000, 192.168.1.0/24``."""

ServiceAddress = Annotated[str, AfterValidator(service_address)]
"""Where a service of the operator's answers: ``http(s)://host[:port][/path]``."""


def bearer_key(key: SecretStr) -> SecretStr:
    """The key without white space around it, which files and shells leave there.

    Raises ValueError, never showing it, if no header can hold it.
    """
    value = key.get_secret_value().strip()
    if not _VISIBLE.fullmatch(value):
        raise ValueError("a key is made of visible ASCII characters; without one, leave it unset")
    return SecretStr(value)


ServiceKey = Annotated[SecretStr, AfterValidator(bearer_key)]
"""What is sent to a service as a bearer token."""


def settings_errors(error: ValidationError) -> str:
    """A line for each environment variable that is missing or wrong, naming it."""
    lines = [
        f"{'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    ]
    return "Settings are missing or wrong:\n  " + "\n  ".join(lines)


def refuse_overlap(data_root: Path, storage_local_root: Path | None) -> None:
    """Raise ValueError if staging and storage overlap: cleanup would eat assets."""
    if storage_local_root is None:
        return
    staging, storage = data_root.resolve(), storage_local_root.resolve()
    if staging.is_relative_to(storage) or storage.is_relative_to(staging):
        raise ValueError(
            f"DATA_ROOT ({staging}) and STORAGE_LOCAL_ROOT ({storage}) must not overlap: "
            "what is staged is removed, what is stored is kept."
        )


def default_home() -> Path:
    """The folder used unless ``GALA_HOME`` names another.

    Root's is not in its home folder, because the embedded PostgreSQL, which refuses to run as
    root, must be able to enter it.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/gala")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "gala"
    return Path.home() / ".local" / "share" / "gala"


def weights_folder(gala_weights_dir: Path | None, gala_home: Path | None) -> Path:
    """Where models' weights lie: ``GALA_WEIGHTS_DIR``, else ``weights`` in GALA's home."""
    return gala_weights_dir or (gala_home or default_home()) / "weights"
