"""The line between the lips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.faces.cheapest_path import cheapest_path
from gala_renderer.avatars.faces.face import Face
from gala_renderer.avatars.faces.square import Picture

_COLUMNS: Final = 64
_REACH: Final = 0.07
"""How far from the landmarks the line is searched, in widths of the mouth."""
_STEPS: Final = 29
_BEND: Final = 1.5
"""Cost of a step to the side: a smooth line is preferred to the darkest one."""
_STAY: Final = 0.5
"""Cost of the greatest distance from the landmarks, in the contrast of the area."""
_PARTED: Final = 0.05


@dataclass(frozen=True, slots=True)
class LipSeam:
    """Where the lips meet, from the left corner of the mouth to the right one."""

    points: NDArray[np.float32]
    """Shape [64, 2], in pixels; the middle between the lips if they are parted."""
    parted: bool
    """True if the lips do not touch in the picture, so that teeth or the mouth's inside show."""


def lip_seam(picture: Picture, face: Face) -> LipSeam:
    """Return the line between the lips of a face.

    Landmarks of shut lips are off by 1 to 4 % of the mouth's width; the line is moved to the path
    along the darkest pixels nearby (dynamic programming).
    """
    upper, lower = face.contour(*named.LIPS_INNER_UPPER), face.contour(*named.LIPS_INNER_LOWER)
    line = _resampled((upper + lower) * np.float32(0.5))
    if face.mouth_open > _PARTED:
        return LipSeam(line, parted=True)
    across = face.contour(named.MOUTH_LEFT, named.MOUTH_RIGHT)
    along = (across[1] - across[0]) / face.mouth_width
    down = np.array([-along[1], along[0]], np.float32)
    offsets = np.linspace(-_REACH, _REACH, _STEPS, dtype=np.float32) * face.mouth_width
    # The corners are found well, so that the line starts and ends near them.
    freedom = np.minimum(1, np.sin(np.linspace(0, np.pi, _COLUMNS, dtype=np.float32)) * 2 + 0.3)
    places = line[:, None] + (freedom[:, None] * offsets)[..., None] * down
    path = cheapest_path(_costs(picture, places, face.mouth_width), _BEND)
    moved = (offsets[path] * freedom)[:, None] * down
    return LipSeam(_smoothed(line, moved), parted=False)


def _resampled(line: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the line with points at equal distances."""
    lengths = np.concatenate([[0], np.hypot(*np.diff(line, axis=0).T).cumsum()])
    at = np.linspace(0, lengths[-1], _COLUMNS)
    found = [np.interp(at, lengths, line[:, axis]) for axis in range(2)]
    return np.stack(found, -1).astype(np.float32)


def _costs(
    picture: Picture, places: NDArray[np.float32], mouth_width: float
) -> NDArray[np.float32]:
    """Return the brightness at places [columns, steps, 2], plus the cost of their distance."""
    import cv2  # noqa: PLC0415 - heavy, and optional

    left, top = np.floor(places.min((0, 1))).astype(int) - 2
    right, bottom = np.ceil(places.max((0, 1))).astype(int) + 3
    left, top = max(left, 0), max(top, 0)
    part = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    if not part.size:
        return np.zeros(places.shape[:2], np.float32)
    grey = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY).astype(np.float32)
    blurred = cv2.GaussianBlur(grey, (0, 0), max(mouth_width / 120, 0.5))
    at = places - np.array((left + 0.5, top + 0.5), np.float32)
    values = cv2.remap(
        blurred, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    contrast = max(float(np.ptp(values, axis=1).mean()), 1.0)
    away = np.linspace(-1, 1, places.shape[1], dtype=np.float32) ** 2
    return np.asarray(values / contrast + _STAY * away, np.float32)


def _smoothed(line: NDArray[np.float32], moved: NDArray[np.float32]) -> NDArray[np.float32]:
    kernel = np.hanning(9)[1:-1] / np.hanning(9)[1:-1].sum()
    padded = np.pad(moved, ((3, 3), (0, 0)), mode="edge")
    smooth = [np.convolve(padded[:, axis], kernel, "valid") for axis in range(2)]
    return line + np.stack(smooth, -1).astype(np.float32)
