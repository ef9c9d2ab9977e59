"""Voices of the speech engines."""

from __future__ import annotations

from pydantic import Field

from gala_api.schemas.common import Sent


class CatalogueVoice(Sent):
    """A voice, and what is known of it."""

    id: str = Field(description="The value of `voice` in requests.", examples=["af_heart"])
    name: str = Field(description="A name for people.", examples=["Heart"])
    engine: str = Field(description="The value of `engine` in requests.", examples=["kokoro"])
    language: str = Field(
        description="A BCP 47 tag; `mul` if the voice speaks several languages.",
        examples=["en-US"],
    )
    gender: str | None = Field(examples=["female"])
    licence: str | None = Field(
        description="SPDX identifier of the licence of the voice, if known; it is not that of the"
        " speech.",
        examples=["Apache-2.0"],
    )
    description: str = Field(examples=["American English, female"])
    sample_url: str = Field(description="An MP3 file in which the voice speaks a sentence.")


class CatalogueEngine(Sent):
    """An available speech engine."""

    name: str = Field(examples=["espeak"])
    default: bool = Field(description="Whether it is the first choice of `auto`.")
    variants: list[str] = Field(
        description="Variants of timbre that can be appended to any of its voices: `es+f3`."
    )


class VoiceCatalogueResponse(Sent):
    """The voices that match, and the engines that have voices here."""

    voices: list[CatalogueVoice]
    engines: list[CatalogueEngine]
