"""Figures that grow in: what charts are made of. Lengths are pixels of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from gala.timeline.compilation.easings import eased
from gala.timeline.document.easing import Easing


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The frames of the layer in which something grows."""

    first: float = 0
    frames: float = 0
    easing: Easing = Easing.EASE_OUT

    def at(self, frame: int) -> float:
        """Return how far it is, 0 to 1."""
        if frame >= self.end:
            return 1.0
        return eased(self.easing, (frame - self.first) / self.frames) if self.frames else 0.0

    @property
    def end(self) -> float:
        """The frame from which it no longer changes."""
        return self.first + self.frames


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A rectangle with round corners, which grows from one of its sides."""

    kind: Literal["bar"] = "bar"
    left: float
    top: float
    width: float
    height: float
    radius: float
    color: str
    opacity: float = 1.0
    toward: Literal["right", "left", "up"] = "right"
    growth: Growth = Growth()


@dataclass(frozen=True, kw_only=True)
class Arc:
    """A part of a ring with round ends, which grows clockwise from the top."""

    kind: Literal["arc"] = "arc"
    center: tuple[float, float]
    radius: float
    """To the middle of the ring."""
    thickness: float
    turn: float
    """0 to 1; 1 is the whole ring."""
    color: str
    opacity: float = 1.0
    growth: Growth = Growth()


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A line through points, drawn from the first to the last, with the area below it."""

    kind: Literal["curve"] = "curve"
    points: tuple[tuple[float, float], ...]
    thickness: float
    color: str
    floor: float
    """The lower edge of the area."""
    growth: Growth = Growth()


@dataclass(frozen=True, kw_only=True)
class Label:
    """A picture (PNG with RGBA) that appears and moves from ``shift`` to its place.

    It is shown from the frame ``first`` to before ``until``.
    """

    kind: Literal["label"] = "label"
    path: Path
    left: float
    top: float
    first: int = 0
    until: int | None = None
    appears: Growth = Growth()
    moves: Growth = Growth()
    shift: tuple[float, float] = (0.0, 0.0)


Figure: TypeAlias = Bar | Arc | Curve | Label


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A picture of figures, the lowest first."""

    figures: tuple[Figure, ...]


def settles(figure: Bar | Arc | Curve | Label) -> float:
    """Return the frame from which a figure no longer changes."""
    if isinstance(figure, Label):
        return max(figure.appears.end, figure.moves.end, figure.first, figure.until or 0)
    return figure.growth.end
