"""Counters of a workflow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class WorkflowMetrics:
    """Counts since the workflow was created; ``seconds`` is the total time of all work."""

    started: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    retried: int = 0
    cached: int = 0
    callback_errors: int = 0
    seconds: float = 0.0
