"""Paints texts whose parts move, by parts of a pixel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.yuv import blend_over, premultiplied, straight
from gala_renderer.timeline.drawing.text_parts import AnimatedText, TextPart

Image = NDArray[np.uint8]

_RISE: Final = 0.7
_SLIDE: Final = 1.2
"""How far parts move, in em."""
_SOLID_EARLY: Final = 1.6
"""Parts that move are opaque before they arrive."""
_OVERSHOOT: Final = 1.70158
"""Of the back easing: ten per cent."""


class _Pose(NamedTuple):
    """A part in a frame: shift in pixels, size and opacity."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    opacity: float = 1.0


_REST: Final = _Pose()


def _popped(there: float) -> float:
    back = there - 1
    return max(0.0, 1 + (_OVERSHOOT + 1) * back**3 + _OVERSHOOT * back**2)


_POSES: Final[Mapping[str, Callable[[float, float], _Pose]]] = {
    "fade": lambda there, _: _Pose(opacity=there),
    "typewriter": lambda there, _: _Pose(opacity=float(there >= 1)),
    "rise": lambda there, way: _Pose(y=way * _RISE * (1 - there), opacity=_SOLID_EARLY * there),
    "drop": lambda there, way: _Pose(y=-way * _RISE * (1 - there), opacity=_SOLID_EARLY * there),
    "slide-left": lambda there, way: _Pose(way * _SLIDE * (1 - there), opacity=there),
    "slide-right": lambda there, way: _Pose(-way * _SLIDE * (1 - there), opacity=there),
    "pop": lambda there, _: _Pose(scale=_popped(there), opacity=4 * there),
}
"""Poses by name, from how much of a part is there, 0 to 1, and its way: 1 in, -1 out. Shifts in
em."""


def frames(text: AnimatedText, size: tuple[int, int], skipped: int) -> Iterator[Image | None]:
    """Yield the picture for each frame from ``skipped`` on; None where it is the one before."""
    painter = _Painter(text, size)
    last = max(
        (growth.end for part in text.parts for growth in (part.arrives, part.leaves) if growth),
        default=0.0,
    )
    before: list[_Pose] = []
    for frame in range(skipped, max(math.ceil(last), skipped) + 1):
        poses = [_pose(text, part, frame) for part in text.parts]
        yield None if poses == before else painter.picture(poses)
        before = poses


def _pose(text: AnimatedText, part: TextPart, frame: int) -> _Pose:
    """Return a part in a frame, with its shift in pixels."""
    for name, growth, way in ((text.leaving, part.leaves, -1), (text.arriving, part.arrives, 1)):
        if name is None or growth is None:
            continue
        grown = growth.at(frame)
        there = grown if way > 0 else 1 - grown
        if there < 1:
            pose = _POSES["fade" if part.is_box else name](max(there, 0.0), way)
            return _Pose(pose.x * text.em, pose.y * text.em, pose.scale, min(pose.opacity, 1.0))
    return _REST


class _Painter:
    def __init__(self, text: AnimatedText, size: tuple[int, int]):
        pixels = np.fromfile(text.pixels, np.uint8)
        width, height = size
        self._whole = pixels[text.whole :].reshape(height, width, 4)
        self._parts = [(part, premultiplied(_pixels(pixels, part))) for part in text.parts]
        self._canvas: Image = np.zeros((height, width, 4), np.uint8)

    def picture(self, poses: list[_Pose]) -> Image:
        """Return RGBA (straight) of the parts in their poses."""
        if all(pose == _REST for pose in poses):
            return self._whole
        self._canvas[...] = 0
        for (part, pixels), pose in zip(self._parts, poses, strict=True):
            if pose.opacity > 0 and pose.scale > 0:
                self._lay(part, pixels, pose)
        return straight(self._canvas)

    def _lay(self, part: TextPart, pixels: Image, pose: _Pose) -> None:
        """Lay a part over the canvas."""
        height, width = self._canvas.shape[:2]
        half = part.width / 2, part.height / 2
        center = part.left + half[0] + pose.x, part.top + half[1] + pose.y
        reach = half[0] * pose.scale + 1, half[1] * pose.scale + 1
        left, top = max(0, int(center[0] - reach[0])), max(0, int(center[1] - reach[1]))
        right = min(width, math.ceil(center[0] + reach[0]))
        bottom = min(height, math.ceil(center[1] + reach[1]))
        if right <= left or bottom <= top:
            return
        # OpenCV's pixels have their number in their middle.
        shift = [
            center[at] - pose.scale * half[at] + (pose.scale - 1) / 2 - (left, top)[at]
            for at in range(2)
        ]
        matrix = np.array([[pose.scale, 0, shift[0]], [0, pose.scale, shift[1]]])
        drawn = cv2.warpAffine(pixels, matrix, (right - left, bottom - top))
        if pose.opacity < 1:
            drawn = cv2.convertScaleAbs(drawn, alpha=pose.opacity)
        blend_over(self._canvas[top:bottom, left:right], np.asarray(drawn, np.uint8))


def _pixels(file: Image, part: TextPart) -> Image:
    end = part.start + part.width * part.height * 4
    return file[part.start : end].reshape(part.height, part.width, 4)
