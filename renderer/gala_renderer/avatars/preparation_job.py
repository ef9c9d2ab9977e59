"""The job of the program that prepares portraits, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gala_renderer.avatars.body import Box
from gala_renderer.avatars.frame_job import FrameJob


@dataclass(frozen=True, kw_only=True)
class PortraitJob:
    """One picture: raw RGBA of ``width`` x ``height`` pixels, and the face that is wanted."""

    picture: Path
    width: int
    height: int
    face: int
    """Counted from 1, the largest first."""
    points: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By :class:`~gala.render_types.params.presenters.FacePoint`, in fractions of the sides."""
    target: Path
    """The folder that is filled; it must not exist."""
    preview: Path | None = None
    """A JPEG that shows what was found, to be written."""


@dataclass(frozen=True, kw_only=True)
class PreparationJob:
    """The portraits to prepare with the weights in ``weights_dir``."""

    weights_dir: Path
    portraits: tuple[PortraitJob, ...]


@dataclass(frozen=True, kw_only=True)
class PreviewTask:
    """What the program of previews has to do next."""

    prepare: PreparationJob | None = None
    draw: FrameJob | None = None
    """The last one."""


@dataclass(frozen=True, kw_only=True)
class FoundFace:
    """A face of a picture; the box is in fractions of its sides: left, top, right, bottom."""

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


@dataclass(frozen=True, kw_only=True)
class PortraitAnswer:
    """What was found in one picture; one line of the program's output."""

    faces: tuple[FoundFace, ...] = ()
    """All faces, the largest first."""
    weights_missing: bool = False
    refused: str | None = None
    """The message of the error if the given points are no face."""
