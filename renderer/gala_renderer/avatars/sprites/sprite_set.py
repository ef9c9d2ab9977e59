"""Pictures of a body made of sprites, checked when they are loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from gala.errors import InvalidRequest
from gala.name_suggestions import suggestion
from gala.render_types.params.sprites import LARGEST_SIDE, SpriteName, SpriteSlot
from gala_renderer.avatars.body import Box
from gala_renderer.avatars.sprites.mouth_shapes import SHAPES
from gala_renderer.avatars.yuv import Image

MOUTHS: Final = {shape: f"mouth_{shape.lower()}" for shape in SHAPES}
EYES: Final = ("eyes_open", "eyes_half", "eyes_closed")
NAMES: Final = tuple(name.value for name in SpriteName)
SLOTS: Final = tuple(slot.value for slot in SpriteSlot)
SMALLEST: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class SpriteSet:
    """Sprites by name, straight RGBA, and where they lie.

    All have the size of ``base`` unless their slot has an anchor: the point of ``base`` at which
    the middle of the sprite lies. Slots are the first words of the names.
    """

    sprites: Mapping[str, Image]
    anchors: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    face: Box | None = None
    """The face from chin to hairline; found from eyes and mouth if it is not given."""
    neck: tuple[float, float] | None = None
    """The point about which the head tilts; below the face if it is not given."""

    def __post_init__(self) -> None:
        self._check_names()
        for name, image in self.sprites.items():
            _check_pixels(name, image)
        self._check_geometry()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the base."""
        height, width = self.sprites["base"].shape[:2]
        return width, height

    @property
    def shapes(self) -> list[str]:
        """The mouth shapes that it has."""
        return [shape for shape, name in MOUTHS.items() if name in self.sprites]

    def _check_names(self) -> None:
        for name in self.sprites:
            if name not in NAMES:
                raise _refusal(name, f"no sprite has this name. {suggestion(name, NAMES)}")
        if "base" not in self.sprites:
            raise _refusal(
                "base", "the sprite is missing; add the picture of the body without mouth and eyes"
            )
        if not self.shapes:
            raise _refusal(
                "mouth_x",
                "at least one mouth is needed; add mouth_x, the mouth at rest, "
                "and as many of mouth_a to mouth_h as you have",
            )
        for slot in self.anchors:
            if slot not in SLOTS:
                raise _refusal(
                    f"anchors.{slot}", f"no slot has this name. {suggestion(slot, SLOTS)}"
                )

    def _check_geometry(self) -> None:
        width, height = self.size
        for name, image in self.sprites.items():
            if slot_of(name) not in self.anchors and image.shape != (height, width, 4):
                raise _refusal(
                    name,
                    f"{_size(image)} pixels, but base has {_size(self.sprites['base'])}; "
                    "draw it on a canvas of the same size, or give the slot "
                    f"{slot_of(name)!r} an anchor",
                )
        for slot, (x, y) in self.anchors.items():
            if not (0 <= x <= width and 0 <= y <= height):
                raise _refusal(
                    f"anchors.{slot}",
                    f"({x:g}, {y:g}) lies outside of base, which is {width} pixels wide "
                    f"and {height} high; "
                    "give the place of the sprite's middle in pixels of base",
                )


def slot_of(name: str) -> str:
    """Return the slot of a sprite: the first word of its name."""
    return name.partition("_")[0]


def _check_pixels(name: str, image: Image) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 4:
        raise _refusal(name, "not RGBA with 8 bits; save it as a PNG with transparency")
    height, width = image.shape[:2]
    size = f"{_size(image)} pixels"
    if name == "base" and min(width, height) < SMALLEST:
        raise _refusal(name, f"{size}; at least {SMALLEST} by {SMALLEST} are needed")
    if max(width, height) > LARGEST_SIDE:
        raise _refusal(
            name, f"{size}; at most {LARGEST_SIDE} by {LARGEST_SIDE} are allowed, scale it down"
        )
    alpha = image[..., 3]
    if not alpha.any():
        raise _refusal(name, "wholly transparent; draw something or leave it out")
    if name != "base" and alpha.min() == 255:
        raise _refusal(
            name,
            "no pixel is transparent, so it would hide the base; "
            "save it with a transparent background",
        )


def _size(image: Image) -> str:
    return f"{image.shape[1]} by {image.shape[0]}"


def _refusal(name: str, what: str) -> InvalidRequest:
    return InvalidRequest(f"{name}: {what}", field=name)
