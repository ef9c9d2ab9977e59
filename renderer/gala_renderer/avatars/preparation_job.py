"""The job of the program that prepares portraits, and what it answers."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from gala.render_types.params.presenters import FacePoint, Point
from gala_renderer.avatars.body import Box


class PortraitJob(BaseModel):
    """One picture: raw RGBA of ``width`` x ``height`` pixels, and the face that is wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    picture: Path
    width: int
    height: int
    face: int
    """Counted from 1, the largest first."""
    points: dict[FacePoint, Point] = {}
    target: Path
    """The folder that is filled; it must not exist."""
    preview: Path | None = None
    """A PNG that shows what was found, to be written."""


class PreparationJob(BaseModel):
    """The portraits to prepare with the weights in ``weights_dir``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights_dir: Path
    portraits: tuple[PortraitJob, ...]


class FoundFace(BaseModel):
    """A face of a picture; the box is in fractions of its sides: left, top, right, bottom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    box: tuple[float, float, float, float]
    height: float
    """In pixels."""
    score: float
    roll: float
    yaw: float
    pitch: float
    """In degrees."""

    def placed(self, width: float, height: float) -> Box:
        """Return the box in pixels of a picture of this size."""
        left, top, right, bottom = self.box
        return Box(left * width, top * height, right * width, bottom * height)


class PortraitAnswer(BaseModel):
    """What was found in one picture; one line of the program's output."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    faces: tuple[FoundFace, ...] = ()
    """All faces, the largest first."""
    weights_missing: bool = False
    refused: str | None = None
    """The message of the error if the given points are no face."""
