"""POST of a message to a user's server, for webhooks, with the address checks of fetches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from gala.errors import FetchInterrupted
from gala.net.ssrf_guard import Guard
from gala_worker.http_fetch.exchange import CONNECTION_ERRORS, request
from gala_worker.http_fetch.watchdog import Watchdog

_MAX_READ_BYTES: Final = 64 * 1024


class Poster:
    """Sends messages to public addresses and to hosts that the operator allows."""

    def __init__(self, guard: Guard):
        self._guard = guard

    def post(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> int:
        """Send once and return the response's status; redirects are not followed.

        Raises UrlRefused for an address that is not allowed, FetchFailed after ``seconds``, and
        FetchInterrupted if the server does not respond properly.
        """
        target = self._guard.url(url)
        watchdog = Watchdog(seconds, seconds, _never_stop)
        try:
            with request(
                self._guard, target, watchdog, method="POST", headers=headers, body=body
            ) as response:
                with suppress(*CONNECTION_ERRORS):
                    _discard(response.body)
                return response.status
        except CONNECTION_ERRORS as error:
            raise FetchInterrupted(
                f"The server {target.authority} does not respond properly.", rule="connection"
            ) from error


def _discard(body: Iterable[bytes]) -> None:
    read = 0
    for chunk in body:
        read += len(chunk)
        if read > _MAX_READ_BYTES:
            return


def _never_stop() -> None:
    """Do nothing: messages cannot be cancelled."""
