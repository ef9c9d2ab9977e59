"""Faces from a few points that a person gives: for drawings, animals, and wrong results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gala.errors import InvalidRequest
from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.faces.face import Face
from gala_renderer.avatars.faces.mesh import with_estimated_irises

GivenPoints: TypeAlias = Mapping[str, Sequence[float]]
"""Names of :data:`GIVEN`, each with x and y in pixels of the picture."""

GIVEN: Final[Mapping[str, tuple[int, ...]]] = {
    "left_eye": (*named.LEFT_EYE_UPPER, *named.LEFT_EYE_LOWER),
    "left_eye_left": (33,),
    "left_eye_right": (133,),
    "left_eye_top": (159,),
    "left_eye_bottom": (145,),
    "right_eye": (*named.RIGHT_EYE_UPPER, *named.RIGHT_EYE_LOWER),
    "right_eye_left": (362,),
    "right_eye_right": (263,),
    "right_eye_top": (386,),
    "right_eye_bottom": (374,),
    "left_brow": (105,),
    "right_brow": (334,),
    "nose": (named.NOSE_TIP,),
    "mouth_left": (named.MOUTH_LEFT,),
    "mouth_right": (named.MOUTH_RIGHT,),
    "mouth_top": (0,),
    "mouth_middle": (13, 14),
    "mouth_bottom": (17,),
    "chin": (named.CHIN,),
    "forehead": (named.FOREHEAD,),
    "left_cheek": (234,),
    "right_cheek": (454,),
}
"""What can be given, and the points whose mean it is; left and right are those of the picture."""
_DETAILS: Final = frozenset(
    {*(name for name in GIVEN if name.startswith(("left_eye_", "right_eye_"))),
     "mouth_top", "mouth_middle", "mouth_bottom"}
)  # fmt: skip
"""Points that move only what is near them, the lids and the lips."""
REQUIRED: Final = ("left_eye", "right_eye", "mouth_left", "mouth_right")
"""What a face needs if none was found."""

_SMALLEST_FACE: Final = 8
_FURTHEST: Final = 1e6
_STIFFNESS: Final = 1e-3
"""Keeps the plate smooth where two points contradict each other; in squared face sizes."""
_DENT: Final = 0.1
"""Standard deviation of the effect of a detail, in face sizes."""


def corrected(face: Face, given: GivenPoints) -> Face:
    """Return the face with the named points moved to where they were given, and all others along.

    Raise InvalidRequest for unknown names, and for positions that are not two finite numbers.
    """
    points = face.points.copy()
    for warp, details in ((_bent, False), (_dented, True)):
        part = {name: place for name, place in given.items() if (name in _DETAILS) == details}
        if part:
            source, target = _pairs(points, part)
            points[:, :2] = warp(points[:, :2], source, target)
    return Face(points, 1.0)


def placed(canonical: NDArray[np.float32], given: GivenPoints) -> Face:
    """Return the canonical face, moved, turned and scaled to the given points, then corrected.

    Raises:
        InvalidRequest: a point of ``REQUIRED`` is missing, or they are no face: all on one spot.
    """
    if missing := [name for name in REQUIRED if name not in given]:
        raise InvalidRequest(
            f"points: {missing[0]} is missing", hint=f"give at least {', '.join(REQUIRED)}"
        )
    source, target = _pairs(canonical, given)
    # A similarity is one complex factor and one complex offset.
    flat, aim = source @ (1, 1j), target @ (1, 1j)
    centred = flat - flat.mean()
    factor = (centred.conj() @ (aim - aim.mean())) / (centred.conj() @ centred).real
    scale = abs(factor)
    if scale * np.ptp(canonical[:, 1]) < _SMALLEST_FACE:
        raise InvalidRequest(
            f"points: the face is smaller than {_SMALLEST_FACE} pixels",
            hint="check the points: they lie close together, or the picture is small",
        )
    moved = (canonical[:, :2] @ (1, 1j) - flat.mean()) * factor + aim.mean()
    points = np.column_stack([moved.real, moved.imag, canonical[:, 2] * scale])
    face = corrected(Face(points.astype(np.float32)), given)
    return Face(with_estimated_irises(face.points))


def _pairs(
    points: NDArray[np.float32], given: GivenPoints
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the named points are, and where they shall be, both [n, 2]."""
    source = []
    for name in given:
        if name not in GIVEN:
            raise InvalidRequest(
                f"points: unknown name {name!r}", hint=f"known: {', '.join(GIVEN)}"
            )
        source.append(points[list(GIVEN[name]), :2].mean(0, dtype=np.float64))
    target = [_position(name, value) for name, value in given.items()]
    return np.reshape(source, (-1, 2)), np.reshape(target, (-1, 2))


def _position(name: str, value: Any) -> list[float]:
    try:
        x, y = map(float, value)
    except (TypeError, ValueError):
        x = y = np.nan
    if not (abs(x) < _FURTHEST and abs(y) < _FURTHEST):
        raise InvalidRequest(f"points.{name} must be two numbers, x and y in pixels")
    return [x, y]


def _bent(
    points: NDArray[np.float32], source: NDArray[np.float64], target: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return points moved by the thin plate spline (Bookstein 1989) from source to target."""
    size = max(float(np.ptp(points[:, 1])), 1e-6)
    middle = points.mean(0, dtype=np.float64)
    known, others = (source - middle) / size, (points - middle) / size
    count = len(known)
    flat = np.column_stack([np.ones(count), known])
    bent = _bending(known, known) + _STIFFNESS * np.eye(count)
    system = np.block([[bent, flat], [flat.T, np.zeros((3, 3))]])
    # Few points, or points on a line, leave the linear part open; lstsq takes the smallest.
    wanted = np.concatenate([target - source, np.zeros((3, 2))])
    weights = np.linalg.lstsq(system, wanted, rcond=1e-9)[0]
    basis = np.column_stack([_bending(others, known), np.ones(len(others)), others])
    return points + np.asarray(basis @ weights, np.float32)


def _dented(
    points: NDArray[np.float32], source: NDArray[np.float64], target: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return points moved from source to target near these, and less with the distance."""
    reach = max(float(np.ptp(points[:, 1])) * _DENT, 1e-6)

    def nearness(places: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        squares = ((places[:, None] - source[None]) ** 2).sum(-1)
        return np.asarray(np.exp(-squares / (2 * reach**2)), np.float64)

    system = nearness(source) + _STIFFNESS * np.eye(len(source))
    weights = np.linalg.solve(system, target - source)
    return points + np.asarray(nearness(points) @ weights, np.float32)


def _bending(
    points: NDArray[np.floating[Any]], known: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    squares = ((points[:, None] - known[None]) ** 2).sum(-1).astype(np.float64)
    found: NDArray[np.float64] = squares * np.log(np.maximum(squares, 1e-12))
    return found
