"""A clock that only sleeping advances."""

from __future__ import annotations

from gala_storage import RetryPolicy


class Clock:
    """A clock and the durations of its sleeps, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Advance the clock at once."""
        self.pauses.append(seconds)
        self.now += seconds

    def policy(self, *, attempts: int = 6, patience: float = 60.0) -> RetryPolicy:
        """Return a retry policy that uses this clock."""
        return RetryPolicy(
            attempts=attempts, patience=patience, sleep=self.sleep, clock=lambda: self.now
        )
