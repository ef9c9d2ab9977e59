"""Location of the servers in their wheels, and the limit for socket paths."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Final

from gala.errors import GalaError, Unavailable
from gala.installation import install_hint

# The limit of macOS in bytes; Linux allows four bytes more.
MAX_SOCKET_PATH: Final = 103


def wheel_folder(package: str) -> Path:
    """Return the folder of an installed package without importing it.

    Raises:
        Unavailable: the package is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise Unavailable(
            f"the package {package} is not installed",
            hint=f"{install_hint('embedded')}, or set DATABASE_URL and REDIS_URL",
        )
    return Path(spec.origin).parent


def check_socket_path(path: Path) -> None:
    """Check that the path is short enough for a Unix socket.

    Raises:
        GalaError: the path is too long.
    """
    if len(os.fsencode(path)) > MAX_SOCKET_PATH:
        raise GalaError(
            f"the path {path} is too long for a Unix socket ({MAX_SOCKET_PATH} bytes)",
            hint="set GALA_HOME to a folder with a shorter path",
        )
