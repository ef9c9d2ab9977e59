"""The person in a frame, drawn band by band where something has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars import yuv
from gala_renderer.avatars.body import Frame
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, u8
from gala_renderer.avatars.portrait.bands import Bands, Mask, stretched, within
from gala_renderer.avatars.portrait.detail import Detail
from gala_renderer.avatars.portrait.opacity import Opacity
from gala_renderer.avatars.portrait.placed_eye import PlacedEye
from gala_renderer.avatars.portrait.source import Source, unfolded
from gala_renderer.avatars.portrait.warp import Area, Grid, Window, bordered, enlarged, sampled

_BLACK: Final = (16, 128, 128)
_ODD: Final = 2.0
"""How much further nodes may move in every other frame without being drawn again."""
_COLOUR: Final = 2.4
"""The same for colour, which has half the resolution, in relation to light."""
_STRETCH: Final = 0.12
"""From this stretch on, blocks of two by two pixels would be seen as steps."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The planes of what is behind the person."""

    y: Bytes
    u: Bytes
    """At half the size, as ``v``."""
    v: Bytes

    @classmethod
    def of(cls, picture: Bytes) -> Backdrop:
        """Return the planes of sRGB."""
        return cls(*yuv.convert(picture))


class _Kept:
    """What was drawn last: where the nodes came from, and which show the person."""

    def __init__(self, grid: Grid) -> None:
        self.at = np.full((grid.rows, grid.columns, 2), -np.inf, np.float32)
        self.shown = np.zeros((grid.rows, grid.columns), np.bool_)


class PersonLayer:
    """Draws the person of a source before a backdrop, or without one."""

    def __init__(self, source: Source, grid: Grid, backdrop: Backdrop | None) -> None:
        self._person = source.person
        self._grid = grid
        self._bands = Bands(grid)
        person, reach = source.person, (grid.cell / 2 + 2) * source.person.finer
        self._opacity = Opacity(person.free, reach)
        self._detail = Detail(person.plane, person.free, person.finer, reach)
        self._backdrop = backdrop
        self._surrounded = np.zeros((grid.rows + 2, grid.columns + 2, 2), np.float32)
        self._behind: list[Window] = []
        self._stretched: list[Window] = []
        self._light, self._colour = _Kept(grid), _Kept(grid)
        self._frames = 0
        self._beside = ThreadPoolExecutor(1)

    def clear(self, frame: Frame) -> None:
        """Draw what is seen without the person."""
        if self._backdrop is None:
            for plane, value in zip((frame.y, frame.u, frame.v), _BLACK, strict=True):
                plane[...] = value
        else:
            behind = self._backdrop
            frame.y[...], frame.u[...], frame.v[...] = behind.y, behind.u, behind.v
        if frame.alpha is not None:
            frame.alpha[...] = 0 if self._backdrop is None else 255
        self._light, self._colour = _Kept(self._grid), _Kept(self._grid)
        self._frames = 0

    def draw(
        self, frame: Frame, base: Array, again: Sequence[Window], eyes: Sequence[PlacedEye]
    ) -> None:
        """Draw the person where it moved, in some windows again, and where eyes changed.

        ``base`` is where the nodes of the grid come from, in pixels of the frame.
        """
        at = self._person.blocks(base)
        self._surrounded = bordered(at)
        pixels = self._person.pixels(at)
        there, opaque = self._opacity.at(pixels)
        self._behind = self._bands.parts(~opaque)
        step = self._grid.cell * self._person.finer
        self._stretched = self._bands.parts(stretched(at, step, _STRETCH))
        changed = self._changed(at, again, eyes)
        still = self._detail.still(pixels) * np.float32(self._person.finer)
        if self._frames % 2:
            still *= np.float32(_ODD)
        self._frames += 1
        light = self._moved(self._light, at, still, changed, there)
        colour = self._moved(self._colour, at, still * np.float32(_COLOUR), changed, there)
        coloured = self._beside.submit(self._redraw, self._draw_colour, frame, colour)
        self._redraw(self._draw_light, frame, light)
        coloured.result()

    @staticmethod
    def _redraw(draw: Callable[[Frame, Window], None], frame: Frame, parts: list[Window]) -> None:
        for part in parts:
            draw(frame, part)

    def opacity(self, window: Window) -> Bytes | None:
        """Return the person's opacity in the pixels of a window; None if it is full."""
        if all(window.common(part).empty for part in self._behind):
            return None
        return u8(cv2.bitwise_not(sampled(self._person.free, self._pixels(window))))

    def _changed(self, at: Array, again: Sequence[Window], eyes: Sequence[PlacedEye]) -> Mask:
        """Return the nodes that have to be drawn although they may not have moved."""
        found = np.zeros(at.shape[:2], np.bool_)
        for window in again:
            found[window.slices] = True
        reach = (self._grid.cell / 2 + 2) * self._person.finer
        for eye in eyes:
            (top, bottom), (left, right) = eye.rows, eye.columns
            near = (at[..., 0] > left - reach) & (at[..., 0] < right + reach)
            found |= near & (at[..., 1] > top - reach) & (at[..., 1] < bottom + reach)
        return found

    def _moved(
        self, kept: _Kept, at: Array, still: Array, changed: Mask, there: Mask
    ) -> list[Window]:
        """Return windows that have to be drawn, and note that they are.

        ``still`` is how far nodes may have moved since they were drawn.
        """
        away = f32(cv2.absdiff(at, kept.at))
        moved = (np.maximum(away[..., 0], away[..., 1]) > still) | changed
        moved &= there | kept.shown
        parts = self._bands.parts(moved)
        for window in parts:
            kept.at[window.slices] = at[window.slices]
            kept.shown[window.slices] = there[window.slices]
        return parts

    def _pixels(self, window: Window) -> Array:
        """Return where the pixels of a window come from."""
        area = self._grid.area(window)
        at = self._person.pixels(self._surrounded[_around(window)])
        return enlarged(at, self._grid.cell)[: area.height, : area.width]

    def _draw_light(self, frame: Frame, window: Window) -> None:
        area = self._grid.area(window)
        at = enlarged(self._surrounded[_around(window)], self._grid.cell // 2)
        at = at[: area.height // 2, : area.width // 2]
        unfolded(sampled(self._person.light, at), frame.y[area.pixels])
        for part in within(self._stretched, window):
            pixels = self._grid.area(part).pixels
            frame.y[pixels] = sampled(self._person.plane, self._pixels(part))
        if self._backdrop is None and frame.alpha is not None:
            frame.alpha[area.pixels] = 255
        for part in within(self._behind, window):
            behind = self._grid.area(part)
            self._show_behind(frame, behind, at[behind.within(area).chroma])

    def _show_behind(self, frame: Frame, area: Area, blocks: Array) -> None:
        """Add what is behind the person, where that is not opaque."""
        if self._backdrop is None and frame.alpha is None:
            return
        free = np.empty((area.height, area.width), np.uint8)
        unfolded(sampled(self._person.free_blocks, blocks), free)
        if self._backdrop is not None:
            _add(frame.y[area.pixels], self._backdrop.y[area.pixels], free)
        elif frame.alpha is not None:
            cv2.bitwise_not(free, dst=frame.alpha[area.pixels])

    def _draw_colour(self, frame: Frame, window: Window) -> None:
        parts = list(within(self._behind, window))
        if self._grid.cell % 4 == 0 and not any(part == window for part in parts):
            self._draw_pairs(frame, window)
        else:
            parts = [window]
        for part in parts:
            self._draw_tint(frame, part)

    def _draw_pairs(self, frame: Frame, window: Window) -> None:
        """Draw U and V where nothing is behind, two pixels at a time."""
        area, quarter = self._grid.area(window), self._grid.cell // 4
        at = self._person.quarters(self._surrounded[_around(window)])
        fine = enlarged(at, 2 * quarter, quarter)[: area.height // 2, : -(-area.width // 4)]
        pairs = sampled(self._person.pairs, fine)
        tint = pairs.reshape(len(pairs), -1, 2)[:, : area.width // 2]
        u, v = cv2.split(tint)
        frame.u[area.chroma], frame.v[area.chroma] = u, v

    def _draw_tint(self, frame: Frame, window: Window) -> None:
        """Draw U and V before what is behind."""
        area = self._grid.area(window)
        at = self._person.halves(self._surrounded[_around(window)])
        fine = enlarged(at, self._grid.cell // 2)[: area.height // 2, : area.width // 2]
        u, v, free, _ = cv2.split(sampled(self._person.colour, fine))
        frame.u[area.chroma], frame.v[area.chroma] = u, v
        if self._backdrop is not None:
            _add(frame.u[area.chroma], self._backdrop.u[area.chroma], u8(free))
            _add(frame.v[area.chroma], self._backdrop.v[area.chroma], u8(free))


def _around(window: Window) -> tuple[slice, slice]:
    """Return the index of a window and its surroundings in an array with a border."""
    return slice(window.top, window.bottom + 2), slice(window.left, window.right + 2)


def _add(plane: Bytes, behind: Bytes, free: Bytes) -> None:
    """Add a share of what is behind to a plane."""
    cv2.add(plane, cv2.multiply(behind, free, scale=1 / 255), dst=plane)
