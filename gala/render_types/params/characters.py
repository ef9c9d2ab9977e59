"""The params of the characters that GALA draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from gala.presenter_looks import (
    CHARACTERS,
    Beard,
    CharacterName,
    CharacterOptions,
    Clothes,
    ClothesColor,
    EyeColor,
    FaceShape,
    Glasses,
    Hair,
    HairColor,
    Skin,
)
from gala.render_types.base import TypeParams


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

    def name_of(self, number: int = 0) -> CharacterName:
        """Return the name; without one, that of the character with this number."""
        return self.name or list(CharacterName)[number % len(CharacterName)]

    def options(self, number: int = 0) -> CharacterOptions:
        """Return the look; without a name, that of the character with this number."""
        name = self.name_of(number)
        changes = self.model_dump(exclude={"name"}, exclude_none=True)
        return replace(CHARACTERS[name], **changes)
