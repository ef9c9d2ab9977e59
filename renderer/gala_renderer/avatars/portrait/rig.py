"""The fields of a portrait in a frame, and where its pixels come from in a pose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gala_renderer.avatars.body import Placement
from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32
from gala_renderer.avatars.portrait.fields import MouthGrid, finished, mouth_fields, smooth
from gala_renderer.avatars.portrait.head import brow_fields, head_fields
from gala_renderer.avatars.portrait.mouth_shape import MouthShape, mouth_shape
from gala_renderer.avatars.portrait.prepared import Prepared
from gala_renderer.avatars.portrait.warp import Grid, Window, sampled_field, scaled, weighted
from gala_renderer.avatars.portrait.weights import FACE, HEAD, MOUTH, Weights

_MARGIN: Final = 0.16
"""Room for turns around the person, in heights of the face."""
_CELLS: Final = 56
"""How many cells of a grid are at least as high as the face."""
_AT_REST: Final = np.eye(2, 3, dtype=np.float32)
_SIDES: Final = (12, 8, 6, 4, 2)
"""Sides of cells in pixels that are used."""
_PARTED: Final = 0.03
"""Distance between lips, in widths of the mouth, from which the inside is always drawn."""
_BESIDE_LIPS, _BEYOND_LIPS = 0.56, 0.16
"""What is drawn of an open mouth, in its widths: from the middle to each side, and beyond lips."""


@dataclass(frozen=True, slots=True)
class MouthMaps:
    """Where the nodes of a window around the mouth come from: of the upper and lower side."""

    window: Window
    upper: Array
    lower: Array


@dataclass(frozen=True)
class Rig:
    """The fields of a portrait at the nodes of a grid over the person."""

    points: Array
    """The points of the face in pixels of the frame."""
    grid: Grid
    mouth: MouthShape
    height: float
    """Of the face."""
    face: Window
    """Nodes that move with the face."""
    mouth_area: Window
    """Nodes that belong to the skull or to the jaw."""
    head_fields: Array
    """[fields, rows, columns, 2] over the grid."""
    upper: Array
    """[fields, rows, columns, 2] over ``face``."""
    lower_more: Array
    """What the lower side has more than the upper one, over ``mouth_area``."""
    around: Array
    """[head fields, 2, 3]: how each moves the surroundings of the mouth."""
    below: Array
    """Distance below the seam in pixels, over ``mouth_area``."""

    @property
    def parted(self) -> bool:
        """Whether the lips are parted in the picture."""
        return self.mouth.gap > _PARTED * self.mouth.width

    def maps(self, weights: Weights) -> tuple[Array, MouthMaps | None]:
        """Return where all nodes come from, and more of the mouth if it is open."""
        field = self._field(weights)
        base = self.grid.inverted(field, self.grid.whole)
        area = self.mouth_area
        if area.empty:
            return base, None
        more = weighted(weights.face[:MOUTH], self.lower_more)
        upper = base[area.slices].copy()
        lower = self.grid.inverted(f32(field[area.slices] + more), area)
        side = self._below(upper) + self._below(lower)
        share = smooth(-1.5 * self.grid.cell, 1.5 * self.grid.cell, side)[..., None]
        base[area.slices] = upper + (lower - upper) * share
        seen = self._mouth_window(weights).common(area)
        if seen.empty or not (weights.opened > 0 or self.parted):
            return base, None
        part = seen.within(area)
        return base, MouthMaps(seen, upper[part], lower[part])

    def skull(self, weights: Weights) -> Array:
        """Return the movement of the skull around the mouth, an affine matrix 2x3."""
        moved = weights.head @ self.around.reshape(len(self.around), -1)
        return f32(_AT_REST + moved.reshape(2, 3))

    def _field(self, weights: Weights) -> Array:
        """Return the displacement of the upper side at all nodes."""
        found = weighted(weights.head, self.head_fields)
        if not self.face.empty:
            found[self.face.slices] += weighted(weights.face, self.upper)
        return found

    def _below(self, at: Array) -> Array:
        """Return the distance below the seam of positions in the picture at rest."""
        corner = -float(self.mouth_area.left), -float(self.mouth_area.top)
        return sampled_field(self.below, scaled(self.grid.index(at), 1, corner))

    def _mouth_window(self, weights: Weights) -> Window:
        """Return the nodes that the lips lie in, where the skull is now."""
        skull, shape = self.skull(weights), self.mouth
        centre = skull[:, :2] @ shape.centre + skull[:, 2]
        down = _BEYOND_LIPS + weights.opened
        u = np.array([-_BESIDE_LIPS, _BESIDE_LIPS, -_BESIDE_LIPS, _BESIDE_LIPS], np.float32)
        v = np.array([-_BEYOND_LIPS, -_BEYOND_LIPS, down, down], np.float32)
        corners = centre + shape.directions(u * shape.width, v * shape.width)
        return self.grid.window(f32(corners.min(0)), f32(corners.max(0)))


def rig(prepared: Prepared, size: tuple[int, int], placement: Placement) -> Rig:
    """Return the fields of a portrait placed in frames of ``size``."""
    corner = np.array([placement.x, placement.y], np.float32) - 0.5
    points = f32(prepared.points * np.float32(placement.scale))
    points[:, :2] += corner
    shape = mouth_shape(points, f32(prepared.seam * np.float32(placement.scale) + corner))
    height = float(np.hypot(*(points[named.CHIN, :2] - points[named.FOREHEAD, :2])))
    grid = _grid(prepared.alpha, size, placement, height)
    nodes = grid.nodes()
    bottom = placement.y + prepared.size[1] * placement.scale
    by_name = head_fields(points, bottom, nodes[..., 0], nodes[..., 1])
    head = f32(np.stack([by_name[name] for name in HEAD]))
    face = grid.window(*_face_box(points, shape, height))
    mouth_area = grid.window(*_mouth_box(shape)).common(face)
    upper, more = _face_fields(points, shape, f32(nodes[face.slices]), prepared.glasses)
    u, v = shape.axes(nodes[(*mouth_area.slices, 0)], nodes[(*mouth_area.slices, 1)])
    return Rig(
        points=points,
        grid=grid,
        mouth=shape,
        height=height,
        face=face,
        mouth_area=mouth_area,
        head_fields=head,
        upper=upper,
        lower_more=more[(slice(None), *mouth_area.within(face))].copy(),
        around=_around(head, grid, shape),
        below=f32(v - shape.at(shape.seam, u)),
    )


def _grid(alpha: Bytes, size: tuple[int, int], placement: Placement, height: float) -> Grid:
    """Return a grid over the person, with room to move, within the frame."""
    cell = next((side for side in _SIDES if side * _CELLS <= height), _SIDES[-1])
    columns, rows = (np.flatnonzero((alpha > 2).any(axis)) for axis in (0, 1))
    first = np.array([columns[0], rows[0]]) * placement.scale - _MARGIN * height
    last = np.array([columns[-1] + 1, rows[-1] + 1]) * placement.scale + _MARGIN * height
    at = np.array([placement.x, placement.y])
    left, top = (np.clip(first + at, 0, size) // 2 * 2).astype(int).tolist()
    right, bottom = (np.clip(last + at, 0, size) // 2 * 2).astype(int).tolist()
    return Grid(left, top, max(right, left), max(bottom, top), cell)


def _face_box(points: Array, shape: MouthShape, height: float) -> tuple[Array, Array]:
    oval = points[list(named.FACE_OVAL), :2]
    low, high = oval.min(0), oval.max(0)
    side = 0.15 * (high[0] - low[0])
    return f32(low - np.array([side, 0.1 * height])), f32(
        high + np.array([side, 1.3 * shape.width])
    )


def _mouth_box(shape: MouthShape) -> tuple[Array, Array]:
    """Return a box around all that the jaw moves, from the nose down to the neck."""
    u, v = np.meshgrid(
        [-1.25 * shape.cheek_left, 1.25 * shape.cheek_right],
        [-1.1 * shape.nose, shape.chin + 1.2 * shape.width],
    )
    corners = shape.directions(f32(u), f32(v)).reshape(-1, 2) + shape.centre
    return f32(corners.min(0)), f32(corners.max(0))


def _face_fields(
    points: Array, shape: MouthShape, nodes: Array, glasses: float
) -> tuple[Array, Array]:
    """Return the fields of the face, and what the lower side of the mouth has more."""
    x, y = f32(nodes[..., 0]), f32(nodes[..., 1])
    cell = float(x[0, 1] - x[0, 0])
    window = _faded(*x.shape)
    pairs = mouth_fields(MouthGrid.over(shape, x, y))
    blur = 0.03 * shape.width / cell
    made = {name: finished(pair, shape, window, blur) for name, pair in pairs.items()}
    brows = brow_fields(points, x, y, glasses)
    upper = [made[name][0] if name in made else brows[name] * window[..., None] for name in FACE]
    more = [made[name][1] - made[name][0] for name in FACE[:MOUTH]]
    return f32(np.stack(upper)), f32(np.stack(more))


def _faded(rows: int, columns: int) -> Array:
    """Return a window that falls smoothly to 0 at its border."""
    edge = 0.12 * min(rows, columns)
    down = np.minimum(np.arange(rows) + 0.5, rows - np.arange(rows) - 0.5) / edge
    across = np.minimum(np.arange(columns) + 0.5, columns - np.arange(columns) - 0.5) / edge
    return smooth(0, 1, f32(np.minimum.outer(down, across)))


def _around(fields: Array, grid: Grid, shape: MouthShape) -> Array:
    """Return the affine movement of each field around the mouth, fitted to nodes near it."""
    offsets = f32(np.array([[-0.4, 0], [0.4, 0], [0, -0.35], [0, 0.35], [0, 0]]) * shape.width)
    at = f32(shape.centre + shape.directions(offsets[:, 0], offsets[:, 1]))
    known = np.hstack([at, np.ones((len(at), 1))])
    index = grid.index(at)[None]
    moved = [sampled_field(f32(field), index)[0] for field in fields]
    return f32(np.stack([np.linalg.lstsq(known, each, rcond=None)[0].T for each in moved]))
