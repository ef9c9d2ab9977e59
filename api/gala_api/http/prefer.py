"""The request header ``Prefer`` (RFC 7240), as far as this API honours it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_WAIT: Final = re.compile(r"(?:^|[,;\s])wait=(\"?)([0-9]{1,6})\1(?:$|[,;\s])", re.IGNORECASE)
_RESPOND_ASYNC: Final = re.compile(r"(?:^|[,;\s])respond-async(?:$|[,;\s])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prefer:
    """The preferences of a request; others than these two are ignored."""

    wait: int | None = None
    """Seconds that the client is willing to wait for the result."""
    respond_async: bool = False
    """The client would rather have a 202 than wait."""

    @classmethod
    def parse(cls, header: str | None) -> Prefer:
        """Return the preferences in the header's value, which may be absent."""
        wait = _WAIT.search(header or "")
        return cls(
            wait=None if wait is None else int(wait[2]),
            respond_async=_RESPOND_ASYNC.search(header or "") is not None,
        )
