"""The person in a frame, drawn tile by tile where something has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars import yuv
from gala_renderer.avatars.body import Frame
from gala_renderer.avatars.coverage import Coverage
from gala_renderer.avatars.portrait.arrays import Array, Bytes, u8
from gala_renderer.avatars.portrait.placed_eye import PlacedEye
from gala_renderer.avatars.portrait.source import Source, unfolded
from gala_renderer.avatars.portrait.tiles import Boxes, Mask, Tiles, runs
from gala_renderer.avatars.portrait.warp import Area, Grid, Window, bordered, enlarged, sampled

_BLACK: Final = (16, 128, 128)
_STILL: Final = 0.2
"""Pixels of the frame by which a tile may move without being drawn again: too few to be seen."""
_COLOUR_STILL: Final = 0.5
"""The same for colour, which has half the resolution."""

_THREADS: Final = 2
"""More would only take the cores from the encoder."""


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
    """What was drawn last: where the nodes came from, and which tiles show the person."""

    def __init__(self, at: Array, shown: Mask) -> None:
        self.at = np.full_like(at, -np.inf)
        self.shown = np.zeros_like(shown)


class PersonLayer:
    """Draws the person of a source before a backdrop, or without one."""

    def __init__(self, source: Source, grid: Grid, backdrop: Backdrop | None) -> None:
        self.tiles = Tiles(grid)
        self._person = source.person
        self._coverage = Coverage(u8(cv2.bitwise_not(source.person.free)))
        self._grid = grid
        self._backdrop = backdrop
        self._at = np.zeros((grid.rows, grid.columns, 2), np.float32)
        self._surrounded = self._at
        self._opaque = self._stretched = self.tiles.all(False)
        self._threads = ThreadPoolExecutor(_THREADS)
        self._light = self._colour = _Kept(self._at, self._opaque)

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
        self._light, self._colour = (_Kept(self._at, self._opaque) for _ in range(2))

    def draw(self, frame: Frame, base: Array, again: Mask, eyes: Sequence[PlacedEye]) -> None:
        """Draw the person where it moved, in some tiles again, and where eyes changed.

        ``base`` is where the nodes of the grid come from, in pixels of the frame.
        """
        self._at = self._person.blocks(base)
        self._surrounded = bordered(self._at)
        boxes = self.tiles.boxes(self._at)
        for eye in eyes:
            again = again | boxes.meet(eye.rows, eye.columns, self._reach)
        there, self._opaque = self._covered(boxes)
        self._stretched = self.tiles.stretched(self._at, self._grid.cell * self._person.finer)
        rows = [
            (draw, part)
            for draw, kept, still in (
                (self._draw_light, self._light, _STILL),
                (self._draw_colour, self._colour, _COLOUR_STILL),
            )
            for part in self._moved(kept, still, again, there)
        ]
        # Rows and planes do not overlap, and OpenCV lets other threads run.
        for done in [self._threads.submit(draw, frame, *part) for draw, part in rows]:
            done.result()

    def opacity(self, window: Window) -> Bytes | None:
        """Return the person's opacity in the pixels of a window; None if it is full."""
        if self._opaque[self.tiles.over(window)].all():
            return None
        return u8(cv2.bitwise_not(self._free(window, self._grid.area(window))))

    def _free(self, window: Window, area: Area) -> Bytes:
        """Return how much is seen of what is behind."""
        return sampled(self._person.free, self._pixels(window, area))

    def _pixels(self, window: Window, area: Area) -> Array:
        """Return where the pixels of a window come from."""
        at = self._person.pixels(self._surrounded[_around(window)])
        whole = Window(0, 0, window.bottom - window.top, window.right - window.left)
        return enlarged(at, whole, self._grid.cell)[: area.height, : area.width]

    @property
    def _reach(self) -> float:
        """How far from the nodes of a tile its pixels may be sampled."""
        return (self._grid.cell / 2 + 2) * self._person.finer

    def _covered(self, boxes: Boxes) -> tuple[Mask, Mask]:
        """Return which tiles show the person, and which show nothing else."""
        reach = self._reach
        # Beyond the picture its border is continued.
        height, width = self._person.free.shape
        return self._coverage.of(
            np.clip(boxes.left - reach, 0, width - 1),
            np.clip(boxes.top - reach, 0, height - 1),
            np.clip(boxes.right + reach, 1, width),
            np.clip(boxes.bottom + reach, 1, height),
        )

    def _moved(
        self, kept: _Kept, still: float, again: Mask, there: Mask
    ) -> Iterator[tuple[int, int, int]]:
        """Yield what has to be drawn: a row of tiles, and its first and last one."""
        moved = self.tiles.differ(self._at, kept.at, still * self._person.finer) | again
        moved &= there | kept.shown
        for row in np.flatnonzero(moved.any(1)).tolist():
            columns = np.flatnonzero(moved[row])
            first, last = int(columns[0]), int(columns[-1])
            yield row, first, last
            part = self.tiles.window(row, first, last).slices
            kept.at[part] = self._at[part]
            kept.shown[row, first : last + 1] = there[row, first : last + 1]

    def _draw_light(self, frame: Frame, row: int, first: int, last: int) -> None:
        window = self.tiles.window(row, first, last)
        area = self._grid.area(window)
        at = enlarged(self._surrounded, window, self._grid.cell // 2)
        at = at[: area.height // 2, : area.width // 2]
        unfolded(sampled(self._person.light, at), frame.y[area.pixels])
        for start, end in runs(self._stretched[row, first : last + 1]):
            self._draw_pixels(frame, self.tiles.window(row, first + start, first + end))
        if self._backdrop is None and frame.alpha is not None:
            frame.alpha[area.pixels] = 255
        for start, end in runs(~self._opaque[row, first : last + 1]):
            part = self.tiles.window(row, first + start, first + end)
            self._show_behind(frame, part)

    def _draw_pixels(self, frame: Frame, window: Window) -> None:
        """Draw the light pixel by pixel: blocks would be seen as steps."""
        area = self._grid.area(window)
        frame.y[area.pixels] = sampled(self._person.plane, self._pixels(window, area))

    def _show_behind(self, frame: Frame, window: Window) -> None:
        """Add what is behind the person, where that is not opaque."""
        area = self._grid.area(window)
        free = self._free(window, area)
        if self._backdrop is not None:
            _add(frame.y[area.pixels], self._backdrop.y[area.pixels], free)
        elif frame.alpha is not None:
            cv2.bitwise_not(free, dst=frame.alpha[area.pixels])

    def _draw_colour(self, frame: Frame, row: int, first: int, last: int) -> None:
        window, half = self.tiles.window(row, first, last), self._grid.cell // 2
        area = self._grid.area(window)
        at = self._person.halves(self._surrounded[_around(window)])
        whole = Window(0, 0, window.bottom - window.top, window.right - window.left)
        fine = enlarged(at, whole, half)[: area.height // 2, : area.width // 2]
        u, v, free, _ = cv2.split(sampled(self._person.colour, fine))
        frame.u[area.chroma], frame.v[area.chroma] = u, v
        if self._backdrop is None:
            return
        for start, end in runs(~self._opaque[row, first : last + 1]):
            part = self.tiles.window(row, first + start, first + end)
            chroma = self._grid.area(part).chroma
            begin = (part.left - window.left) * half
            share = u8(free[:, begin : begin + (part.right - part.left) * half])
            _add(frame.u[chroma], self._backdrop.u[chroma], share)
            _add(frame.v[chroma], self._backdrop.v[chroma], share)


def _around(window: Window) -> tuple[slice, slice]:
    """Return the index of a window and its surroundings in an array with a border."""
    return slice(window.top, window.bottom + 2), slice(window.left, window.right + 2)


def _add(plane: Bytes, behind: Bytes, free: Bytes) -> None:
    """Add a share of what is behind to a plane."""
    cv2.add(plane, cv2.multiply(behind, free, scale=1 / 255), dst=plane)
