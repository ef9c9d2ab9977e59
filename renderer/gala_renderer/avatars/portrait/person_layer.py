"""The person in a frame, drawn window by window as it was planned."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars import yuv
from gala_renderer.avatars.body import Frame
from gala_renderer.avatars.portrait.arrays import Array, Bytes, u8
from gala_renderer.avatars.portrait.bands import within
from gala_renderer.avatars.portrait.person_plan import PersonPlan
from gala_renderer.avatars.portrait.source import Person, unfolded
from gala_renderer.avatars.portrait.warp import Area, Grid, Window, enlarged, sampled

_BLACK: Final = (16, 128, 128)


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

    def __init__(self, person: Person, grid: Grid, backdrop: Backdrop | None) -> None:
        self._person = person
        self._grid = grid
        self._backdrop = backdrop
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

    def draw(self, frame: Frame, plan: PersonPlan) -> None:
        """Draw what is planned for a frame."""
        for eye in plan.eyes:
            self._person.redraw(eye.rows, eye.columns, eye.planes)
        coloured = self._beside.submit(self._draw_colour, frame, plan)
        for window in plan.light:
            self._draw_light(frame, plan, window)
        coloured.result()

    def opacity(self, plan: PersonPlan, window: Window) -> Bytes | None:
        """Return the person's opacity in the pixels of a window; None if it is full."""
        if all(window.common(part).empty for part in plan.behind):
            return None
        return u8(cv2.bitwise_not(sampled(self._person.free, self._pixels(plan, window))))

    def _pixels(self, plan: PersonPlan, window: Window) -> Array:
        """Return where the pixels of a window come from."""
        area = self._grid.area(window)
        at = self._person.pixels(plan.around(window))
        return enlarged(at, self._grid.cell)[: area.height, : area.width]

    def _draw_light(self, frame: Frame, plan: PersonPlan, window: Window) -> None:
        area = self._grid.area(window)
        at = enlarged(plan.around(window), self._grid.cell // 2)
        at = at[: area.height // 2, : area.width // 2]
        unfolded(sampled(self._person.light, at), frame.y[area.pixels])
        for part in within(plan.stretched, window):
            pixels = self._grid.area(part).pixels
            frame.y[pixels] = sampled(self._person.plane, self._pixels(plan, part))
        if self._backdrop is None and frame.alpha is not None:
            frame.alpha[area.pixels] = 255
        for part in within(plan.behind, window):
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

    def _draw_colour(self, frame: Frame, plan: PersonPlan) -> None:
        for window in plan.colour:
            parts = list(within(plan.behind, window))
            if self._grid.cell % 4 == 0 and not any(part == window for part in parts):
                self._draw_pairs(frame, plan, window)
            else:
                parts = [window]
            for part in parts:
                self._draw_tint(frame, plan, part)

    def _draw_pairs(self, frame: Frame, plan: PersonPlan, window: Window) -> None:
        """Draw U and V where nothing is behind, two pixels at a time."""
        area, quarter = self._grid.area(window), self._grid.cell // 4
        at = self._person.quarters(plan.around(window))
        fine = enlarged(at, 2 * quarter, quarter)[: area.height // 2, : -(-area.width // 4)]
        pairs = sampled(self._person.pairs, fine)
        tint = pairs.reshape(len(pairs), -1, 2)[:, : area.width // 2]
        u, v = cv2.split(tint)
        frame.u[area.chroma], frame.v[area.chroma] = u, v

    def _draw_tint(self, frame: Frame, plan: PersonPlan, window: Window) -> None:
        """Draw U and V before what is behind."""
        area = self._grid.area(window)
        at = self._person.halves(plan.around(window))
        fine = enlarged(at, self._grid.cell // 2)[: area.height // 2, : area.width // 2]
        u, v, free, _ = cv2.split(sampled(self._person.colour, fine))
        frame.u[area.chroma], frame.v[area.chroma] = u, v
        if self._backdrop is not None:
            _add(frame.u[area.chroma], self._backdrop.u[area.chroma], u8(free))
            _add(frame.v[area.chroma], self._backdrop.v[area.chroma], u8(free))


def _add(plane: Bytes, behind: Bytes, free: Bytes) -> None:
    """Add a share of what is behind to a plane."""
    cv2.add(plane, cv2.multiply(behind, free, scale=1 / 255), dst=plane)
