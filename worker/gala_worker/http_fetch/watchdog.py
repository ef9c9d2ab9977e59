"""Limits on a request to an unknown server: total time, minimum pace, cancellation."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import httpcore

from gala.errors import FetchFailed

SLICE_SECONDS: Final = 0.25
"""Longest time that any call blocks between two checks."""

_MIN_BYTES: Final = 16 * 1024
"""Bytes that a server must send within ``quiet_seconds``."""


class Watchdog:
    """The limits of one fetch, including its redirects and resumptions."""

    def __init__(self, seconds: float, quiet_seconds: float, check: Callable[[], None]):
        """``check`` is called often, and raises if there is another reason to stop."""
        self._seconds = seconds
        self._quiet_seconds = quiet_seconds
        self._check = check
        self._deadline = time.monotonic() + seconds
        self.restart_pace()

    def restart_pace(self) -> None:
        """Measure the pace from now on."""
        self._since, self._bytes = time.monotonic(), 0

    def count(self, size: int) -> None:
        """Count transferred bytes."""
        self._bytes += size

    def check(self) -> None:
        """Raise the reason to stop: the error of ``check``, FetchFailed or httpcore.ReadTimeout.

        ReadTimeout means that the server is silent or too slow; a new connection may be faster.
        """
        self._check()
        now = time.monotonic()
        if now > self._deadline:
            raise FetchFailed(
                f"Fetching took longer than {self._seconds:g} seconds.", rule="too_slow"
            )
        if now - self._since > self._quiet_seconds:
            if self._bytes < _MIN_BYTES:
                raise httpcore.ReadTimeout(
                    f"less than {_MIN_BYTES} bytes in {self._quiet_seconds:g} seconds"
                )
            self.restart_pace()

    def pause(self, seconds: float) -> None:
        """Wait ``seconds``, with checks."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.restart_pace()
            self.check()
            time.sleep(min(left, SLICE_SECONDS))
        self.restart_pace()
