"""The protocol of bodies: what presenters look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.pose import Pose

Plane: TypeAlias = NDArray[np.uint8]
Redraw: TypeAlias = Callable[[], None]
"""Draws what was planned."""

_HAIR: Final = 0.35
"""How far hair reaches above the face, in heights of the face."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The planes of one output frame, which painters write into; BT.709, limited range, 4:2:0.

    ``y`` and ``alpha`` have the shape [height, width], ``u`` and ``v`` half of it (both sides are
    even). ``alpha`` (straight, 0 to 255) is None for opaque output.
    """

    y: Plane
    u: Plane
    v: Plane
    alpha: Plane | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; ``right`` and ``bottom`` are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.bottom - self.top


def usual_head_top(face: Box) -> float:
    """Return where hair ends above most faces, for :attr:`Body.head_top`."""
    return face.top - _HAIR * face.height


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a body's picture appears in a frame: frame = picture * ``scale`` + (``x``, ``y``)."""

    scale: float
    x: float
    y: float


class Painter(Protocol):
    """A body placed in a frame; keeps what it drew, so that it redraws only what changes."""

    def plan(self, pose: Pose, frame: Frame) -> Redraw:
        """Find out what has to change in a frame to show the presenter in this pose.

        Returns what changes it; until that is called, nothing in ``frame`` does. All plans are
        carried out, once and in the order in which they were made; the next ones may be made
        before, and on another thread.

        ``frame`` is that of the last plan, or a new one; the result looks the same: parts that
        would move by less than can be seen may stay as they are.
        """

    def paint(self, pose: Pose, frame: Frame) -> None:
        """Draw the presenter in this pose; see :meth:`plan`."""
        self.plan(pose, frame)()


class Body(Protocol):
    """A presenter's appearance, prepared once per model."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its picture in pixels."""

    @property
    def face(self) -> Box:
        """The face from chin to hairline, at rest, in pixels of its picture; for framing."""

    @property
    def head_top(self) -> float:
        """Where hair or a hat end above the face, in pixels of its picture; for framing."""

    @property
    def must_cover(self) -> bool:
        """Whether painters can draw nothing but its picture, which then has to cover the frame."""

    def own_background(
        self, size: tuple[int, int], placement: Placement
    ) -> NDArray[np.uint8] | None:
        """Return what its picture shows behind the person, in a frame of ``size`` (width, height).

        sRGB of shape [height, width, 3]; the place of the person is filled from around it, and what
        lies outside of the picture continues its edge. None for drawn bodies, which have none.
        """

    def painter(
        self, size: tuple[int, int], placement: Placement, background: NDArray[np.uint8] | None
    ) -> Painter:
        """Return a painter for frames of ``size`` (width, height; even).

        ``background`` is sRGB of shape [height, width, 3], shown wherever the person is not; None
        leaves these pixels transparent, and the frames need ``alpha``.
        """
