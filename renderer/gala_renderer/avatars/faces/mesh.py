"""The points of one face by MediaPipe's face mesh, fitted until they stand still."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.faces.square import Points, Pyramid, Square, angle_between
from gala_renderer.avatars.faces.tflite import Model
from gala_renderer.avatars.faces.tflite.operators import sigmoid

_SIZE: Final = 192
_MARGIN: Final = 1.5
_MOST_FITS: Final = 5
_STILL: Final = 0.004
"""The fit stands still if its points move by less than this fraction of the face, on average."""
_SHIFTS: Final = (
    (0.0, 0.0, 1.0, 0.0),
    (0.03, 0.0, 1.0, 0.0),
    (-0.03, 0.0, 1.0, 0.0),
    (0.0, 0.03, 1.0, 0.0),
    (0.0, -0.03, 1.0, 0.0),
    (0.0, 0.0, 1.06, 0.05),
    (0.0, 0.0, 0.95, -0.05),
)
_HOPELESS: Final = 0.1
"""A score below which there is no use in fitting again."""
_REFINED: Final = {
    "output_lips": named.REFINED_LIPS,
    "output_left_eye": named.REFINED_LEFT_EYE,
    "output_right_eye": named.REFINED_RIGHT_EYE,
    "output_left_iris": named.LEFT_IRIS,
    "output_right_iris": named.RIGHT_IRIS,
}
_IRISES: Final = (
    (named.LEFT_IRIS, named.LEFT_EYE_UPPER, named.LEFT_EYE_LOWER),
    (named.RIGHT_IRIS, named.RIGHT_EYE_UPPER, named.RIGHT_EYE_LOWER),
)
_IRIS_PER_EYE: Final = 0.21
"""Radius of an iris, in widths of the eye: 11.7 mm across in eyes of 28 mm."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The points [478, 3] of a face in pixels of the picture, and a score from 0 to 1."""

    points: Points
    score: float


class Mesh:
    """Finds the points of a face in a square of a picture."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def fit(self, picture: Pyramid, start: Square) -> Fit:
        """Return the points of the face in a square, whose angle is that of the face.

        The next square follows from the points of the last one, until they stand still; some
        faces, above all those with beards, never do. See :meth:`refined`.
        """
        fits = [self.at(picture, start.grown(_MARGIN))]
        while len(fits) < _MOST_FITS:
            fits.append(self.at(picture, square_of(fits[-1].points)))
            if moved(fits[-1].points, fits[-2].points) < _STILL or fits[-1].score < _HOPELESS:
                break
        return Fit(fits[-1].points, min(fit.score for fit in fits[-2:]))

    def refined(self, picture: Pyramid, fit: Fit) -> Fit:
        """Return the mean of fits in squares that differ a little, which is steadier than each."""
        square = square_of(fit.points)
        fits = [self.at(picture, _shifted(square, *shift)) for shift in _SHIFTS]
        points = np.stack([one.points for one in fits]).mean(0)
        return Fit(points.astype(np.float32), fit.score)

    def steadiness(self, picture: Pyramid, fit: Fit) -> Fit:
        """Return the fit in a square that is moved, enlarged and turned a little.

        The points of a real face stay where they are; what only looks like one falls apart.
        """
        return self.at(picture, _shifted(square_of(fit.points), 0.1, 0.05, 1.15, 0.1))

    def at(self, picture: Pyramid, square: Square) -> Fit:
        """Return the points of the face in a square, looked at once."""
        crop = square.cut(picture, _SIZE, extend=True)
        outputs = self._model.run(crop[None].astype(np.float32) / np.float32(255))
        score = next(values for values in outputs.values() if values.size == 1)
        return Fit(square.mapped(_all_points(outputs), _SIZE), float(sigmoid(score).item()))


def moved(one: Points, other: Points) -> float:
    """Return the mean distance of two sets of points, as a fraction of the face's height."""
    distances = np.hypot(*(one - other)[:, :2].T)
    return float(distances.mean() / max(np.ptp(one[:, 1]), 1e-6))


def square_of(points: Points) -> Square:
    """Return the square that the mesh looks at, around the points of a face."""
    angle = angle_between(points[named.LEFT_EYE_UPPER[0]], points[named.RIGHT_EYE_UPPER[-1]])
    return Square.around(points[: named.MESH_COUNT], angle, _MARGIN)


def _shifted(square: Square, right: float, down: float, factor: float, turn: float) -> Square:
    """Return the square, moved by fractions of its side, enlarged, and turned by radians."""
    x, y = square.x + right * square.side, square.y + down * square.side
    return Square(x, y, square.side * factor, square.angle + turn)


def _all_points(outputs: Mapping[str, NDArray[np.float32]]) -> Points:
    """Return 478 points of the crop from the outputs of either mesh."""
    mesh = next(it for it in outputs.values() if it.size == 3 * named.MESH_COUNT)
    points = np.zeros((named.COUNT, 3), np.float32)
    points[: named.MESH_COUNT] = mesh.reshape(-1, 3)
    for name, numbers in _REFINED.items():
        if name in outputs:
            points[list(numbers), :2] = outputs[name].reshape(-1, 2)
    if "output_left_iris" not in outputs:
        return with_estimated_irises(points)
    for iris, upper, lower in _IRISES:
        points[list(iris), 2] = points[[*upper, *lower], 2].mean()
    return points


def with_estimated_irises(points: Points) -> Points:
    """Return the points with irises in the middle of the eyes, of the usual size."""
    for iris, upper, lower in _IRISES:
        points[list(iris), :2] = _estimated_iris(points, upper, lower)
        points[list(iris), 2] = points[[*upper, *lower], 2].mean()
    return points


def _estimated_iris(
    points: Points, upper: tuple[int, ...], lower: tuple[int, ...]
) -> NDArray[np.float32]:
    """Return centre, right, top, left and bottom of an iris that looks straight ahead."""
    middle = points[[upper[len(upper) // 2], lower[len(lower) // 2]], :2].mean(0)
    along = (points[upper[-1], :2] - points[upper[0], :2]) * _IRIS_PER_EYE
    down = np.array([-along[1], along[0]], np.float32)
    return np.stack([middle, middle + along, middle - down, middle - along, middle + down])
