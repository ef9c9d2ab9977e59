"""Drawing of a portrait: the painter of one placement."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars import yuv
from gala_renderer.avatars.body import Frame, Placement
from gala_renderer.avatars.portrait import mouth, teeth
from gala_renderer.avatars.portrait.arrays import Array, Bytes, rounded, u8
from gala_renderer.avatars.portrait.eye_shape import eye_shapes
from gala_renderer.avatars.portrait.placed_eye import PlacedEye
from gala_renderer.avatars.portrait.prepared import Prepared
from gala_renderer.avatars.portrait.rig import MouthMaps, rig
from gala_renderer.avatars.portrait.source import halved, placed
from gala_renderer.avatars.portrait.warp import Area, Window, fixed_point, sampled
from gala_renderer.avatars.portrait.weights import Weights, weights_of
from gala_renderer.avatars.pose import Pose

_BLACK: Final = (16, 128, 128)
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
        source = placed(prepared, placement)
        self._lips = source.lips(shape)
        self._eyes = [PlacedEye(source, eye) for eye in eye_shapes(self._rig.points)]
        self._person = source.person
        softness = _SOFTNESS * max(placement.scale - _SOFT_FROM, 0)
        inside = teeth.inside(shape, prepared.colours, softness)
        self._inside = mouth.MouthInside(shape, inside)
        self._background = None if background is None else _planes(background)
        self._last: Frame | None = None
        self._body: tuple[int, int, int] | None = None

    def paint(self, pose: Pose, frame: Frame) -> None:
        """Draw the presenter in this pose; see :class:`gala_renderer.avatars.body.Painter`."""
        shape = self._rig.mouth
        weights = weights_of(pose, shape.gap / shape.width, self._rig.height)
        for eye, blink in zip(self._eyes, (pose.blink_left, pose.blink_right), strict=True):
            eye.draw(blink, pose.gaze_x, pose.gaze_y)
        fresh = self._last is None or self._last.y is not frame.y
        if fresh:
            self._clear(frame)
        moved = fresh or weights.body != self._body
        self._draw(frame, self._rig.grid.whole if moved else self._rig.head, weights)
        self._last, self._body = frame, weights.body

    def _clear(self, frame: Frame) -> None:
        if self._background is None:
            for plane, value in zip((frame.y, frame.u, frame.v), _BLACK, strict=True):
                plane[...] = value
        else:
            frame.y[...], chroma = self._background
            frame.u[...], frame.v[...] = chroma[..., 0], chroma[..., 1]
        if frame.alpha is not None:
            frame.alpha[...] = 0 if self._background is None else 255

    def _draw(self, frame: Frame, window: Window, weights: Weights) -> None:
        if window.empty:
            return
        base, lips = self._rig.maps(window, weights)
        self._draw_person(frame, self._rig.grid.area(window), base)
        if lips is not None:
            self._draw_mouth(frame, lips, weights)

    def _draw_person(self, frame: Frame, area: Area, base: Array) -> None:
        person = self._person
        light = sampled(person.light, fixed_point(person.fine(base), area.width, area.height))
        half = fixed_point(person.coarse(base), area.width // 2, area.height // 2)
        colour = sampled(person.colour, half)
        y, u, v = frame.y[area.pixels], frame.u[area.chroma], frame.v[area.chroma]
        if self._background is None:
            y[...], u[...], v[...] = light[..., 0], colour[..., 0], colour[..., 1]
            if frame.alpha is not None:
                frame.alpha[area.pixels] = light[..., 1]
            return
        behind, behind_colour = self._background
        y[...] = mouth.mixed(light[..., 0], behind[area.pixels], light[..., 1])
        mixed = mouth.mixed(colour[..., :2], behind_colour[area.chroma], colour[..., 2])
        u[...], v[...] = mixed[..., 0], mixed[..., 1]

    def _draw_mouth(self, frame: Frame, maps: MouthMaps, weights: Weights) -> None:
        area, lips = self._rig.grid.area(maps.window), self._lips
        size = area.width, area.height
        upper = sampled(lips.upper, fixed_point(lips.fine(maps.upper), *size))
        lower = sampled(lips.lower, fixed_point(lips.fine(maps.lower), *size))
        base = self._drawn(frame, area)
        inside = self._inside.draw(self._rig.skull(weights), area, weights.jaw, weights.tongue)
        drawn = mouth.lips_over(upper, lower, inside, base, self._rig.mouth.width)
        person = self._person
        alpha = sampled(person.light, fixed_point(person.fine(maps.base), *size))[..., 1]
        edge = cv2.multiply(_vignette(area, 2 * self._rig.grid.cell), alpha, scale=1 / 255)
        drawn = mouth.mixed(drawn, base, u8(edge))
        frame.y[area.pixels] = drawn[..., 0]
        colour = halved(np.ascontiguousarray(drawn[..., 1:]))
        frame.u[area.chroma], frame.v[area.chroma] = colour[..., 0], colour[..., 1]

    @staticmethod
    def _drawn(frame: Frame, area: Area) -> Bytes:
        """Return Y, U and V of an area of the frame at full resolution."""
        size = area.width, area.height
        colour = [cv2.resize(plane[area.chroma], size) for plane in (frame.u, frame.v)]
        return u8(cv2.merge([np.ascontiguousarray(frame.y[area.pixels]), *colour]))


def _planes(background: Bytes) -> tuple[Bytes, Bytes]:
    planes = yuv.full_resolution(background)
    return np.ascontiguousarray(planes[..., 0]), halved(np.ascontiguousarray(planes[..., 1:]))


def _vignette(area: Area, edge: int) -> Bytes:
    """Return a window that fades at its border, 0 to 255."""
    across, down = np.arange(area.width) + 0.5, np.arange(area.height) + 0.5
    x, y = np.minimum(across, area.width - across), np.minimum(down, area.height - down)
    return rounded(255 * np.clip(np.minimum.outer(y, x) / edge, 0, 1))
