"""A plan says what will be made, before anything is run. Frozen, comparable, free of any engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from gala_renderer.probe.media import Media

Report: TypeAlias = Callable[[float], None]
"""Told how far a step is, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """What is drawn on: sides in pixels, frames a second, and how many frames there are."""

    width: int
    height: int
    fps: int
    frames: int

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.frames / self.fps


@dataclass(frozen=True, slots=True)
class Layer:
    """A transparent PNG of ours, its corner at ``x``, ``y``; appears over ``fade_frames``."""

    path: Path
    x: int
    y: int
    fade_frames: int = 0


@dataclass(frozen=True, slots=True)
class Overlay:
    """A user's picture in the middle of the frame, over everything else."""

    media: Media
    cover: bool


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """Sound, looped or cut to the length; gain in decibels, fades in seconds."""

    media: Media
    gain_db: float
    fade_in: float
    fade_out: float


@dataclass(frozen=True, slots=True)
class Composition:
    """A video of layers on a backdrop; without a soundtrack it is silent."""

    canvas: Canvas
    colour: str
    """What is behind everything, as ``#rrggbb``."""
    backdrop: Media | None = None
    layers: tuple[Layer, ...] = ()
    overlay: Overlay | None = None
    soundtrack: Soundtrack | None = None

    @property
    def moves(self) -> bool:
        """Whether its pictures change from frame to frame, fades aside."""
        moving = [self.backdrop, self.overlay.media if self.overlay else None]
        return any(m is not None and m.picture is not None and not m.picture.still for m in moving)


@dataclass(frozen=True, slots=True)
class Feeder:
    """A program of ours that runs beside FFmpeg and writes what it reads from named pipes.

    It takes a pipe that is closed for the end of its work; any failure of its own ends the run.
    """

    command: tuple[str, ...]
    """Its argument list, an absolute path first."""
    pipes: tuple[Path, ...]
    """Made before it starts; FFmpeg has them as inputs."""


@dataclass(frozen=True, slots=True)
class FFmpegStep:
    """One run of FFmpeg; ``seconds`` is how much media it makes, to tell its progress."""

    name: str
    arguments: tuple[str, ...]
    seconds: float
    weight: float = 1.0
    feeder: Feeder | None = None


@dataclass(frozen=True, slots=True)
class PythonStep:
    """Work of our own. It must await often, or hand its work to a thread or the sandbox."""

    name: str
    work: Callable[[Report], Awaitable[None]]
    weight: float = 1.0


Step: TypeAlias = FFmpegStep | PythonStep


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in order, and the file that each output role is in when they are done.

    A file's name (in ``studio.part(name)``) has the suffix of its MIME type.

    Weights tell how long the steps take relative to each other. Warnings go to the job's log.
    """

    steps: tuple[Step, ...]
    outputs: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    then: Callable[[], Awaitable[Plan]] | None = None
    """Decides how it goes on when the steps are done, where that depends on what they made (the
    length of a voice, say). Outputs and warnings of both count."""
    then_weight: float = 1.0
    """How long what follows takes, relative to the steps' weights."""
    afresh: bool = False
    """Whether what was done before it came to nothing: all that is left of the progress is its."""
