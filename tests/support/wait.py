"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], timeout_seconds: float = 10.0, *, what: str = "") -> T:
    """Call ``condition`` until its result is true and return it; fail after the timeout."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            subject = what or getattr(condition, "__name__", "the condition")
            raise AssertionError(f"{subject} did not come true within {timeout_seconds:g} s")
        time.sleep(0.02)
