"""Which parts of a person have to be drawn again in a frame, and where their pixels come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.portrait.arrays import Array, f32
from gala_renderer.avatars.portrait.bands import Bands, Mask, stretched
from gala_renderer.avatars.portrait.detail import Detail
from gala_renderer.avatars.portrait.opacity import Opacity
from gala_renderer.avatars.portrait.placed_eye import DrawnEye
from gala_renderer.avatars.portrait.source import Person
from gala_renderer.avatars.portrait.warp import Grid, Window, bordered

_ODD: Final = 2.0
"""How much further nodes may move in every other frame without being drawn again."""
_COLOUR: Final = 2.4
"""The same for colour, which has half the resolution, in relation to light."""
_STRETCH: Final = 0.12
"""From this stretch on, blocks of two by two pixels would be seen as steps."""


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """What has to be drawn of a person in one frame; windows are sorted and within bands."""

    at: Array
    """Where the nodes come from in blocks of the person, with one node more on each side."""
    light: list[Window]
    colour: list[Window]
    behind: list[Window]
    """Where something behind the person is seen."""
    stretched: list[Window]
    """Where each pixel has to be sampled by itself."""
    eyes: Sequence[DrawnEye]
    """Those that look different now."""

    def around(self, window: Window) -> Array:
        """Return where the nodes of a window and those next to it come from."""
        return self.at[window.top : window.bottom + 2, window.left : window.right + 2]


class _Kept:
    """What was drawn last: where the nodes came from, and which show the person."""

    def __init__(self, grid: Grid) -> None:
        self.at = np.full((grid.rows, grid.columns, 2), -np.inf, np.float32)
        self.shown = np.zeros((grid.rows, grid.columns), np.bool_)


class PersonPlanner:
    """Plans one frame after another."""

    def __init__(self, person: Person, grid: Grid) -> None:
        self._person = person
        self._grid = grid
        self._bands = Bands(grid)
        self._reach = (grid.cell / 2 + 2) * person.finer
        self._opacity = Opacity(person.free, self._reach)
        self._detail = Detail(person.plane, person.free, person.finer, self._reach)
        self.reset()

    def reset(self) -> None:
        """Forget what has been drawn: the next plan is for a new frame."""
        self._light, self._colour = _Kept(self._grid), _Kept(self._grid)
        self._frames = 0

    def plan(self, base: Array, again: Sequence[Window], eyes: Sequence[DrawnEye]) -> PersonPlan:
        """Plan to draw the person where it moved, in some windows again, and where eyes changed.

        ``base`` is where the nodes of the grid come from, in pixels of the frame.
        """
        person = self._person
        at = person.blocks(base)
        pixels = person.pixels(at)
        there, opaque = self._opacity.at(pixels)
        changed = self._changed(at, again, eyes)
        still = self._detail.still(pixels) * np.float32(person.finer)
        if self._frames % 2:
            still *= np.float32(_ODD)
        self._frames += 1
        step = self._grid.cell * person.finer
        return PersonPlan(
            at=bordered(at),
            light=self._moved(self._light, at, still, changed, there),
            colour=self._moved(self._colour, at, still * np.float32(_COLOUR), changed, there),
            behind=self._bands.parts(~opaque),
            stretched=self._bands.parts(stretched(at, step, _STRETCH)),
            eyes=eyes,
        )

    def _changed(self, at: Array, again: Sequence[Window], eyes: Sequence[DrawnEye]) -> Mask:
        """Return the nodes that have to be drawn although they may not have moved."""
        found = np.zeros(at.shape[:2], np.bool_)
        for window in again:
            found[window.slices] = True
        reach = self._reach
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
