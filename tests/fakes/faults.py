"""Faults that a test asks a stand-in for: each hits the next matching requests, then is gone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock


@dataclass(kw_only=True)
class Fault:
    """What goes wrong with a request whose ``METHOD /path?query`` matches ``on``.

    Exactly one thing: an answer of its own (``status``), or one of the others.
    """

    on: str
    times: int = 1
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_request_after: int | None = None
    """Close the connection once that many bytes of the request's body have arrived."""
    cut_answer_after: int | None = None
    """Close the connection once that many bytes of the answer's body were sent."""
    lose_answer: bool = False
    """Do what was asked, then close the connection without an answer."""
    corrupt: bool = False
    """Store other bytes than those that were sent."""
    accept_only: int | None = None
    """Drive: keep no more than that many bytes of the chunk and say so with 308."""
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    """Put these in place of the true answer's headers."""


class Faults:
    """The faults still to come."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Let it happen, after those added before."""
        with self._lock:
            self._pending.append(fault)

    def take(self, method: str, target: str) -> Fault | None:
        """The fault for this request, if there is one."""
        with self._lock:
            for fault in self._pending:
                if re.search(fault.on, f"{method} {target}"):
                    fault.times -= 1
                    if fault.times == 0:
                        self._pending.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._pending.clear()

    @property
    def all_happened(self) -> bool:
        """Whether every fault asked for has hit a request."""
        with self._lock:
            return not self._pending
