"""The job of drawing a waveform."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Wave:
    """A waveform to draw. Lengths are pixels of its picture.

    ``levels`` is a file with float32, 0 to 1: of shape [frames, bars], or [bars] for ``progress``.
    """

    style: Literal["bars", "line", "progress"]
    levels: Path
    frames: int
    rate: float
    gap: float
    radius: float
    direction: Literal["both", "up", "down"]
    color: str
    end_color: str | None = None
    rest_color: str | None = None
    thickness: float = 1.0
    """Of lines."""
