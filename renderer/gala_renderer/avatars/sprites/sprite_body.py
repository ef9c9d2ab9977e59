"""Bodies made of sprites."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Box, Frame, Painter, Placement, Redraw, usual_head_top
from gala_renderer.avatars.pose import Pose
from gala_renderer.avatars.sprites.compositor import Compositor, Item
from gala_renderer.avatars.sprites.mouth_shapes import ShapeChooser, nearest
from gala_renderer.avatars.sprites.rig import Rig
from gala_renderer.avatars.sprites.sprite import NOTHING, Sprite, cropped
from gala_renderer.avatars.sprites.sprite_set import EYES, MOUTHS, SpriteSet, slot_of
from gala_renderer.avatars.yuv import Image, premultiplied

_HALF_CLOSED: Final = 0.3
_CLOSED: Final = 0.75
_BROW_RISE: Final = 0.035
"""How far raised brows move, as a fraction of the face's height."""
_SMILES: Final = 0.05
_SURPRISED: Final = 0.3
_FROWNS: Final = -0.3
"""Weights of curves from which expressions are shown: a face of medium energy smiles in longer
pauses, and raises its brows so far at the end of questions."""


class SpriteBody:
    """A presenter made of the sprites of a set."""

    def __init__(self, sprites: SpriteSet) -> None:
        self._set = sprites
        self._face = sprites.face or _found_face(sprites)
        self._neck = sprites.neck or (
            (self._face.left + self._face.right) / 2,
            self._face.bottom + 0.05 * self._face.height,
        )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its picture in pixels."""
        return self._set.size

    @property
    def face(self) -> Box:
        """The face from chin to hairline, at rest, in pixels of its picture."""
        return self._face

    @property
    def head_top(self) -> float:
        """Where hair usually ends above such a face."""
        return usual_head_top(self._face)

    @property
    def must_cover(self) -> bool:
        """False: what is behind the person is seen around it."""
        return False

    def own_background(self, size: tuple[int, int], placement: Placement) -> None:
        """Return None: nothing is drawn behind the person."""

    def painter(
        self, size: tuple[int, int], placement: Placement, background: NDArray[np.uint8] | None
    ) -> SpritePainter:
        """Return a painter for frames of ``size``, with the sprites in the scale of the output."""
        parts = {name: _scaled(self._set, name, placement.scale) for name in self._set.sprites}
        rig = Rig(self._face, self._neck, placement)
        return SpritePainter(parts, rig, Compositor(size, background))


class SpritePainter(Painter):
    """Sprites placed in a frame."""

    def __init__(self, parts: dict[str, Sprite], rig: Rig, compositor: Compositor) -> None:
        self._parts = parts
        self._rig = rig
        self._compositor = compositor
        self._chooser = ShapeChooser()
        self._shapes = [shape for shape, name in MOUTHS.items() if name in parts]

    def plan(self, pose: Pose, frame: Frame) -> Redraw:
        """Plan to draw what differs from the pose before; see :meth:`Painter.plan`."""
        shape = nearest(self._chooser.choose(pose), self._shapes)
        return self._compositor.plan(self._items(pose, MOUTHS[shape]), frame)

    def _items(self, pose: Pose, mouth: str) -> list[Item]:
        rig = self._rig
        body = rig.body(pose)
        # Without a head of its own, what is drawn on the body moves with the body.
        own_head = "head" in self._parts
        head = rig.head(pose, 0.0) if own_head else body
        face = rig.head(pose, 1.0) if own_head else body
        rise = -(pose.brow_left + pose.brow_right) / 2 * _BROW_RISE * rig.face.height
        brows = (
            rig.head(pose, 1.0, (0, rise))
            if own_head
            else body.shifted(0, rise * rig.placement.scale)
        )
        placed = {
            "base": body,
            "head": head,
            _expression(pose): face,
            mouth: face,
            self._eyes(pose): face,
            "brows": brows,
            "front": head,
            "hands": body,
        }
        return [Item(self._parts.get(name, NOTHING), where) for name, where in placed.items()]

    def _eyes(self, pose: Pose) -> str:
        """Return the name of the nearest eyes; an empty one if there are none."""
        blink = (pose.blink_left + pose.blink_right) / 2
        wanted = (blink >= _HALF_CLOSED) + (blink >= _CLOSED)
        there = [index for index, name in enumerate(EYES) if name in self._parts]
        return EYES[min(there, key=lambda index: abs(index - wanted))] if there else "eyes"


def _expression(pose: Pose) -> str:
    brows = (pose.brow_left + pose.brow_right) / 2
    if pose.smile >= _SMILES:
        return "expression_smile"
    if brows >= _SURPRISED:
        return "expression_surprise"
    return "expression_frown" if brows <= _FROWNS else "expression"


def _scaled(sprites: SpriteSet, name: str, scale: float) -> Sprite:
    width, height = sprites.size
    canvas = premultiplied(_on_canvas(sprites, name))
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(canvas, size, interpolation=how), np.uint8)
    # Cubic interpolation overshoots: a premultiplied colour is never above its alpha.
    colours = np.minimum(scaled[..., :3], scaled[..., 3:])
    return cropped(np.concatenate([colours, scaled[..., 3:]], axis=2), 0, 0)


def _on_canvas(sprites: SpriteSet, name: str) -> Image:
    """Return a sprite on a canvas of the size of the base; what overhangs is cut."""
    image = sprites.sprites[name]
    anchor = sprites.anchors.get(slot_of(name))
    if anchor is None or name == "base":
        return image
    width, height = sprites.size
    left = round(anchor[0] - image.shape[1] / 2)
    top = round(anchor[1] - image.shape[0] / 2)
    shift = np.array([[1, 0, left], [0, 1, top]], np.float32)
    moved = cv2.warpAffine(image, shift, (width, height), flags=cv2.INTER_NEAREST)
    return np.asarray(moved, np.uint8)


def _found_face(sprites: SpriteSet) -> Box:
    """Return the face guessed from eyes and mouth, or from the upper part of the base."""
    mouth = _bounds(_on_canvas(sprites, MOUTHS[nearest("X", sprites.shapes)]))
    eyes = next((name for name in EYES if name in sprites.sprites), None)
    if eyes is None:
        base = _bounds(_on_canvas(sprites, "head" if "head" in sprites.sprites else "base"))
        return Box(base.left, base.top, base.right, min(base.bottom, mouth.bottom + mouth.width))
    above = _bounds(_on_canvas(sprites, eyes))
    middle, distance = (above.top + above.bottom) / 2, mouth.bottom - above.top
    half = max(above.width * 0.75, distance * 0.6)
    x = (above.left + above.right) / 2
    return Box(x - half, middle - distance, x + half, mouth.bottom + 0.5 * distance)


def _bounds(image: Image) -> Box:
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(image[..., 3]))
    return Box(x, y, x + width, y + height)
