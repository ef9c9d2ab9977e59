"""What RQ calls when the bell rings. The answer is given by whoever was installed at the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_answerer: Callable[[str], Any] | None = None


def install(answerer: Callable[[str], Any]) -> None:
    """Let ``answerer`` take every ring of this process."""
    global _answerer  # noqa: PLW0603 - RQ calls functions by name, so the name must find its object
    _answerer = answerer


def answer(job_id: str) -> None:
    """There may be work, and this job is probably it."""
    if _answerer is None:
        raise RuntimeError("the bell rang in a process that is no worker")
    _answerer(job_id)
