"""The person in a frame, drawn tile by tile where something has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars import yuv
from gala_renderer.avatars.body import Frame
from gala_renderer.avatars.coverage import Coverage
from gala_renderer.avatars.portrait.arrays import Array, Bytes, u8
from gala_renderer.avatars.portrait.mouth import mixed
from gala_renderer.avatars.portrait.placed_eye import PlacedEye
from gala_renderer.avatars.portrait.source import Source, unfolded
from gala_renderer.avatars.portrait.tiles import Boxes, Mask, Tiles, runs
from gala_renderer.avatars.portrait.warp import Grid, Window, bordered, enlarged, sampled

_BLACK: Final = (16, 128, 128)
_STILL: Final = 0.125
"""Pixels of the frame by which a tile may move without being drawn again: too few to be seen."""


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


class PersonLayer:
    """Draws the person of a source before a backdrop, or without one."""

    def __init__(self, source: Source, grid: Grid, backdrop: Backdrop | None) -> None:
        self.tiles = Tiles(grid)
        self._person = source.person
        self._coverage = Coverage(source.alpha)
        self._grid = grid
        self._backdrop = backdrop
        self._at = np.zeros((grid.rows, grid.columns, 2), np.float32)
        self._surrounded = self._at
        self._shown = self._opaque = self.tiles.all(False)

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
        self._shown = self.tiles.all(False)
        self._at = np.full_like(self._at, -np.inf)

    def draw(self, frame: Frame, base: Array, again: Mask, eyes: Sequence[PlacedEye]) -> None:
        """Draw the person where it moved, in some tiles again, and where eyes changed.

        ``base`` is where the nodes of the grid come from, in pixels of the frame.
        """
        at = self._person.blocks(base)
        boxes = self.tiles.boxes(at)
        moved = self.tiles.differ(at, self._at, _STILL * self._person.finer) | again
        reach = self._reach
        for eye in eyes:
            moved |= boxes.meet(eye.rows, eye.columns, reach)
        there, self._opaque = self._covered(boxes)
        moved &= there | self._shown
        self._surrounded = bordered(at)
        for row in np.flatnonzero(moved.any(1)).tolist():
            columns = np.flatnonzero(moved[row])
            first, last = int(columns[0]), int(columns[-1])
            self._draw_row(frame, row, first, last)
            part = self.tiles.window(row, first, last).slices
            self._at[part] = at[part]
            self._shown[row, first : last + 1] = there[row, first : last + 1]

    def opacity(self, window: Window) -> Bytes | None:
        """Return the person's opacity in the pixels of a window; None if it is full."""
        if self._opaque[self.tiles.over(window)].all():
            return None
        area = self._grid.area(window)
        at = enlarged(self._surrounded, window, self._grid.cell // 2)
        found = np.empty((area.height, area.width), np.uint8)
        unfolded(sampled(self._person.opacity, at[: area.height // 2, : area.width // 2]), found)
        return found

    @property
    def _reach(self) -> float:
        """How far from the nodes of a tile its pixels may be sampled."""
        return (self._grid.cell + 2) * self._person.finer

    def _covered(self, boxes: Boxes) -> tuple[Mask, Mask]:
        """Return which tiles show the person, and which show nothing else."""
        reach = self._reach
        return self._coverage.of(
            boxes.left - reach, boxes.top - reach, boxes.right + reach, boxes.bottom + reach
        )

    def _draw_row(self, frame: Frame, row: int, first: int, last: int) -> None:
        window = self.tiles.window(row, first, last)
        area = self._grid.area(window)
        at = enlarged(self._surrounded, window, self._grid.cell // 2)
        at = at[: area.height // 2, : area.width // 2]
        unfolded(sampled(self._person.light, at), frame.y[area.pixels])
        u, v, opacity, _ = cv2.split(sampled(self._person.colour, self._person.halves(at)))
        frame.u[area.chroma], frame.v[area.chroma] = u, v
        if self._backdrop is None and frame.alpha is not None:
            frame.alpha[area.pixels] = 255
        for start, end in runs(~self._opaque[row, first : last + 1]):
            part = self.tiles.window(row, first + start, first + end)
            shift = (part.left - window.left) * self._grid.cell // 2
            self._draw_edge(frame, part, at[:, shift:], u8(opacity[:, shift:]))

    def _draw_edge(self, frame: Frame, window: Window, at: Array, share: Bytes) -> None:
        """Blend what was drawn with the backdrop, where the person is not opaque.

        ``share`` is the opacity at half the size.
        """
        area = self._grid.area(window)
        half = area.width // 2
        opacity = np.empty((area.height, area.width), np.uint8)
        unfolded(sampled(self._person.opacity, at[:, :half]), opacity)
        if self._backdrop is None:
            if frame.alpha is not None:
                frame.alpha[area.pixels] = opacity
            return
        behind = self._backdrop
        for plane, other, part, how in (
            (frame.y, behind.y, area.pixels, opacity),
            (frame.u, behind.u, area.chroma, share[:, :half]),
            (frame.v, behind.v, area.chroma, share[:, :half]),
        ):
            plane[part] = mixed(plane[part], other[part], how)
