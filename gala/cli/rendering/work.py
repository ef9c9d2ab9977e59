"""What a maker gives back."""

from __future__ import annotations

from dataclasses import dataclass

from gala.engine import Made


@dataclass(frozen=True, slots=True)
class Work:
    """What was made, and the job that made it where a server did."""

    made: Made
    job_id: str | None = None
