"""Colours of drawings: mixing, and the palettes that options name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Skin(StrEnum):
    """Tones of skin."""

    PORCELAIN = "porcelain"
    LIGHT = "light"
    OLIVE = "olive"
    BROWN = "brown"
    DEEP = "deep"


class HairColour(StrEnum):
    """Colours of hair and brows."""

    BLACK = "black"
    BROWN = "brown"
    AUBURN = "auburn"
    BLOND = "blond"
    GREY = "grey"
    VIOLET = "violet"


class EyeColour(StrEnum):
    """Colours of irises."""

    BROWN = "brown"
    HAZEL = "hazel"
    GREEN = "green"
    BLUE = "blue"
    GREY = "grey"


class ClothesColour(StrEnum):
    """Colours of clothes."""

    TEAL = "teal"
    CORAL = "coral"
    INDIGO = "indigo"
    MUSTARD = "mustard"
    PLUM = "plum"
    CHARCOAL = "charcoal"


@dataclass(frozen=True, slots=True)
class SkinTones:
    """A tone of skin with its light, its shade, its blush and its lips."""

    base: str
    light: str
    shade: str
    deep: str
    blush: str
    lip: str


SKINS: Final = {
    Skin.PORCELAIN: SkinTones("#fbdcc8", "#ffeee2", "#efb99f", "#d99277", "#f58f86", "#cf6465"),
    Skin.LIGHT: SkinTones("#f4c4a1", "#fddcc0", "#e09f78", "#c27a55", "#ee7f6c", "#bd5a55"),
    Skin.OLIVE: SkinTones("#dba679", "#ebc097", "#bd8254", "#996039", "#d46a52", "#a84f48"),
    Skin.BROWN: SkinTones("#a86d45", "#c0875d", "#864f2e", "#64371d", "#b14d38", "#8a3d38"),
    Skin.DEEP: SkinTones("#6f4329", "#89583a", "#51301d", "#391f11", "#8a3628", "#7a3533"),
}
HAIR_COLOURS: Final = {
    HairColour.BLACK: "#2a2430",
    HairColour.BROWN: "#5a3825",
    HairColour.AUBURN: "#8e3f24",
    HairColour.BLOND: "#d9a651",
    HairColour.GREY: "#9a9aa5",
    HairColour.VIOLET: "#6a4aa8",
}
EYE_COLOURS: Final = {
    EyeColour.BROWN: "#6b4023",
    EyeColour.HAZEL: "#8f6a2c",
    EyeColour.GREEN: "#3f8458",
    EyeColour.BLUE: "#3777b8",
    EyeColour.GREY: "#66788a",
}
CLOTHES_COLOURS: Final = {
    ClothesColour.TEAL: "#1f8a8a",
    ClothesColour.CORAL: "#ee6c5b",
    ClothesColour.INDIGO: "#3f4aa6",
    ClothesColour.MUSTARD: "#e0a52f",
    ClothesColour.PLUM: "#7d3768",
    ClothesColour.CHARCOAL: "#3b424e",
}


def mixed(first: str, second: str, share: float) -> str:
    """Return a colour between two of the form ``#rrggbb``; ``share`` is that of the second."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def darker(colour: str, share: float) -> str:
    """Return a colour mixed with a dark violet, as shade under daylight looks."""
    return mixed(colour, "#1c1030", share)


def lighter(colour: str, share: float) -> str:
    """Return a colour mixed with a warm white."""
    return mixed(colour, "#fff6ea", share)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
