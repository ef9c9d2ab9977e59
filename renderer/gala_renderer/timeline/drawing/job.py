"""The job of the program that draws what moves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

COLUMNS = 20
"""Values of a frame: six of the matrix of the material, opacity, standard deviation of the blur in
pixels, six of the matrix of the mask, six of that of the cutout. Matrices lead from pixels of a
picture to pixels of the frame, row by row; a pixel is a square from its number to the next one."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """What moves: a picture as raw RGBA (straight), a video with a picture for each frame,
    pictures that follow one another (``path`` is a :class:`Sequence` as JSON; ``pages`` if another
    program drew them), or
    :class:`~gala_renderer.timeline.drawing.figures.Figures`, an
    :class:`~gala_renderer.timeline.drawing.text_parts.AnimatedText`, a
    :class:`~gala_renderer.timeline.drawing.wave_job.Wave` or a
    :class:`~gala_renderer.timeline.drawing.lottie.Lottie` as JSON.

    The video is RGB; with ``alpha``, a grey picture of the opacity is below each of its pictures,
    which makes them twice as high.
    """

    kind: Literal["picture", "video", "sequence", "pages", "figures", "text", "wave", "lottie"]
    path: Path
    width: int
    height: int
    alpha: bool


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """Pictures that follow one another: PNGs with RGBA, each with the frames that it is shown."""

    pictures: tuple[tuple[Path, int], ...]


@dataclass(frozen=True, kw_only=True)
class Mask:
    """A grey picture, raw, that is white where the material is seen."""

    path: Path
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Cutout(Mask):
    """A mask that moves by itself; nothing, or with ``inverted`` all, is seen beside it."""

    inverted: bool = False


@dataclass(frozen=True, kw_only=True)
class MovingJob:
    """A layer that moves: frames of ``width`` x ``height`` pixels, transparent with ``alpha``.

    ``poses`` is a file with float64 of shape [frames, COLUMNS]; the first ``skipped`` pictures of a
    video are left out.
    """

    pipe: Path
    width: int
    height: int
    alpha: bool
    material: Material
    poses: Path
    skipped: int = 0
    mask: Mask | None = None
    cutout: Cutout | None = None


@dataclass(frozen=True, kw_only=True)
class DrawingJob:
    """All that is drawn beside one run of FFmpeg."""

    layers: tuple[MovingJob, ...] = ()
    presenters: tuple[Path, ...] = ()
    """Files with a :class:`~gala_renderer.avatars.frame_job.FrameJob` each."""
