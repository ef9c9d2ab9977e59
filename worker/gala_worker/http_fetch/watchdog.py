"""Sees to it that talking to a stranger's server ends: in time, at a fair pace, when asked to."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import httpcore

from gala.errors import FetchFailed

SLICE_SECONDS: Final = 0.25
"""The longest that anything waits before it looks up again."""

_LEAST_BYTES: Final = 16 * 1024
"""What a server has to send in the time for which it may be silent; less is a drip."""


class Watch:
    """The patience that one fetch has, through all its redirects and resumptions."""

    def __init__(self, seconds: float, quiet_seconds: float, check: Callable[[], None]):
        """``check`` raises whatever else is a reason to stop; it is called often."""
        self._seconds = seconds
        self._quiet_seconds = quiet_seconds
        self._check = check
        self._deadline = time.monotonic() + seconds
        self.rest()

    def rest(self) -> None:
        """Begin a new stretch: what was before counts for nothing."""
        self._since, self._bytes = time.monotonic(), 0

    def received(self, count: int) -> None:
        """Note bytes that came."""
        self._bytes += count

    def look(self) -> None:
        """Raise a reason to stop: ``check``'s own, FetchFailed, or httpcore's ReadTimeout.

        The last means that the server is silent or drips; another connection may do better.
        """
        self._check()
        now = time.monotonic()
        if now > self._deadline:
            raise FetchFailed(
                f"Fetching took longer than {self._seconds:g} seconds.", rule="too_slow"
            )
        if now - self._since > self._quiet_seconds:
            if self._bytes < _LEAST_BYTES:
                raise httpcore.ReadTimeout(f"too little came in {self._quiet_seconds:g} seconds")
            self.rest()

    def pause(self, seconds: float) -> None:
        """Wait that long, looking up meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.rest()
            self.look()
            time.sleep(min(left, SLICE_SECONDS))
        self.rest()
