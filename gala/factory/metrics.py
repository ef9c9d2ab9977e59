"""What a workflow has done, in numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Metrics:
    """Counts since the workflow was made; ``seconds`` is the time of all work together."""

    started: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    retried: int = 0
    cached: int = 0
    callback_errors: int = 0
    seconds: float = 0.0
