"""The job of the program that draws presenters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gala.presenter_looks import Framing
from gala_renderer.avatars.bodies import BodySpec


class BackgroundKind(StrEnum):
    """What is behind a presenter."""

    OWN = "own"
    """What its picture shows there."""
    BLUR = "blur"
    """The same, blurred."""
    COLOR = "color"
    PICTURE = "picture"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class PresenterJob:
    """One presenter: its body, and its region of the frame (x, y, width, height; even)."""

    body: BodySpec
    region: tuple[int, int, int, int]
    framing: Framing
    background: BackgroundKind
    color: str
    """``#rrggbb``, also used where a body has no background of its own."""
    picture: Path | None = None
    """Raw RGB of ``picture_size``, of which the region's part is shown."""
    picture_size: tuple[int, int] = (0, 0)


@dataclass(frozen=True, kw_only=True)
class FrameJob:
    """Frames to draw: their size, number and rate, and where they go.

    ``motion`` is a file with float32 of shape [presenters, frames, curves], see
    :class:`~gala_renderer.avatars.pose.MotionTrack`.
    """

    pipe: Path
    width: int
    height: int
    alpha: bool
    fps: str
    frames: int
    motion: Path
    presenters: tuple[PresenterJob, ...]
    sparse: bool = False
    """Write IVF with numbered frames, and leave out those that repeat the one before."""
