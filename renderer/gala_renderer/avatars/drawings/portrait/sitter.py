"""Who is painted: the parameters of a portrait."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gala_renderer.avatars.drawings.portrait.ground import RGB


class Hairstyle(StrEnum):
    """How the hair is worn."""

    LONG = "long"
    SHORT = "short"
    BUN = "bun"
    BALD = "bald"


@dataclass(frozen=True, slots=True)
class Sitter:
    """A person who does not exist. Lengths are in millimetres, colours from 0 to 1."""

    skin: RGB = (0.86, 0.66, 0.53)
    hair: RGB = (0.33, 0.19, 0.11)
    iris: RGB = (0.30, 0.40, 0.36)
    lips: RGB = (0.74, 0.36, 0.33)
    clothes: RGB = (0.16, 0.27, 0.36)
    background: RGB = (0.33, 0.31, 0.24)
    hairstyle: Hairstyle = Hairstyle.LONG
    age: float = 0.15
    """0 is young, 1 is old: folds and bags."""
    jaw: float = 0.0
    """-1 is a narrow jaw, 1 a wide one."""
    brows: float = 1.0
    """Thickness of the brows."""
    nose: float = 1.0
    """Width of the nose."""
    fullness: float = 1.0
    """Thickness of the lips."""
    beard: float = 0.0
    """0 is none, 1 is full."""
    glasses: bool = False
    smile: float = 0.25
    parted: float = 0.0
    """How far the lips are apart."""
    light: tuple[float, float] = (-0.60, -0.50)
    """Where the light comes from; negative is left and above."""
    seed: int = 1
