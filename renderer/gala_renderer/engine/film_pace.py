"""How fast this renderer makes films, beside what is estimated for them."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from threading import Lock
from typing import Final

_WEIGHT: Final = 0.3
"""Of the latest film."""
_SLOWEST: Final = 50.0
_FASTEST: Final = 0.02
_LEAST_SECONDS: Final = 1.0
"""Shorter films say more about starting than about rendering."""


class FilmPace:
    """The measured seconds of films as a multiple of the estimated ones; kept in a file.

    Safe to use in several threads.
    """

    def __init__(self, path: Path):
        self._path = path
        self._lock = Lock()
        self._known = _read(path)

    @property
    def current(self) -> float:
        """The average of the last films, the latest counting most; 1 before the first one."""
        return 1.0 if self._known is None else round(self._known, 3)

    def record(self, seconds: float, *, estimate: float) -> None:
        """Add a film that was rendered whole; very short ones are ignored."""
        if min(seconds, estimate) < _LEAST_SECONDS:
            return
        latest = min(max(seconds / estimate, _FASTEST), _SLOWEST)
        with self._lock:
            # The geometric mean: twice as long and half as long balance each other.
            known = latest if self._known is None else self._known
            self._known = known ** (1 - _WEIGHT) * latest**_WEIGHT
            self._write(self._known)

    def _write(self, pace: float) -> None:
        partial = self._path.with_suffix(".partial")
        with contextlib.suppress(OSError):  # without space, it is measured again
            partial.write_text(json.dumps({"pace": pace}))
            partial.replace(self._path)


def _read(path: Path) -> float | None:
    try:
        pace = float(json.loads(path.read_text())["pace"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return pace if _FASTEST <= pace <= _SLOWEST else None
