"""Time that passes only when somebody sleeps."""

from __future__ import annotations

from gala_storage import RetryPolicy


class Clock:
    """A clock and the pauses that were slept on it, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let that time pass at once."""
        self.pauses.append(seconds)
        self.now += seconds

    def policy(self, *, attempts: int = 6, patience: float = 60.0) -> RetryPolicy:
        """A policy that lives on this clock."""
        return RetryPolicy(
            attempts=attempts, patience=patience, sleep=self.sleep, clock=lambda: self.now
        )
