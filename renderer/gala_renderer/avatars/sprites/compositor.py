"""Composition of moving pictures over a background, redrawn only where something changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Frame
from gala_renderer.avatars.sprites.affine import Affine
from gala_renderer.avatars.yuv import (
    Image,
    PixelBox,
    blend_over,
    write_opaque,
    write_transparent,
)


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A picture in the scale of the output: premultiplied RGBA whose corner lies at an offset."""

    rgba: Image
    left: int
    top: int

    @property
    def empty(self) -> bool:
        """Whether it contains no pixels."""
        return self.rgba.size == 0


def cropped(rgba: Image, left: int, top: int) -> Sprite:
    """Return a sprite without the transparent margins of a premultiplied picture."""
    mask = np.ascontiguousarray(rgba[..., 3])
    x, y, width, height = cv2.boundingRect(mask)
    return Sprite(np.ascontiguousarray(rgba[y : y + height, x : x + width]), left + x, top + y)


@dataclass(frozen=True, slots=True)
class Item:
    """A sprite and the transformation that puts it into the frame."""

    sprite: Sprite
    transform: Affine


@dataclass(frozen=True, slots=True)
class _Drawn:
    """An item as it appears in the frame."""

    item: Item
    box: PixelBox
    rgba: Image


class Compositor:
    """Draws lists of items, back to front, into the frame that it drew last or into a new one."""

    def __init__(self, size: tuple[int, int], background: NDArray[np.uint8] | None) -> None:
        self._size = size
        self._background = background
        self._drawn: list[_Drawn] = []
        self._plane: Image | None = None

    def draw(self, items: Sequence[Item], frame: Frame) -> None:
        """Show ``items``, as many in number and in the same order as the last time."""
        before, self._drawn = self._drawn, self._placed(items)
        for box in self._changed(before, frame):
            self._compose(box, frame)
        self._plane = frame.y

    def _placed(self, items: Sequence[Item]) -> list[_Drawn]:
        """Return the items transformed, taking over those that have not changed."""
        before: Sequence[_Drawn | None] = self._drawn or [None] * len(items)
        return [
            last if last is not None and last.item == item else self._transformed(item)
            for last, item in zip(before, items, strict=True)
        ]

    def _transformed(self, item: Item) -> _Drawn:
        sprite = item.sprite
        if sprite.empty:
            return _Drawn(item, PixelBox(0, 0, 0, 0), sprite.rgba)
        height, width = sprite.rgba.shape[:2]
        transform = item.transform.after_shift(sprite.left, sprite.top)
        bounds = transform.bounds(width, height)
        box = PixelBox.around(*bounds, self._size)
        if box.empty:
            return _Drawn(item, box, sprite.rgba[:0])
        matrix = transform.shifted(-box.left, -box.top).matrix()
        rgba = cv2.warpAffine(sprite.rgba, matrix, (box.width, box.height), flags=cv2.INTER_LINEAR)
        return _Drawn(item, box, np.asarray(rgba, np.uint8))

    def _changed(self, before: Sequence[_Drawn], frame: Frame) -> list[PixelBox]:
        """Return boxes, apart from each other, that cover whatever has to be drawn."""
        if self._plane is not frame.y:
            return [PixelBox(0, 0, *self._size)]
        boxes: list[PixelBox] = []
        for old, new in zip(before, self._drawn, strict=True):
            if old is not new:
                _add(boxes, old.box.union(new.box))
        return boxes

    def _compose(self, box: PixelBox, frame: Frame) -> None:
        if self._background is None:
            canvas: Image = np.zeros((box.height, box.width, 4), np.uint8)
        else:
            canvas = np.ascontiguousarray(box.of(self._background)).copy()
        for drawn in self._drawn:
            shared = drawn.box.intersection(box)
            if not shared.empty:
                _blend(canvas, box, drawn, shared)
        if self._background is None:
            write_transparent(frame, box, canvas)
        else:
            write_opaque(frame, box, canvas)


def _blend(canvas: Image, canvas_box: PixelBox, drawn: _Drawn, shared: PixelBox) -> None:
    below = shared.relative_to(canvas_box).of(canvas)
    above = shared.relative_to(drawn.box).of(drawn.rgba)
    blend_over(below, above)


def _add(boxes: list[PixelBox], box: PixelBox) -> None:
    """Add a box, joined with those that it touches."""
    if box.empty:
        return
    for other in list(boxes):
        if not other.intersection(box).empty:
            boxes.remove(other)
            _add(boxes, other.union(box))
            return
    boxes.append(box)
