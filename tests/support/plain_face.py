"""A face of ellipses with points that lie exactly on it, for tests that need no model."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.faces.face import Face

SIZE: Final = (240, 320)
BACKGROUND: Final = (60, 110, 60)
SKIN: Final = (214, 170, 140)
LIPS: Final = (170, 80, 80)
IRIS: Final = (40, 50, 70)
EYES: Final = ((92.0, 130.0), (148.0, 130.0))
MOUTH: Final = (120.0, 196.0)
_HEAD: Final = (120.0, 150.0)
_RADII: Final = (58.0, 84.0)
_DEPTH: Final = 50.0
_EYE: Final = (17.0, 7.0)
_MOUTH_HALF: Final = 26.0


def plain_face() -> tuple[NDArray[np.uint8], Face, NDArray[np.float32]]:
    """Return a picture, its face, and the person's mask."""
    width, height = SIZE
    picture = np.full((height, width, 3), BACKGROUND, np.uint8)
    person = np.zeros((height, width), np.uint8)
    cv2.ellipse(person, ((120, 345), (210, 170), 0), 1, -1)
    cv2.rectangle(person, (98, 210), (142, 300), 1, -1)
    cv2.ellipse(person, (_HEAD, (2 * _RADII[0], 2 * _RADII[1]), 0), 1, -1)
    picture[person > 0] = SKIN
    for centre in EYES:
        cv2.ellipse(picture, (centre, (2 * _EYE[0], 2 * _EYE[1]), 0), (235, 232, 228), -1)
        cv2.circle(picture, (round(centre[0]), round(centre[1])), 6, IRIS, -1)
    cv2.ellipse(picture, (MOUTH, (2 * _MOUTH_HALF, 18), 0), LIPS, -1)
    left, right = round(MOUTH[0] - _MOUTH_HALF), round(MOUTH[0] + _MOUTH_HALF)
    cv2.line(picture, (left, round(MOUTH[1])), (right, round(MOUTH[1])), (90, 30, 30), 1)
    return picture, Face(_points()), person.astype(np.float32)


def _points() -> NDArray[np.float32]:
    points = np.zeros((named.COUNT, 3), np.float32)
    spiral = np.arange(named.COUNT)
    angle, radius = spiral * 2.39996, np.sqrt((spiral + 0.5) / named.COUNT)
    points[:, 0] = _HEAD[0] + _RADII[0] * radius * np.cos(angle)
    points[:, 1] = _HEAD[1] + _RADII[1] * radius * np.sin(angle)
    turn = np.linspace(0, 2 * np.pi, len(named.FACE_OVAL), endpoint=False)
    oval = np.stack([np.sin(turn) * _RADII[0], -np.cos(turn) * _RADII[1]], -1) + _HEAD
    points[list(named.FACE_OVAL), :2] = oval
    points[named.NOSE_BOTTOM, :2] = 120, 174
    _arc(points, named.LIPS_OUTER_UPPER, MOUTH, (_MOUTH_HALF, -9))
    _arc(points, named.LIPS_OUTER_LOWER, MOUTH, (_MOUTH_HALF, 9))
    _arc(points, named.LIPS_INNER_UPPER, MOUTH, (_MOUTH_HALF - 1, 0))
    _arc(points, named.LIPS_INNER_LOWER, MOUTH, (_MOUTH_HALF - 1, 0))
    left, right = EYES
    across, high = _EYE
    _arc(points, named.LEFT_EYE_UPPER, left, (across, -high))
    _arc(points, named.LEFT_EYE_LOWER, left, (across, high))
    _arc(points, named.RIGHT_EYE_UPPER, right, (across, -high))
    _arc(points, named.RIGHT_EYE_LOWER, right, (across, high))
    _arc(points, (247, 30, 29, 27, 28, 56, 190), left, (across, -high - 4))
    _arc(points, (414, 286, 258, 257, 259, 260, 467), right, (across, -high - 4))
    _arc(points, named.LEFT_BROW_LOWER, (left[0], left[1] - 18), (across, -4))
    _arc(points, named.LEFT_BROW_UPPER, (left[0], left[1] - 22), (across, -4))
    _arc(points, named.RIGHT_BROW_LOWER, (right[0], right[1] - 18), (across, -4))
    _arc(points, named.RIGHT_BROW_UPPER, (right[0], right[1] - 22), (across, -4))
    for numbers, centre in ((named.LEFT_IRIS, left), (named.RIGHT_IRIS, right)):
        ring = np.array([[0, 0], [6, 0], [0, -6], [-6, 0], [0, 6]])
        points[list(numbers), :2] = ring + centre
    away = (((points[:, :2] - _HEAD) / _RADII) ** 2).sum(-1)
    points[:, 2] = -_DEPTH * np.sqrt(np.maximum(1 - away, 0))
    return points


def _arc(
    points: NDArray[np.float32],
    numbers: tuple[int, ...],
    centre: tuple[float, float],
    radii: tuple[float, float],
) -> None:
    """Put points on half an ellipse, from left to right."""
    turn = np.linspace(np.pi, 0, len(numbers))
    offsets = np.stack([np.cos(turn) * radii[0], np.sin(turn) * radii[1]], -1)
    points[list(numbers), :2] = offsets + centre
