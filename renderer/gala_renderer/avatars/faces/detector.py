"""Detection of faces of all sizes by MediaPipe's short-range model, over tiles of the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces.square import Points, Pyramid, Square, angle_between
from gala_renderer.avatars.faces.tflite import Model
from gala_renderer.avatars.faces.tflite.operators import sigmoid

_SIZE: Final = 128
_GRIDS: Final = ((16, 2), (8, 6))
"""Cells along a side, and anchors per cell; ``face_detection_short_range.pbtxt``."""
_THRESHOLD: Final = 0.5
_OVERLAP: Final = 0.3
_BATCH: Final = 16
_SMALLEST_TILE: Final = 192
_MOST_LEVELS: Final = 4
_TILTS: Final = (-0.8, 0.8, -1.6, 1.6, -2.4, 2.4, 3.2)
"""Angles in radians at which the whole picture is searched if no upright face is found."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A face that may be there: its score from 0 to 1, and its square, upright with the eyes."""

    score: float
    square: Square


class Detector:
    """Finds where faces are; cheap, and not always right."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._anchors = _anchors()

    def searches(self, height: int, width: int) -> Iterator[list[Square]]:
        """Yield sets of squares to search: the whole picture, then tiles, then the picture tilted.

        Tiles overlap by half, and are half as large in each set.
        """
        side = float(max(height, width))
        whole = Square(width / 2, height / 2, side)
        yield [whole, *_tiles(height, width, side / 2)] if side > _SMALLEST_TILE else [whole]
        for level in range(2, _MOST_LEVELS):
            if side / 2**level >= _SMALLEST_TILE:
                yield _tiles(height, width, side / 2**level)
        yield [Square(whole.x, whole.y, side, angle) for angle in _TILTS]

    def detect(self, picture: Pyramid, squares: Sequence[Square]) -> list[Detection]:
        """Return the faces in these squares of a picture, the surest first."""
        found: list[tuple[float, NDArray[np.float32]]] = []
        for start in range(0, len(squares), _BATCH):
            part = squares[start : start + _BATCH]
            crops = np.stack([square.cut(picture, _SIZE) for square in part])
            outputs = self._model.run(crops.astype(np.float32) / 127.5 - 1)
            scores = sigmoid(np.clip(outputs["classificators"][..., 0], -100, 100))
            for square, score, values in zip(part, scores, outputs["regressors"], strict=True):
                found += self._decoded(square, score, values)
        return _without_duplicates(found)

    def _decoded(
        self, square: Square, scores: NDArray[np.float32], values: NDArray[np.float32]
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """Yield scores and points: centre, left eye, right eye, and a corner of the box."""
        for number in np.flatnonzero(scores > _THRESHOLD):
            anchor = self._anchors[number] * _SIZE
            raw = values[number].reshape(-1, 2)
            size = np.full(2, float(np.abs(raw[1]).max()) / 2, np.float32)
            points = np.stack([raw[0], raw[2], raw[3], raw[0] + size]) + anchor
            yield float(scores[number]), square.mapped(points.astype(np.float32), _SIZE)


def _tiles(height: int, width: int, side: float) -> list[Square]:
    def centres(length: int) -> NDArray[np.float64]:
        if length <= side:
            return np.array([length / 2])
        count = int(np.ceil((length - side) / (side / 2))) + 1
        return np.linspace(side / 2, length - side / 2, count)

    return [Square(x, y, side) for y in centres(height) for x in centres(width)]


def _anchors() -> NDArray[np.float32]:
    """Return the centres of the anchors, 0 to 1."""
    parts = []
    for cells, count in _GRIDS:
        axis = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        grid = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
        parts.append(np.repeat(grid, count, 0))
    return np.concatenate(parts)


def _without_duplicates(
    candidates: Sequence[tuple[float, NDArray[np.float32]]],
) -> list[Detection]:
    """Return one detection per group of overlapping ones: their mean, weighted by the score."""
    found = []
    rest = sorted(candidates, key=lambda it: -it[0])
    while rest:
        best = _square(rest[0][1])
        overlaps = [overlap(best, _square(points)) > _OVERLAP for _, points in rest]
        overlaps[0] = True
        group = [it for it, same in zip(rest, overlaps, strict=True) if same]
        rest = [it for it, same in zip(rest, overlaps, strict=True) if not same]
        weights = [score for score, _ in group]
        points = np.average([points for _, points in group], 0, weights).astype(np.float32)
        found.append(Detection(weights[0], _square(points)))
    return found


def _square(points: Points) -> Square:
    side = float(np.hypot(*(points[3] - points[0]))) * 2**0.5
    return Square(
        float(points[0, 0]), float(points[0, 1]), side, angle_between(points[1], points[2])
    )


def overlap(one: Square, other: Square) -> float:
    """Return the area of the intersection over that of the union; turns are ignored."""
    width = (one.side + other.side) / 2 - abs(one.x - other.x)
    height = (one.side + other.side) / 2 - abs(one.y - other.y)
    shared = max(min(width, one.side, other.side), 0) * max(min(height, one.side, other.side), 0)
    return shared / (one.side**2 + other.side**2 - shared)
