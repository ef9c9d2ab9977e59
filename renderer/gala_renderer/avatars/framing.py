"""Where a presenter stands in a frame: how large, and how far the head is from the top."""

from __future__ import annotations

from typing import Final

from gala.presenter_looks import Framing
from gala_renderer.avatars.body import Body, Placement

_FACE_HEIGHT: Final = {Framing.FULL: 0.0, Framing.BUST: 0.30, Framing.FACE: 0.46}
"""Height of the face from chin to hairline, as a fraction of the frame's height."""
_FACE_BY_WIDTH: Final = {Framing.FULL: 0.0, Framing.BUST: 0.44, Framing.FACE: 0.62}
"""The same as a fraction of the frame's width, which limits it in upright frames."""
_FACE_CENTRE: Final = {Framing.FULL: 0.40, Framing.BUST: 0.40, Framing.FACE: 0.46}
"""Height of the middle of the face, as a fraction of the frame's height."""
_HEAD_ABOVE: Final = 0.85
_HEAD_BELOW: Final = 0.62
"""How far hair and chin reach from the middle of the face, in heights of the face."""
_LARGEST_FACE: Final = 0.5
"""A cut-out person is enlarged to the frame's width only if the face stays below this height."""


def place(body: Body, size: tuple[int, int], framing: Framing, *, cut_out: bool) -> Placement:
    """Return the placement of a body in a frame of ``size`` (width, height).

    The picture covers the whole frame, unless the person is ``cut_out`` of it: then only the lower
    edge of the frame must be covered, so that the person does not float.
    """
    width, height = size
    scale = _scale(body, size, framing, cut_out=cut_out)
    across, down = body.size[0] * scale, body.size[1] * scale
    face = body.face
    x = width / 2 - scale * (face.left + face.right) / 2
    y = _centre(framing, height, scale * face.height) - scale * (face.top + face.bottom) / 2
    if cut_out:
        y = height - down if framing is Framing.FULL else max(y, height - down)
        return Placement(scale, x if across < width else _covering(x, across, width), y)
    return Placement(scale, _covering(x, across, width), _covering(y, down, height))


def _centre(framing: Framing, height: int, face: float) -> float:
    """Return where the middle of a face of this height is: lower if its hair would be cut off."""
    lowest = min(_HEAD_ABOVE * face, height - _HEAD_BELOW * face)
    return max(_FACE_CENTRE[framing] * height, lowest)


def _scale(body: Body, size: tuple[int, int], framing: Framing, *, cut_out: bool) -> float:
    width, height = size
    covering = max(width / body.size[0], height / body.size[1])
    whole = min(width / body.size[0], height / body.size[1])
    if framing is Framing.FULL:
        return whole if cut_out else covering
    wanted = min(_FACE_HEIGHT[framing] * height, _FACE_BY_WIDTH[framing] * width)
    scale = wanted / body.face.height
    if not cut_out:
        return max(scale, covering)
    # A picture that is all face has no chest to show: closer framings are not farther away.
    scale = max(scale, whole)
    across = width / body.size[0]
    if across * body.face.height <= _LARGEST_FACE * height:
        scale = max(scale, across)
    return scale


def _covering(start: float, length: float, side: int) -> float:
    """Return the start moved so that a picture of ``length`` covers the whole side."""
    return min(0.0, max(start, side - length))
