"""Posts a message to a user's server, for webhooks: the guarded way, and once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from gala.errors import FetchInterrupted
from gala.net.ssrf_guard import Guard
from gala_worker.http_fetch.exchange import CONNECTION_ERRORS, asked
from gala_worker.http_fetch.watchdog import Watch

_MOST_READ: Final = 64 * 1024


class Poster:
    """Posts to public addresses and to hosts that the operator allows."""

    def __init__(self, guard: Guard):
        self._guard = guard

    def post(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> int:
        """The answer's status; a redirect is one, too, and what is answered is dropped.

        Raises UrlRefused for an address that is not posted to, FetchFailed if it takes longer than
        ``seconds``, and FetchInterrupted if the server does not answer properly.
        """
        target = self._guard.url(url)
        watch = Watch(seconds, seconds, _nothing)
        try:
            with asked(
                self._guard, target, watch, method="POST", headers=headers, body=body
            ) as answer:
                with suppress(*CONNECTION_ERRORS):
                    _drop(answer.body)
                return answer.status
        except CONNECTION_ERRORS as error:
            raise FetchInterrupted(
                f"The server {target.authority} does not answer properly.", rule="connection"
            ) from error


def _drop(body: Iterable[bytes]) -> None:
    read = 0
    for chunk in body:
        read += len(chunk)
        if read > _MOST_READ:
            return


def _nothing() -> None:
    """Nobody cancels a message."""
