"""The options of the drawn characters."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from gala_renderer.avatars.drawings.colours import ClothesColour, EyeColour, HairColour, Skin


class Hair(StrEnum):
    """Hair styles."""

    WAVY = "wavy"
    BOB = "bob"
    BUN = "bun"
    CURLY = "curly"
    SHORT = "short"


class Face(StrEnum):
    """Shapes of the face: jaw, brows and lashes."""

    SOFT = "soft"
    STRONG = "strong"


class Clothes(StrEnum):
    """What the character wears."""

    BLAZER = "blazer"
    SWEATER = "sweater"
    SHIRT = "shirt"


class Glasses(StrEnum):
    """Glasses."""

    NONE = "none"
    ROUND = "round"
    SQUARE = "square"


class Beard(StrEnum):
    """Beards."""

    NONE = "none"
    STUBBLE = "stubble"
    FULL = "full"


class CharacterOptions(BaseModel):
    """How a drawn character looks; the defaults are those of the preset *gala*."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    face: Face = Face.SOFT
    skin: Skin = Skin.LIGHT
    hair: Hair = Hair.WAVY
    hair_color: HairColour = HairColour.AUBURN
    eyes: EyeColour = EyeColour.GREEN
    clothes: Clothes = Clothes.BLAZER
    clothes_color: ClothesColour = ClothesColour.TEAL
    glasses: Glasses = Glasses.NONE
    beard: Beard = Beard.NONE


PRESETS: Final = {
    "gala": CharacterOptions(),
    "leo": CharacterOptions(
        face=Face.STRONG,
        skin=Skin.OLIVE,
        hair=Hair.SHORT,
        hair_color=HairColour.BLACK,
        eyes=EyeColour.BROWN,
        clothes=Clothes.SHIRT,
        clothes_color=ClothesColour.INDIGO,
        beard=Beard.STUBBLE,
    ),
    "maya": CharacterOptions(
        skin=Skin.DEEP,
        hair=Hair.CURLY,
        hair_color=HairColour.BLACK,
        eyes=EyeColour.BROWN,
        clothes=Clothes.SWEATER,
        clothes_color=ClothesColour.MUSTARD,
        glasses=Glasses.ROUND,
    ),
    "sol": CharacterOptions(
        skin=Skin.PORCELAIN,
        hair=Hair.BOB,
        hair_color=HairColour.BLACK,
        eyes=EyeColour.BLUE,
        clothes=Clothes.SWEATER,
        clothes_color=ClothesColour.CORAL,
    ),
}
"""Characters with a name."""
