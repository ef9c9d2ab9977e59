"""The looks of the characters that GALA draws."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from gala.render_types.base import TypeParams


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


class CharacterOptions(TypeParams):
    """How a drawn character looks; the defaults are those of the character ``gala``."""

    face: Annotated[FaceShape, Field(strict=False)] = FaceShape.SOFT
    skin: Annotated[Skin, Field(strict=False)] = Skin.LIGHT
    hair: Annotated[Hair, Field(strict=False)] = Hair.WAVY
    hair_color: Annotated[HairColor, Field(strict=False)] = HairColor.AUBURN
    eyes: Annotated[EyeColor, Field(strict=False)] = EyeColor.GREEN
    clothes: Annotated[Clothes, Field(strict=False)] = Clothes.BLAZER
    clothes_color: Annotated[ClothesColor, Field(strict=False)] = ClothesColor.TEAL
    glasses: Annotated[Glasses, Field(strict=False)] = Glasses.NONE
    beard: Annotated[Beard, Field(strict=False)] = Beard.NONE


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


class CharacterParams(TypeParams):
    """A drawn character: one with a name, and what is different about it."""

    name: Annotated[CharacterName, Field(strict=False)] | None = Field(
        default=None,
        description=(
            "Which character: `gala`, `leo`, `maya` or `sol`; by default the presenters are these"
            " in order."
        ),
    )
    face: Annotated[FaceShape, Field(strict=False)] | None = Field(
        default=None, description="Another shape of the face."
    )
    skin: Annotated[Skin, Field(strict=False)] | None = Field(
        default=None, description="Another tone of the skin."
    )
    hair: Annotated[Hair, Field(strict=False)] | None = Field(
        default=None, description="Another hair style."
    )
    hair_color: Annotated[HairColor, Field(strict=False)] | None = Field(
        default=None, description="Another color of hair and brows."
    )
    eyes: Annotated[EyeColor, Field(strict=False)] | None = Field(
        default=None, description="Another color of the eyes."
    )
    clothes: Annotated[Clothes, Field(strict=False)] | None = Field(
        default=None, description="Other clothes."
    )
    clothes_color: Annotated[ClothesColor, Field(strict=False)] | None = Field(
        default=None, description="Another color of the clothes."
    )
    glasses: Annotated[Glasses, Field(strict=False)] | None = Field(
        default=None, description="Other glasses, or `none`."
    )
    beard: Annotated[Beard, Field(strict=False)] | None = Field(
        default=None, description="Another beard, or `none`."
    )

    def options(self, number: int = 0) -> CharacterOptions:
        """Return the look; without a name, that of the character with this number."""
        name = self.name or list(CharacterName)[number % len(CharacterName)]
        changes = self.model_dump(exclude={"name"}, exclude_none=True)
        return CHARACTERS[name].model_copy(update=changes)
