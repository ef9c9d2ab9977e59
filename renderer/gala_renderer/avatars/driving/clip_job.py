"""The job of the program that looks for a face in a video, and what it answers."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class ClipJob(BaseModel):
    """A video, and the numbers of the frames in which the faces are wanted, in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    samples: tuple[int, ...]
    weights_dir: Path


class ClipAnswer(BaseModel):
    """How many frames it has, and for each sample the boxes of its faces in pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames: int
    faces: tuple[tuple[tuple[float, float, float, float], ...], ...]
    """Left, top, right and bottom."""
