"""Composition of moving sprites over a background, redrawn only where something changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Frame, Redraw
from gala_renderer.avatars.sprites.affine import Affine
from gala_renderer.avatars.sprites.sprite import Layer, Sprite
from gala_renderer.avatars.yuv import Image, PixelBox, write_opaque, write_transparent

_KEPT: Final = 24
"""Sprites kept at a fraction of a pixel, for those that are only moved."""


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
    layer: Layer | None


class Compositor:
    """Draws lists of items, back to front, into the last frame or into a new one."""

    def __init__(self, size: tuple[int, int], background: NDArray[np.uint8] | None) -> None:
        self._size = size
        self._background = None if background is None else _opaque(background)
        self._drawn: list[_Drawn] = []
        self._plane: Image | None = None
        self._kept: OrderedDict[tuple[Sprite, float, float], Layer | None] = OrderedDict()

    def plan(self, items: Sequence[Item], frame: Frame) -> Redraw:
        """Plan to show ``items``, as many in number and in the same order as the last time.

        They are transformed now, which takes most of the time; see
        :meth:`gala_renderer.avatars.body.Painter.plan`.
        """
        before, self._drawn = self._drawn, self._placed(items)
        changed = {box: self._seen(box) for box in self._changed(before, frame)}
        self._plane = frame.y
        return partial(self._draw, changed, frame)

    def _draw(self, changed: Mapping[PixelBox, list[Layer]], frame: Frame) -> None:
        for box, layers in changed.items():
            self._compose(box, layers, frame)

    def _placed(self, items: Sequence[Item]) -> list[_Drawn]:
        """Return the items transformed, taking over those that have not changed."""
        before: Sequence[_Drawn | None] = self._drawn or [None] * len(items)
        return [
            last if last is not None and last.item == item else self._transformed(item)
            for last, item in zip(before, items, strict=True)
        ]

    def _transformed(self, item: Item) -> _Drawn:
        sprite = item.sprite
        transform = item.transform.after_shift(sprite.left, sprite.top)
        if transform.only_moves:
            layer = self._moved(sprite, transform)
        else:
            layer = sprite.layer(transform, self._size)
        height, width = sprite.rgba.shape[:2]
        bounds = transform.pixel_bounds(PixelBox(0, 0, width, height))
        box = PixelBox.around(bounds.left, bounds.top, bounds.right, bounds.bottom, self._size)
        return _Drawn(item, box, layer)

    def _moved(self, sprite: Sprite, transform: Affine) -> Layer | None:
        """Return a sprite that is only moved: what was sampled for the same fraction is reused."""
        x, y = int(transform.tx // 1), int(transform.ty // 1)
        key = sprite, transform.tx - x, transform.ty - y
        if key not in self._kept:
            self._kept[key] = sprite.layer(transform.shifted(-x, -y), None)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        kept = self._kept[key]
        return None if kept is None else kept.moved(x, y)

    def _changed(self, before: Sequence[_Drawn], frame: Frame) -> list[PixelBox]:
        """Return boxes, apart from each other, that cover whatever has to be drawn."""
        if self._plane is not frame.y:
            return [PixelBox(0, 0, *self._size)]
        boxes: list[PixelBox] = []
        for old, new in zip(before, self._drawn, strict=True):
            if old is not new:
                _add(boxes, old.box.union(new.box))
        return boxes

    def _compose(self, box: PixelBox, layers: list[Layer], frame: Frame) -> None:
        if layers and layers[0].hides(box):
            first, *layers = layers
            canvas = box.relative_to(first.box).of(first.rgba).copy()
        elif self._background is None:
            canvas = np.zeros((box.height, box.width, 4), np.uint8)
        else:
            canvas = box.of(self._background).copy()
        for layer in layers:
            layer.blend(box, canvas)
        if self._background is None:
            write_transparent(frame, box, canvas)
        else:
            rgb = cv2.cvtColor(canvas, cv2.COLOR_RGBA2RGB)
            write_opaque(frame, box, np.asarray(rgb, np.uint8))

    def _seen(self, box: PixelBox) -> list[Layer]:
        """Return the layers that are seen in a box, back to front."""
        seen: list[Layer] = []
        for drawn in reversed(self._drawn):
            layer = drawn.layer
            if layer is None or layer.box.intersection(box).empty:
                continue
            seen.append(layer)
            if layer.hides(box):
                break
        return seen[::-1]


def _opaque(rgb: Image) -> Image:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA), np.uint8)


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
