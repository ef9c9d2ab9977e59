"""How presenters look: their framing, and the characters that GALA draws.

Without models of pydantic, because the programs that draw them start for every film.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gala.voice_gender import VoiceGender


class Framing(StrEnum):
    """How much of a presenter the frame shows."""

    FULL = "full"
    BUST = "bust"
    FACE = "face"


class FaceShape(StrEnum):
    """Shapes of the face: jaw, brows and lashes."""

    SOFT = "soft"
    STRONG = "strong"


class Skin(StrEnum):
    """Tones of skin."""

    PORCELAIN = "porcelain"
    LIGHT = "light"
    OLIVE = "olive"
    BROWN = "brown"
    DEEP = "deep"


class Hair(StrEnum):
    """Hair styles."""

    WAVY = "wavy"
    BOB = "bob"
    BUN = "bun"
    CURLY = "curly"
    SHORT = "short"


class HairColor(StrEnum):
    """Colors of hair and brows."""

    BLACK = "black"
    BROWN = "brown"
    AUBURN = "auburn"
    BLOND = "blond"
    GREY = "grey"
    VIOLET = "violet"


class EyeColor(StrEnum):
    """Colors of irises."""

    BROWN = "brown"
    HAZEL = "hazel"
    GREEN = "green"
    BLUE = "blue"
    GREY = "grey"


class Clothes(StrEnum):
    """What the character wears."""

    BLAZER = "blazer"
    SWEATER = "sweater"
    SHIRT = "shirt"


class ClothesColor(StrEnum):
    """Colors of clothes."""

    TEAL = "teal"
    CORAL = "coral"
    INDIGO = "indigo"
    MUSTARD = "mustard"
    PLUM = "plum"
    CHARCOAL = "charcoal"


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


class CharacterName(StrEnum):
    """Characters with a name."""

    GALA = "gala"
    LEO = "leo"
    MAYA = "maya"
    SOL = "sol"


@dataclass(frozen=True, kw_only=True)
class CharacterOptions:
    """How a drawn character looks; the defaults are those of the character ``gala``."""

    face: FaceShape = FaceShape.SOFT
    skin: Skin = Skin.LIGHT
    hair: Hair = Hair.WAVY
    hair_color: HairColor = HairColor.AUBURN
    eyes: EyeColor = EyeColor.GREEN
    clothes: Clothes = Clothes.BLAZER
    clothes_color: ClothesColor = ClothesColor.TEAL
    glasses: Glasses = Glasses.NONE
    beard: Beard = Beard.NONE

    @property
    def voice_gender(self) -> VoiceGender:
        """The gender of the voice, where none is chosen."""
        strong = self.face is FaceShape.STRONG or self.beard is not Beard.NONE
        return VoiceGender.MALE if strong else VoiceGender.FEMALE


CHARACTERS: Final[Mapping[CharacterName, CharacterOptions]] = MappingProxyType(
    {
        CharacterName.GALA: CharacterOptions(),
        CharacterName.LEO: CharacterOptions(
            face=FaceShape.STRONG,
            skin=Skin.OLIVE,
            hair=Hair.SHORT,
            hair_color=HairColor.BLACK,
            eyes=EyeColor.BROWN,
            clothes=Clothes.SHIRT,
            clothes_color=ClothesColor.INDIGO,
            beard=Beard.STUBBLE,
        ),
        CharacterName.MAYA: CharacterOptions(
            skin=Skin.DEEP,
            hair=Hair.CURLY,
            hair_color=HairColor.BLACK,
            eyes=EyeColor.BROWN,
            clothes=Clothes.SWEATER,
            clothes_color=ClothesColor.MUSTARD,
            glasses=Glasses.ROUND,
        ),
        CharacterName.SOL: CharacterOptions(
            skin=Skin.PORCELAIN,
            hair=Hair.BOB,
            hair_color=HairColor.BLACK,
            eyes=EyeColor.BLUE,
            clothes=Clothes.SWEATER,
            clothes_color=ClothesColor.CORAL,
        ),
    }
)
