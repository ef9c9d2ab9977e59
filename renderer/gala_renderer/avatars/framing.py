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
_HEADROOM: Final = 0.04
"""Least distance of the hair from the top of the frame, as a fraction of the frame's height."""
_MOST_HEADROOM: Final = 0.2
"""A cut-out person who stands lower is enlarged, up to the size of a face that fills the frame."""
_BELOW_CHIN: Final = 0.12
"""Least distance of the chin from the bottom of the frame, in heights of the face."""
_LARGEST_HEAD: Final = {Framing.FULL: 0.70, Framing.BUST: 0.76, Framing.FACE: 0.76}
"""Height of the head with its hair up to which a narrow picture is enlarged to the frame's width,
as a fraction of the frame's height."""
_WIDEST_FACE: Final = 0.8
"""Width of the face up to which a wide picture is enlarged to the frame's height, as a fraction of
the frame's width."""


def place(body: Body, size: tuple[int, int], framing: Framing, *, cut_out: bool) -> Placement:
    """Return the placement of a body in a frame of ``size`` (width, height).

    The picture covers the whole frame, unless the head would be too large, or the person is
    ``cut_out`` of it: then only the lower edge of the frame must be covered, so that the person
    does not float.
    """
    width, height = size
    scale = (_cut_out_scale if cut_out else _scale)(body, size, framing)
    across, down = body.size[0] * scale, body.size[1] * scale
    face = body.face
    x = width / 2 - scale * (face.left + face.right) / 2
    y = _top(body, height, framing, scale)
    if cut_out:
        y = height - down if framing is Framing.FULL else max(y, height - down)
    else:
        y = _covering(y, down, height) if down > height else height - down
    return Placement(scale, x if across < width else _covering(x, across, width), y)


def _top(body: Body, height: int, framing: Framing, scale: float) -> float:
    """Return where the picture begins: lower if hair would be cut off, unless the chin would be."""
    face = body.face
    centred = _FACE_CENTRE[framing] * height - scale * (face.top + face.bottom) / 2
    # The picture's own top stays outside of the frame where it cuts off hair.
    above = scale * body.head_top
    with_hair = min(_HEADROOM * height, above) - above
    with_chin = height - scale * (face.bottom + _BELOW_CHIN * face.height)
    return max(centred, min(with_hair, with_chin))


def _scale(body: Body, size: tuple[int, int], framing: Framing) -> float:
    """Return the scale of a picture that is shown with its background."""
    if not body.must_cover and not _may_cover(body, size, framing):
        return _cut_out_scale(body, size, framing)
    covering = max(size[0] / body.size[0], size[1] / body.size[1])
    return max(_wanted(body, size, framing), covering)


def _cut_out_scale(body: Body, size: tuple[int, int], framing: Framing) -> float:
    width, height = size
    across = width / body.size[0]
    # A picture that is all face has no chest to show: closer framings are not farther away.
    whole = min(across, height / body.size[1])
    if framing is Framing.FULL:
        return whole
    standing = (1 - _MOST_HEADROOM) * height / (body.size[1] - body.head_top)
    raised = min(standing, _wanted(body, size, Framing.FACE))
    scale = max(_wanted(body, size, framing), whole, raised)
    return max(scale, across) if _may_cover(body, size, framing) else scale


def _may_cover(body: Body, size: tuple[int, int], framing: Framing) -> bool:
    """Return whether the head is not too large if the picture covers the frame."""
    across, down = size[0] / body.size[0], size[1] / body.size[1]
    if across > down:
        head = body.face.bottom - body.head_top
        return across * head <= _LARGEST_HEAD[framing] * size[1]
    return down * body.face.width <= _WIDEST_FACE * size[0]


def _wanted(body: Body, size: tuple[int, int], framing: Framing) -> float:
    """Return the scale at which the face has the size of a framing."""
    face = min(_FACE_HEIGHT[framing] * size[1], _FACE_BY_WIDTH[framing] * size[0])
    return face / body.face.height


def _covering(start: float, length: float, side: int) -> float:
    """Return the start moved so that a picture of ``length`` covers the whole side."""
    return min(0.0, max(start, side - length))
