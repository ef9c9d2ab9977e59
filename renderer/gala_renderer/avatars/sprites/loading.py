"""Makes bodies of decoded sprites."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gala.render_types.params.sprites import SpriteLayout
from gala_renderer.avatars.bodies import RawPicture
from gala_renderer.avatars.body import Box
from gala_renderer.avatars.sprites.sprite_body import SpriteBody
from gala_renderer.avatars.sprites.sprite_set import SpriteSet
from gala_renderer.avatars.yuv import Image


def load_sprites(sprites: Mapping[str, Image], layout: SpriteLayout | None = None) -> SpriteBody:
    """Return a body made of straight RGBA by name.

    Raise ``InvalidRequest``, which names the sprite and the remedy.
    """
    place = layout or SpriteLayout()
    face = None if place.face is None else Box(*place.face)
    anchors = {slot.value: point for slot, point in place.anchors.items()}
    return SpriteBody(SpriteSet(sprites, anchors, face, place.neck))


def mapped_pictures(pictures: Mapping[str, RawPicture]) -> dict[str, Image]:
    """Return the pictures by name, mapped into memory: what is not used takes none."""
    return {
        name: np.memmap(one.path, np.uint8, "r", shape=(one.height, one.width, 4))
        for name, one in pictures.items()
    }
