"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

MIN_PAUSE_SECONDS = 0.02
MAX_PAUSE_SECONDS = 0.1


def wait_until(condition: Callable[[], T], timeout_seconds: float = 10.0, *, what: str = "") -> T:
    """Call ``condition`` until its result is true and return it; fail after the timeout.

    The pauses grow with the time that has passed: a condition that lists all processes or opens a
    connection would otherwise take CPU from what it waits for.
    """
    start = time.monotonic()
    while True:
        answer = condition()
        if answer:
            return answer
        passed = time.monotonic() - start
        if passed > timeout_seconds:
            subject = what or getattr(condition, "__name__", "the condition")
            raise AssertionError(f"{subject} did not come true within {timeout_seconds:g} s")
        time.sleep(min(max(passed / 20, MIN_PAUSE_SECONDS), MAX_PAUSE_SECONDS))
