"""How texts appear and disappear: whole, or line by line, word by word, letter by letter."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from gala.render_types.base import TypeParams
from gala.timeline.document.times import ReadTime, time_schema


class TextAnimationName(StrEnum):
    """What each part of a text does when it appears; it disappears in the same direction."""

    FADE = "fade"
    RISE = "rise"
    DROP = "drop"
    SLIDE_LEFT = "slide-left"
    SLIDE_RIGHT = "slide-right"
    POP = "pop"
    TYPEWRITER = "typewriter"


class TextUnit(StrEnum):
    """The parts of a text that move by themselves."""

    TEXT = "text"
    LINE = "line"
    WORD = "word"
    LETTER = "letter"


class TextAnimation(TypeParams):
    """How a text appears or disappears."""

    type: Annotated[TextAnimationName, Field(strict=False)] = Field(
        description="What each part does."
    )
    by: Annotated[TextUnit, Field(strict=False)] | None = Field(
        default=None,
        description=(
            "What moves by itself, one after another: the whole `text`, each `line`, `word` or"
            " `letter`; by default `letter` for `typewriter`, `word` for all else. Joined letters"
            " (Arabic) stay together."
        ),
    )
    duration: Annotated[
        float,
        ReadTime,
        Field(
            ge=0.05,
            le=60,
            description=(
                "Seconds, 0.05 to 60, or a timecode, until all of it is there, or gone. Two that"
                " are longer than the element become shorter in proportion."
            ),
        ),
        time_schema(0.05, 60),
    ] = 0.8

    @property
    def unit(self) -> TextUnit:
        """What moves by itself."""
        if self.by is not None:
            return self.by
        is_typed = self.type is TextAnimationName.TYPEWRITER
        return TextUnit.LETTER if is_typed else TextUnit.WORD


def _named(value: object) -> object:
    """Return the object that a name means; None for the name of no animation."""
    found = {"type": value} if isinstance(value, str) else value
    return None if isinstance(found, dict) and found.get("type") == "none" else found


TextAnimationField = Annotated[
    TextAnimation | None,
    BeforeValidator(_named, json_schema_input_type=TextAnimationName | TextAnimation | None),
]
ANIMATIONS = ", ".join(f"`{name}`" for name in TextAnimationName)
