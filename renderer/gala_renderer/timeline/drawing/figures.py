"""Figures that grow in: what charts are made of. Lengths are pixels of the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from gala.timeline.compilation.easings import eased
from gala.timeline.document.easing import CubicBezier, Easing, EasingCurve

_ROUNDING: Final = 1e-6


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The frames of the layer in which something grows."""

    first: float = 0
    frames: float = 0
    easing: Easing = Easing.EASE_OUT
    curve: CubicBezier | None = None
    """Instead of ``easing``."""

    @classmethod
    def along(cls, easing: EasingCurve, *, first: float, frames: float) -> Growth:
        """Return the growth in these frames, with a named easing or a curve."""
        if isinstance(easing, CubicBezier):
            return cls(first=first, frames=frames, curve=easing)
        return cls(first=first, frames=frames, easing=easing)

    def at(self, frame: int) -> float:
        """Return how far it is, 0 to 1."""
        if frame >= self.end:
            return 1.0
        if not self.frames:
            return 0.0
        return min(
            max(eased(self.curve or self.easing, (frame - self.first) / self.frames), 0.0), 1.0
        )

    def reaches(self, part: float) -> int:
        """Return the first frame in which it is as far as a part, 0 to 1."""
        frames = range(math.ceil(self.end) + 1)
        return next(at for at in frames if self.at(at) >= part - _ROUNDING)

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
    toward: Literal["right", "left", "up", "down"] = "right"
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
class Slice:
    """A share of a disc or a ring, which is uncovered clockwise from the top with all others."""

    kind: Literal["slice"] = "slice"
    center: tuple[float, float]
    inner: float
    """Radius of the hole; 0 for a disc."""
    outer: float
    start: float
    """Of a whole turn, as ``end``."""
    end: float
    gap: float
    """Width of the line between it and its neighbours."""
    color: str
    growth: Growth = Growth()
    """That of the whole disc."""

    @property
    def complete_from(self) -> float:
        """The frame from which it is seen whole."""
        return self.growth.reaches(self.end)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A line through points, drawn from the first to the last, with the area below it."""

    kind: Literal["curve"] = "curve"
    points: tuple[tuple[float, float], ...]
    thickness: float
    color: str
    floor: float
    """The other edge of the area, which the line may cross."""
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


Figure: TypeAlias = Bar | Arc | Slice | Curve | Label


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A picture of figures, the lowest first."""

    figures: tuple[Figure, ...]


def settles(figure: Figure) -> float:
    """Return the frame from which a figure no longer changes."""
    if isinstance(figure, Label):
        return max(figure.appears.end, figure.moves.end, figure.first, figure.until or 0)
    return figure.complete_from if isinstance(figure, Slice) else figure.growth.end
