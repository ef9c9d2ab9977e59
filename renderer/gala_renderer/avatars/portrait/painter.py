"""Drawing of a portrait: the painter of one placement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Frame, Painter, Placement, Redraw
from gala_renderer.avatars.portrait import mouth, teeth
from gala_renderer.avatars.portrait.arrays import Array, Bytes, rounded, u8
from gala_renderer.avatars.portrait.blending import mixed
from gala_renderer.avatars.portrait.eye_shape import eye_shapes
from gala_renderer.avatars.portrait.person_layer import Backdrop, PersonLayer
from gala_renderer.avatars.portrait.person_plan import PersonPlan, PersonPlanner
from gala_renderer.avatars.portrait.placed_eye import DrawnEye, PlacedEye
from gala_renderer.avatars.portrait.prepared import Prepared
from gala_renderer.avatars.portrait.rig import MouthMaps, rig
from gala_renderer.avatars.portrait.source import halved, placed
from gala_renderer.avatars.portrait.warp import Area, Window, bordered, enlarged, sampled
from gala_renderer.avatars.portrait.weights import Weights, weights_of
from gala_renderer.avatars.pose import Pose

_MARGIN: Final = 0.2
"""How far a head may come into the frame from outside, in heights of the face."""
_SOFT_FROM: Final = 1.0
_SOFTNESS: Final = 0.45
"""Blur of what is drawn into a picture, in its pixels, where these are larger than the frame's."""


@dataclass(frozen=True, slots=True)
class _PlacedMouth:
    """An open mouth in an area of the frame."""

    area: Area
    drawn: mouth.OpenMouth
    share: Bytes
    """How much of it is seen, 0 to 255: it fades at the border of the area."""

    def draw(self, frame: Frame) -> None:
        """Draw it over the person, who has been drawn."""
        area, base = self.area, self._base(frame)
        y, u, v = map(u8, cv2.split(mixed(self.drawn.over(base), base, self.share)))
        frame.y[area.pixels] = y
        frame.u[area.chroma], frame.v[area.chroma] = halved(u), halved(v)

    def _base(self, frame: Frame) -> Bytes:
        """Return Y, U and V of the area at full resolution."""
        area = self.area
        size = area.width, area.height
        colour = [cv2.resize(plane[area.chroma], size) for plane in (frame.u, frame.v)]
        return u8(cv2.merge([np.ascontiguousarray(frame.y[area.pixels]), *colour]))


@dataclass(frozen=True, slots=True)
class _Planned:
    """What changes in a frame."""

    is_new_frame: bool
    """Whether nothing has been drawn into the frame yet."""
    person: PersonPlan
    mouth: _PlacedMouth | None


class PortraitPainter(Painter):
    """Draws the poses of a portrait placed in frames of one size."""

    def __init__(
        self,
        prepared: Prepared,
        size: tuple[int, int],
        placement: Placement,
        background: NDArray[np.uint8] | None,
    ) -> None:
        self._rig = rig(prepared, size, placement)
        shape = self._rig.mouth
        source = placed(
            prepared,
            placement,
            size,
            _MARGIN * self._rig.height,
            multiplied=background is not None,
        )
        self._lips = source.lips(shape, prepared.moustache)
        self._eyes = [PlacedEye(source, eye) for eye in eye_shapes(self._rig.points)]
        backdrop = None if background is None else Backdrop.of(background)
        self._planner = PersonPlanner(source.person, self._rig.grid)
        self._person = PersonLayer(source.person, self._rig.grid, backdrop)
        self._colours = prepared.colours
        self._softness = _SOFTNESS * max(placement.scale - _SOFT_FROM, 0)
        self._plane: Bytes | None = None
        self._mouth: Window | None = None

    @cached_property
    def _inside(self) -> mouth.MouthInside:
        # Drawn when the mouth first opens: somebody waits for the picture at rest of a preview.
        shape = self._rig.mouth
        return mouth.MouthInside(shape, teeth.inside(shape, self._colours, self._softness))

    def plan(self, pose: Pose, frame: Frame) -> Redraw:
        """Plan to draw what differs from the pose before; see :meth:`Painter.plan`."""
        weights = weights_of(pose, self._rig.mouth.gap / self._rig.mouth.width)
        eyes = self._changed_eyes(pose)
        is_new_frame = self._plane is not frame.y
        if is_new_frame:
            self._planner.reset()
            self._plane, self._mouth = frame.y, None
        if self._rig.grid.whole.empty:
            return partial(self._person.clear, frame) if is_new_frame else _nothing
        base, lips = self._rig.maps(weights)
        windows = self._mouth, None if lips is None else lips.window
        again = [window for window in windows if window is not None]
        person = self._planner.plan(base, again, eyes)
        self._mouth = None if lips is None else lips.window
        opened = None if lips is None else self._open_mouth(lips, weights, person)
        return partial(self._draw, frame, _Planned(is_new_frame, person, opened))

    def _changed_eyes(self, pose: Pose) -> list[DrawnEye]:
        blinks = pose.blink_left, pose.blink_right
        drawn = (
            eye.drawn(blink, pose.gaze_x, pose.gaze_y)
            for eye, blink in zip(self._eyes, blinks, strict=True)
        )
        return [eye for eye in drawn if eye is not None]

    def _open_mouth(self, maps: MouthMaps, weights: Weights, person: PersonPlan) -> _PlacedMouth:
        area, lips = self._rig.grid.area(maps.window), self._lips
        at = self._pixels(lips.fine(maps.upper), area)
        upper, opening = sampled(lips.upper, at), sampled(lips.opening, at)
        lower = sampled(lips.lower, self._pixels(lips.fine(maps.lower), area))
        skull = self._rig.skull(weights)

        def inside(left: int, top: int, width: int, height: int) -> Bytes:
            part = Area(area.left + left, area.top + top, width, height)
            return self._inside.draw(skull, part, weights)

        width = self._rig.mouth.width
        made = mouth.open_mouth(upper, lower, opening, inside=inside, width=width)
        share = _vignette(area.width, area.height, self._rig.grid.cell)
        opacity = self._person.opacity(person, maps.window)
        if opacity is not None:
            share = u8(cv2.multiply(share, opacity, scale=1 / 255))
        return _PlacedMouth(area, made, share)

    def _draw(self, frame: Frame, planned: _Planned) -> None:
        if planned.is_new_frame:
            self._person.clear(frame)
        self._person.draw(frame, planned.person)
        if planned.mouth is not None:
            planned.mouth.draw(frame)

    def _pixels(self, at: Array, area: Area) -> Array:
        """Return the positions of all pixels of an area, from those of its nodes."""
        return enlarged(bordered(at), self._rig.grid.cell)[: area.height, : area.width]


@lru_cache(maxsize=64)
def _vignette(width: int, height: int, edge: int) -> Bytes:
    """Return a window that fades at its border, 0 to 255."""
    across, down = np.arange(width) + 0.5, np.arange(height) + 0.5
    x, y = np.minimum(across, width - across), np.minimum(down, height - down)
    return rounded(255 * np.clip(np.minimum.outer(y, x) / edge, 0, 1))


def _nothing() -> None:
    """Change nothing."""
