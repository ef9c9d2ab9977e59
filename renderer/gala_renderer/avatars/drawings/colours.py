"""Colours of drawings: mixing, and the palettes that options name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gala.presenter_looks import ClothesColor, EyeColor, HairColor, Skin


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
    HairColor.BLACK: "#2a2430",
    HairColor.BROWN: "#5a3825",
    HairColor.AUBURN: "#8e3f24",
    HairColor.BLOND: "#d9a651",
    HairColor.GREY: "#9a9aa5",
    HairColor.VIOLET: "#6a4aa8",
}
EYE_COLOURS: Final = {
    EyeColor.BROWN: "#6b4023",
    EyeColor.HAZEL: "#8f6a2c",
    EyeColor.GREEN: "#3f8458",
    EyeColor.BLUE: "#3777b8",
    EyeColor.GREY: "#66788a",
}
CLOTHES_COLOURS: Final = {
    ClothesColor.TEAL: "#1f8a8a",
    ClothesColor.CORAL: "#ee6c5b",
    ClothesColor.INDIGO: "#3f4aa6",
    ClothesColor.MUSTARD: "#e0a52f",
    ClothesColor.PLUM: "#7d3768",
    ClothesColor.CHARCOAL: "#3b424e",
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
