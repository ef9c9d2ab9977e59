"""Count how often each client has received the status ``failed`` for a file.

The media server 0.3.5 had no status ``failed``: its clients poll until a file is ``ready`` or
``not_found``, some of them without end. A client that asks again after three such
responses does not know the status, and gets the one that ends its polling.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Annotated, Final

from fastapi import Depends, Request

from gala_api.media_server.file_status import FileStatusResponse

_REPORTS: Final = 3
_MAX_CLIENTS: Final = 10_000
"""Files and clients that are remembered; the ones that asked longest ago are forgotten."""


@dataclass(frozen=True, slots=True)
class _Key:
    owner: str
    file_id: str
    client: str
    """Its ``User-Agent``, cut to 200 characters."""


class FailureReports:
    """Counts the answers ``failed`` of this process, by file and client program."""

    def __init__(self) -> None:
        self._counts: OrderedDict[_Key, int] = OrderedDict()
        self._lock = Lock()

    def answer(
        self, response: FileStatusResponse, *, owner: str, file_id: str, client: str | None
    ) -> FileStatusResponse:
        """Return the response for a client that asks for the status of a file.

        A client without a ``User-Agent`` cannot be identified, and always gets ``failed``.
        """
        if not response.failed or not client:
            return response
        return (
            response.as_not_found()
            if self._asks_on(_Key(owner, file_id, client[:200]))
            else response
        )

    def _asks_on(self, key: _Key) -> bool:
        with self._lock:
            count = self._counts.pop(key, 0)
            self._counts[key] = min(count + 1, _REPORTS)
            if len(self._counts) > _MAX_CLIENTS:
                self._counts.popitem(last=False)
        return count >= _REPORTS


def _reports(request: Request) -> FailureReports:
    state = request.app.state
    if not hasattr(state, "media_failure_reports"):
        state.media_failure_reports = FailureReports()
    reports: FailureReports = state.media_failure_reports
    return reports


FailureReportsDep = Annotated[FailureReports, Depends(_reports)]
