"""Requests and responses about the owner's list of pronunciations."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from gala.render_types.params.pronunciations import (
    MAX_OWNER_PRONUNCIATIONS,
    Pronunciation,
    check_unique,
)
from gala_api.schemas.common import Received, Sent


class SetPronunciationsRequest(Received):
    """The whole list; an empty one removes all entries."""

    pronunciations: Annotated[
        tuple[Pronunciation, ...],
        Field(strict=False, max_length=MAX_OWNER_PRONUNCIATIONS),
        AfterValidator(check_unique),
    ] = Field(
        description="The entries, up to 500; each text once for a language.",
        examples=[[{"text": "nginx", "say": "engine x"}]],
    )


class OwnerPronunciation(Sent):
    """How a text is spoken; at least one of `say` and `ipa` is set."""

    text: str = Field(examples=["nginx"])
    say: str | None = Field(description="What is spoken for it, as words.")
    ipa: str | None = Field(description="Its sounds in the International Phonetic Alphabet.")
    language: str | None = Field(description="The only language it applies to; null: all.")


class PronunciationsResponse(Sent):
    """The owner's list of pronunciations."""

    pronunciations: list[OwnerPronunciation]
