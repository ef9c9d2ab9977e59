"""Displacement fields of the head and the shoulders: turns by parallax, sway, and breath."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.portrait.arrays import Array, f32
from gala_renderer.avatars.portrait.fields import smooth

_PIVOT: Final = 0.14
"""The axis of turns lies this far behind the middle of the head, in heights of the face."""
_BROW_RISE: Final = 0.13
"""How far brows rise, in widths of the eye, if there is room."""
_BEHIND_GLASSES: Final = 0.3
"""The part of it behind glasses, whose rims move along with the skin."""
_DEGREE: Final = np.pi / 180
_BREATH: Final = 0.016
"""How far the chest rises, in heights of the face."""


def depth(points: Array, height: float, x: Array, y: Array) -> Array:
    """Return how far each node is in front of the head's middle, in pixels.

    Between the points it is their smooth average; hair and neck recede with the distance from the
    face.
    """
    cell = float(x[0, 1] - x[0, 0])
    mesh = points[: named.MESH_COUNT]
    weight = np.zeros(x.shape, np.float32)
    total = np.zeros(x.shape, np.float32)
    columns = np.clip(((mesh[:, 0] - x[0, 0]) / cell).round().astype(int), 0, x.shape[1] - 1)
    rows = np.clip(((mesh[:, 1] - y[0, 0]) / cell).round().astype(int), 0, x.shape[0] - 1)
    np.add.at(weight, (rows, columns), 1)
    np.add.at(total, (rows, columns), -mesh[:, 2])
    near = _mean(total, weight, 0.035 * height / cell)
    wide = _mean(total, weight, 0.3 * height / cell)
    oval = np.zeros(x.shape, np.uint8)
    outline = np.stack([columns, rows], -1)[list(named.FACE_OVAL)].astype(np.int32)
    cv2.fillPoly(oval, [outline], 1)
    outside = cv2.distanceTransform(1 - oval, cv2.DIST_L2, 5) * cell / height
    receding = np.exp(-((outside / 0.28) ** 2))
    inside = cv2.GaussianBlur(oval.astype(np.float32), (0, 0), 0.05 * height / cell)
    found = (near * inside + wide * (1 - inside)) * receding
    return f32(cv2.GaussianBlur(f32(found), (0, 0), 0.025 * height / cell))


def _mean(total: Array, weight: Array, spread: float) -> Array:
    blurred = cv2.GaussianBlur(weight, (0, 0), spread) + 1e-9
    return f32(cv2.GaussianBlur(total, (0, 0), spread) / blurred)


def head_fields(points: Array, bottom: float, x: Array, y: Array) -> dict[str, Array]:
    """Return the fields of the head by name: per degree, per height of the face, and per breath.

    They vanish at ``bottom``, the lower edge of the picture, which the body would otherwise leave.
    """
    forehead, chin = points[named.FOREHEAD, :2], points[named.CHIN, :2]
    down = chin - forehead
    height = max(float(np.hypot(*down)), 1.0)
    down = down / height
    below = ((x - chin[0]) * down[0] + (y - chin[1]) * down[1]) / height
    head = 1 - smooth(-0.12, 0.62, below)
    front = depth(points, height, x, y) + _PIVOT * height
    zero = np.zeros_like(x)
    across = np.array([down[1], -down[0]], np.float32)

    def moved(along: Array, downwards: Array) -> Array:
        dx = along * across[0] + downwards * down[0]
        dy = along * across[1] + downwards * down[1]
        return f32(np.stack([dx, dy], -1))

    neck = chin + down * 0.25 * height
    room = max((bottom - float(chin[1])) / height, 0.05)
    anchored = 1 - smooth(min(0.45, 0.3 * room), max(min(2.2, room), 0.3), (y - chin[1]) / height)
    chest = np.exp(-(((below - 0.75) / 0.5) ** 2)).astype(np.float32) * anchored
    rise = -_BREATH * height * np.maximum(chest, 0.25 * anchored)
    turned = np.stack([-(y - neck[1]), x - neck[0]], -1) * (head * _DEGREE)[..., None]
    return {
        "yaw": moved(f32(front * head * _DEGREE), zero),
        "pitch": moved(zero, f32(front * head * _DEGREE)),
        "roll": f32(turned),
        "sway_x": f32(np.stack([height * anchored, zero], -1)),
        "sway_y": f32(np.stack([zero, height * anchored], -1)),
        "breath": f32(np.stack([zero, rise], -1)),
    }


def brow_fields(points: Array, x: Array, y: Array, glasses: float) -> dict[str, Array]:
    """Return the fields of both brows: raised by 1; less behind ``glasses`` (0 to 1)."""
    rise = _BROW_RISE * (1 - glasses * (1 - _BEHIND_GLASSES))
    return {
        "brow_left": _brow(
            points[list(named.LEFT_BROW_LOWER), :2], points[list(named.LEFT_BROW_UPPER), :2],
            points[list(named.LEFT_EYE_UPPER), :2], x, y, most=rise,
        ),
        "brow_right": _brow(
            points[list(named.RIGHT_BROW_LOWER), :2], points[list(named.RIGHT_BROW_UPPER), :2],
            points[list(named.RIGHT_EYE_UPPER), :2], x, y, most=rise,
        ),
    }  # fmt: skip


def _brow(lower: Array, upper: Array, lid: Array, x: Array, y: Array, *, most: float) -> Array:
    eye = lid[-1] - lid[0]
    width = max(float(np.hypot(*eye)), 1.0)
    along = eye / width
    middle = np.vstack([lower, upper]).mean(0)
    u = ((x - middle[0]) * along[0] + (y - middle[1]) * along[1]) / width
    v = ((y - middle[1]) * along[0] - (x - middle[0]) * along[1]) / width
    top = lid[2:7].mean(0) - middle
    room = max(float(top[1] * along[0] - top[0] * along[1]) / width, 0.15)
    span = np.exp(-((np.maximum(np.abs(u) - 0.45, 0) / 0.3) ** 2))
    down = 1 - smooth(0.05 * room, 0.85 * room, v)
    rise = smooth(-1.05, -0.1, v)
    height = min(most, 0.4 * room)
    amount = f32(-height * width * span * down * rise)
    return f32(np.stack([-along[1] * amount, along[0] * amount], -1))
