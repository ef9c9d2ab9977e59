"""Pictures that show what was found."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.faces.face import Face
from gala_renderer.avatars.faces.square import Picture

_LINES: Final = (
    ((*named.FACE_OVAL, named.FACE_OVAL[0]), (80, 200, 255)),
    (named.LEFT_BROW_UPPER, (160, 255, 90)),
    (named.RIGHT_BROW_UPPER, (160, 255, 90)),
    (named.LEFT_EYE_UPPER, (255, 230, 60)),
    (named.LEFT_EYE_LOWER, (255, 230, 60)),
    (named.RIGHT_EYE_UPPER, (255, 230, 60)),
    (named.RIGHT_EYE_LOWER, (255, 230, 60)),
    (named.LIPS_OUTER_UPPER, (255, 70, 110)),
    (named.LIPS_OUTER_LOWER, (255, 70, 110)),
    (named.LIPS_INNER_UPPER, (255, 150, 180)),
    (named.LIPS_INNER_LOWER, (255, 150, 180)),
    ((*named.NOSE_BRIDGE, named.NOSE_TIP, named.NOSE_BOTTOM), (255, 255, 255)),
)
_IRIS: Final = (60, 255, 255)
_MASK_EDGE: Final = (255, 60, 255)
_FRACTION_BITS: Final = 4


def draw_landmarks(
    picture: Picture, face: Face, mask: NDArray[np.float32] | None = None
) -> Picture:
    """Return a copy of the picture with the face's contours and, if given, the mask's edge."""
    import cv2  # noqa: PLC0415 - heavy, and optional

    found = np.ascontiguousarray(picture).copy()
    width = max(round(face.height / 250), 1)
    if mask is not None:
        inside = (mask > 0.5).astype(np.uint8)
        edges, _ = cv2.findContours(inside, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(found, edges, -1, _MASK_EDGE, width)
    for numbers, colour in _LINES:
        line = _fixed_point(face.contour(*numbers))
        cv2.polylines(found, [line], False, colour, width, cv2.LINE_AA, _FRACTION_BITS)
    for centre, *edge in (named.LEFT_IRIS, named.RIGHT_IRIS):
        middle = face.contour(centre)
        radius = float(np.hypot(*(face.contour(*edge) - middle).T).mean())
        x, y = _fixed_point(middle)[0].tolist()
        size = max(round(radius * 2**_FRACTION_BITS), 1)
        cv2.circle(found, (x, y), size, _IRIS, width, cv2.LINE_AA, _FRACTION_BITS)
    return found


def _fixed_point(points: NDArray[np.float32]) -> NDArray[np.int32]:
    # OpenCV counts from the centre of the first pixel.
    return np.round((points - 0.5) * 2**_FRACTION_BITS).astype(np.int32)
