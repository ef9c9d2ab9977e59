"""The server that a client connects to if the caller names none.

The command line and the Python clients use the first of these that there is:

1. the URL that the caller gives: ``--url``, ``base_url``;
2. the environment variable ``GALA_URL``;
3. the GALA that runs from ``GALA_HOME`` on this machine (``gala up``);
4. ``PUBLIC_BASE_URL``, under which the API is published;
5. ``http://localhost:8080``, or the port in ``API_PORT``.

``gala up`` writes its URL into the lock file of its home. The lock ends with the process, however
that ends, so that the URL of a GALA that was killed is never used.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic_settings import BaseSettings, SettingsConfigDict

from gala.errors import InvalidRequest
from gala.settings import default_home

DEFAULT_PORT: Final = 8080
DEFAULT_URL: Final = f"http://localhost:{DEFAULT_PORT}"
LOCK_FILE: Final = "lock"
"""File in GALA's home: locked while a GALA runs from it, with the URL of its API as content."""

_MAX_URL: Final = 2000


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """The URL of a server, and where it comes from, for messages."""

    url: str
    source: str


class _Environment(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    gala_url: str | None = None
    gala_home: Path | None = None
    public_base_url: str | None = None
    api_port: str | None = None
    """As text: it is not read, and cannot be invalid, if the server is named otherwise."""


def named_server(url: str | None, option: str = "--url") -> ServerAddress | None:
    """Return the server that is named by the caller or by ``GALA_URL``, if any.

    ``option`` is the caller's name of ``url``.
    """
    if url is not None:
        return ServerAddress(url, option)
    from_environment = _Environment().gala_url
    return None if from_environment is None else ServerAddress(from_environment, "GALA_URL")


def find_server(url: str | None = None, option: str = "--url") -> ServerAddress:
    """Return the server to connect to, by the rule of this module.

    Raises:
        InvalidRequest: the server is the one at ``API_PORT``, and that is not a port.
    """
    return named_server(url, option) or _unnamed_server(_Environment())


def running_url(home: Path) -> str | None:
    """Return the URL of the GALA that runs from this home; ``None`` if none does."""
    if sys.platform == "win32":
        return None  # There is no embedded GALA.
    import fcntl  # noqa: PLC0415 - Windows does not have it

    try:
        with (home / LOCK_FILE).open(encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return lock.read(_MAX_URL).strip() or None
    except (OSError, UnicodeDecodeError):
        return None
    return None


def _unnamed_server(environment: _Environment) -> ServerAddress:
    home = environment.gala_home
    if home is None and sys.platform != "win32":
        home = default_home()
    if home is not None and (running := running_url(home)):
        return ServerAddress(running, f"running from {home}")
    if environment.public_base_url is not None:
        return ServerAddress(environment.public_base_url, "PUBLIC_BASE_URL")
    if environment.api_port is None:
        # The user may believe that it is the one of this home.
        note = f"; no GALA runs from {home}" if environment.gala_home else ""
        return ServerAddress(DEFAULT_URL, f"default{note}")
    port = environment.api_port
    if not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535):
        raise InvalidRequest(
            f"API_PORT: {port!r} is not a port", field="API_PORT", hint="set it to 1 to 65535"
        )
    return ServerAddress(f"http://localhost:{port}", "API_PORT")
