"""Faults of a fake service: each affects the next matching requests, then is used up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock


@dataclass(kw_only=True)
class Fault:
    """The fault of requests whose ``METHOD /path?query`` matches ``on``.

    Exactly one thing: an answer of its own (``status``), or one of the others.
    """

    on: str
    times: int = 1
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_request_after: int | None = None
    """Close the connection after that many bytes of the request's body."""
    cut_answer_after: int | None = None
    """Close the connection after that many bytes of the answer's body."""
    lose_answer: bool = False
    """Execute the request, then close the connection without an answer."""
    corrupt: bool = False
    """Store other bytes than were sent."""
    accept_only: int | None = None
    """Drive: keep at most that many bytes of the chunk and report them with 308."""
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    """Headers that replace those of the true answer."""


class Faults:
    """The pending faults."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Add a fault after the pending ones."""
        with self._lock:
            self._pending.append(fault)

    def take(self, method: str, target: str) -> Fault | None:
        """Return the fault for this request, or None."""
        with self._lock:
            for fault in self._pending:
                if re.search(fault.on, f"{method} {target}"):
                    fault.times -= 1
                    if fault.times == 0:
                        self._pending.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """Remove all pending faults."""
        with self._lock:
            self._pending.clear()

    @property
    def all_happened(self) -> bool:
        """Return True if every fault has affected a request."""
        with self._lock:
            return not self._pending
