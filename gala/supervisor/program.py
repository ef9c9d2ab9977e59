"""Description of a supervised program."""

from __future__ import annotations

import http.client
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from gala.errors import GalaError


class ServiceFailed(GalaError):
    """A service ended or was not ready in time."""


@dataclass(frozen=True, slots=True)
class Account:
    """A system user that a program runs as."""

    name: str
    uid: int
    gid: int


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program to keep running."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] | None = None
    """The complete environment; ``None`` inherits the environment of this process."""
    cwd: Path | None = None
    account: Account | None = None
    is_ready: Callable[[], bool] = _always
    """Returns True if the running program is ready; polled, so it should be quick."""
    stop_signal: signal.Signals = signal.SIGTERM
    """Signal that stops the program; also sent when the supervisor itself is killed."""
    grace_seconds: float = 10.0
    """Seconds between the stop signal and SIGKILL."""
    inherited: tuple[int, ...] = ()
    """File descriptors of this process that the program has, too."""


def http_ready(url: str, *, timeout_seconds: float = 2.0) -> Callable[[], bool]:
    """Return a readiness check that succeeds if ``GET url`` does, without using proxies."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port

    def check() -> bool:
        connection = http.client.HTTPConnection(host, port, timeout=timeout_seconds)
        try:
            connection.request("GET", parts.path or "/")
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return False
        else:
            return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
        finally:
            connection.close()

    return check
