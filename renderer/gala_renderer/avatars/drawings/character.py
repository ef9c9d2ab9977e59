"""Drawn characters as bodies of presenters."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gala.presenter_looks import CharacterOptions
from gala_renderer.avatars.body import Box, Frame, Painter, Placement, Redraw
from gala_renderer.avatars.drawings import eyes, hair, head, mouth, torso
from gala_renderer.avatars.drawings.colours import SKINS
from gala_renderer.avatars.drawings.svg import Drawing, rasterized
from gala_renderer.avatars.pose import Pose
from gala_renderer.avatars.sprites.compositor import Compositor, Item
from gala_renderer.avatars.sprites.mouth_shapes import opening
from gala_renderer.avatars.sprites.rig import Rig
from gala_renderer.avatars.sprites.sprite import NOTHING, Sprite

_SIZE = (1200, 1600)
_NECK = (600.0, 800.0)
_CHIN_STEPS = 6
_BROW_RISE = 20.0
_SKETCH = 0.1
"""Pixels per unit at which the hair is measured."""
_FACE = Box(head.LEFT, head.HAIRLINE, head.RIGHT, head.CHIN)


class Character:
    """A body drawn as vectors, at the size at which it is shown."""

    def __init__(self, options: CharacterOptions) -> None:
        self._options = options

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its picture in pixels."""
        return _SIZE

    @property
    def face(self) -> Box:
        """The face from chin to hairline, at rest, in pixels of its picture."""
        return _FACE

    @property
    def head_top(self) -> float:
        """Where the hair ends above the face, to a few units."""
        drawings = hair.back(self._options), hair.front(self._options)
        tops = [rasterized(each, _SKETCH).top for each in drawings if each.elements]
        return min(_FACE.top, *(top / _SKETCH for top in tops))

    @property
    def must_cover(self) -> bool:
        """False: what is behind the person is seen around it."""
        return False

    def own_background(self, size: tuple[int, int], placement: Placement) -> None:
        """Return None: nothing is drawn behind the person."""

    def painter(
        self, size: tuple[int, int], placement: Placement, background: NDArray[np.uint8] | None
    ) -> CharacterPainter:
        """Return a painter for frames of ``size``."""
        parts = _Parts(self._options, placement.scale)
        return CharacterPainter(parts, Rig(_FACE, _NECK, placement), Compositor(size, background))


class CharacterPainter(Painter):
    """A drawn character placed in a frame."""

    def __init__(self, parts: _Parts, rig: Rig, compositor: Compositor) -> None:
        self._parts = parts
        self._rig = rig
        self._compositor = compositor

    def plan(self, pose: Pose, frame: Frame) -> Redraw:
        """Plan to draw what differs from the pose before; see :meth:`Painter.plan`."""
        return self._compositor.plan(self._items(pose), frame)

    def _items(self, pose: Pose) -> list[Item]:
        parts, rig = self._parts, self._rig
        features = rig.head(pose, 1.0)
        chin = round(opening(pose) * _CHIN_STEPS)
        gaze = (pose.gaze_x, pose.gaze_y)
        eye_left = eyes.Eye.of(-1, pose.blink_left, gaze, pose.smile)
        eye_right = eyes.Eye.of(1, pose.blink_right, gaze, pose.smile)
        return [
            Item(parts.back_hair, rig.head(pose, -0.5)),
            Item(parts.torso, rig.body(pose)),
            Item(parts.head, rig.head(pose, 0.15)),
            Item(parts.jaw(chin), rig.head(pose, 0.15)),
            Item(parts.mouth(mouth.Mouth.of(pose)), features),
            Item(parts.eye(eye_left), features),
            Item(parts.eye(eye_right), features),
            Item(parts.nose, rig.head(pose, 1.35)),
            Item(parts.brow(-1), rig.head(pose, 1.0, (0, -_BROW_RISE * pose.brow_left))),
            Item(parts.brow(1), rig.head(pose, 1.0, (0, -_BROW_RISE * pose.brow_right))),
            Item(parts.glasses, rig.head(pose, 1.2)),
            Item(parts.front_hair, rig.head(pose, 0.5)),
        ]


class _Parts:
    """The parts of a character at a scale, drawn when they are first needed."""

    def __init__(self, options: CharacterOptions, scale: float) -> None:
        self._options = options
        self._scale = scale
        self._skin = SKINS[options.skin]
        self.jaw = lru_cache(maxsize=None)(self._jaw)
        self.mouth = lru_cache(maxsize=512)(self._mouth)
        self.eye = lru_cache(maxsize=256)(self._eye)
        self.head = self._sprite(head.head(options, 0.0))
        self.torso = self._sprite(torso.torso(options))
        self.back_hair = self._sprite(hair.back(options))
        self.front_hair = self._sprite(hair.front(options))
        self.nose = self._sprite(eyes.nose(options))
        self.glasses = self._sprite(eyes.glasses(options))
        self._brows = {side: self._sprite(eyes.brow(side, options)) for side in (-1, 1)}

    def brow(self, side: int) -> Sprite:
        """Return the left (-1) or right (1) brow."""
        return self._brows[side]

    def _jaw(self, chin: int) -> Sprite:
        if not chin:
            return NOTHING  # the head is drawn so
        return self._sprite(head.jaw(self._options, chin / _CHIN_STEPS * mouth.CHIN_DROP))

    def _mouth(self, shape: mouth.Mouth) -> Sprite:
        return self._sprite(mouth.mouth(shape, self._skin))

    def _eye(self, state: eyes.Eye) -> Sprite:
        return self._sprite(eyes.eye(state, self._options))

    def _sprite(self, drawing: Drawing) -> Sprite:
        return rasterized(drawing, self._scale)


def character(options: CharacterOptions | None = None) -> Character:
    """Return the body of a drawn character; without options that of the preset *gala*."""
    return Character(options or CharacterOptions())
