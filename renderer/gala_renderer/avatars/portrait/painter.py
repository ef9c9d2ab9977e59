"""Drawing of a portrait: the painter of one placement."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Frame, Placement
from gala_renderer.avatars.portrait import mouth, teeth
from gala_renderer.avatars.portrait.arrays import Array, Bytes, rounded, u8
from gala_renderer.avatars.portrait.blending import mixed
from gala_renderer.avatars.portrait.eye_shape import eye_shapes
from gala_renderer.avatars.portrait.person_layer import Backdrop, PersonLayer
from gala_renderer.avatars.portrait.placed_eye import PlacedEye
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


class PortraitPainter:
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
        self._person = PersonLayer(source, self._rig.grid, backdrop)
        self._colours = prepared.colours
        self._softness = _SOFTNESS * max(placement.scale - _SOFT_FROM, 0)
        self._plane: Bytes | None = None
        self._mouth: Window | None = None

    @cached_property
    def _inside(self) -> mouth.MouthInside:
        # Drawn when the mouth first opens: somebody waits for the picture at rest of a preview.
        shape = self._rig.mouth
        return mouth.MouthInside(shape, teeth.inside(shape, self._colours, self._softness))

    def paint(self, pose: Pose, frame: Frame) -> None:
        """Draw the presenter in this pose; see :class:`gala_renderer.avatars.body.Painter`."""
        weights = weights_of(pose, self._rig.mouth.gap / self._rig.mouth.width)
        blinks = pose.blink_left, pose.blink_right
        changed = [
            eye
            for eye, blink in zip(self._eyes, blinks, strict=True)
            if eye.draw(blink, pose.gaze_x, pose.gaze_y)
        ]
        if self._plane is not frame.y:
            self._person.clear(frame)
            self._plane, self._mouth = frame.y, None
        if not self._rig.grid.whole.empty:
            self._draw(frame, weights, changed)

    def _draw(self, frame: Frame, weights: Weights, eyes: Sequence[PlacedEye]) -> None:
        base, lips = self._rig.maps(weights)
        windows = self._mouth, None if lips is None else lips.window
        again = [window for window in windows if window is not None]
        self._person.draw(frame, base, again, eyes)
        self._mouth = None
        if lips is not None:
            self._draw_mouth(frame, lips, weights)
            self._mouth = lips.window

    def _draw_mouth(self, frame: Frame, maps: MouthMaps, weights: Weights) -> None:
        area, lips = self._rig.grid.area(maps.window), self._lips
        at = self._pixels(lips.fine(maps.upper), area)
        upper, opening = sampled(lips.upper, at), sampled(lips.opening, at)
        lower = sampled(lips.lower, self._pixels(lips.fine(maps.lower), area))
        base, skull = self._drawn(frame, area), self._rig.skull(weights)

        def inside(left: int, top: int, width: int, height: int) -> Bytes:
            part = Area(area.left + left, area.top + top, width, height)
            return self._inside.draw(skull, part, weights)

        width = self._rig.mouth.width
        drawn = mouth.lips_over(upper, lower, opening, base=base, inside=inside, width=width)
        edge = _vignette(area.width, area.height, self._rig.grid.cell)
        opacity = self._person.opacity(maps.window)
        if opacity is not None:
            edge = u8(cv2.multiply(edge, opacity, scale=1 / 255))
        drawn = mixed(drawn, base, edge)
        y, u, v = map(u8, cv2.split(drawn))
        frame.y[area.pixels] = y
        frame.u[area.chroma], frame.v[area.chroma] = halved(u), halved(v)

    def _pixels(self, at: Array, area: Area) -> Array:
        """Return the positions of all pixels of an area, from those of its nodes."""
        return enlarged(bordered(at), self._rig.grid.cell)[: area.height, : area.width]

    @staticmethod
    def _drawn(frame: Frame, area: Area) -> Bytes:
        """Return Y, U and V of an area of the frame at full resolution."""
        size = area.width, area.height
        colour = [cv2.resize(plane[area.chroma], size) for plane in (frame.u, frame.v)]
        return u8(cv2.merge([np.ascontiguousarray(frame.y[area.pixels]), *colour]))


@lru_cache(maxsize=64)
def _vignette(width: int, height: int, edge: int) -> Bytes:
    """Return a window that fades at its border, 0 to 255."""
    across, down = np.arange(width) + 0.5, np.arange(height) + 0.5
    x, y = np.minimum(across, width - across), np.minimum(down, height - down)
    return rounded(255 * np.clip(np.minimum.outer(y, x) / edge, 0, 1))
