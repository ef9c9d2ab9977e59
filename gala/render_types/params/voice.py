"""Voices: which engine speaks, how, and how the text says where to pause."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from gala.render_types.base import VISIBLE_TEXT, TypeParams

MAX_TEXT: Final = 100_000
"""Characters that one job may speak."""
MAX_PAUSE_SECONDS: Final = 60.0
MAX_PAUSES_SECONDS: Final = 60 * 60.0
"""All the pauses of a text together."""

SPOKEN_SIGNS: Final = frozenset("&%@#*/\\§†‰")
"""Punctuation by Unicode's rules that is read out all the same."""

_PAUSE: Final = re.compile(
    r"\[pause\s{1,3}(\d{1,6}(?:\.\d{1,3})?)\s?(ms|s)\]", re.ASCII | re.IGNORECASE
)


class SpeechEngineName(StrEnum):
    """What makes the voice."""

    AUTO = "auto"
    ESPEAK = "espeak"
    KOKORO = "kokoro"
    CHATTERBOX = "chatterbox"
    OPENAI = "openai"


class Reverb(StrEnum):
    """The room that a voice is heard in."""

    NONE = "none"
    ROOM = "room"
    HALL = "hall"


def split_pauses(text: str) -> tuple[str | float, ...]:
    """The text without its pause marks: what is spoken, and pauses in seconds between.

    ``[pause 0.5s]`` and ``[pause 500ms]`` are marks; anything else in brackets is text.
    """
    pieces: list[str | float] = []
    at = 0
    for mark in _PAUSE.finditer(text):
        pieces.append(text[at : mark.start()])
        pieces.append(float(mark[1]) / (1000 if mark[2].lower() == "ms" else 1))
        at = mark.end()
    pieces.append(text[at:])
    return tuple(piece for piece in pieces if not isinstance(piece, str) or piece.strip())


def can_be_spoken(text: str) -> bool:
    """Whether there is more in it than punctuation and spaces."""
    return any(
        character in SPOKEN_SIGNS or unicodedata.category(character)[0] in "LNS"
        for character in text
    )


def _check_pauses(text: str) -> str:
    pieces = split_pauses(text)
    pauses = [piece for piece in pieces if isinstance(piece, float)]
    if not any(isinstance(piece, str) and can_be_spoken(piece) for piece in pieces):
        raise ValueError("must have something to say, besides pauses and punctuation")
    if any(pause > MAX_PAUSE_SECONDS for pause in pauses):
        raise ValueError(f"a pause may last {MAX_PAUSE_SECONDS:.0f} seconds at most")
    if sum(pauses) > MAX_PAUSES_SECONDS:
        raise ValueError(f"all pauses may last {MAX_PAUSES_SECONDS:.0f} seconds at most")
    return text


SpokenText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_TEXT, pattern=VISIBLE_TEXT),
    AfterValidator(_check_pauses),
]
"""Text to speak. ``[pause 0.5s]`` and ``[pause 500ms]`` are pauses, all else is spoken."""

VoiceName = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")
]
LanguageTag = Annotated[
    str,
    StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$"),
]


class VoiceEffects(TypeParams):
    """What is done to a voice after it has spoken."""

    pitch: float = Field(
        default=0.0,
        ge=-12,
        le=12,
        description="Higher or lower by so many semitones, -12 to 12; the length stays.",
        examples=[-3],
    )
    tempo: float = Field(
        default=1.0,
        ge=0.5,
        le=2,
        description="Faster or slower, 0.5 to 2; the pitch stays.",
        examples=[1.1],
    )
    reverb: Annotated[Reverb, Field(strict=False)] = Field(
        default=Reverb.NONE, description="Heard in a `room` or a `hall`, or dry."
    )
    telephone: bool = Field(default=False, description="Sounds as if heard over a telephone.")

    @property
    def any(self) -> bool:
        """Whether there is anything to do."""
        return self != VoiceEffects()


class VoiceParams(TypeParams):
    """Base of the params that choose a voice."""

    engine: Annotated[SpeechEngineName, Field(strict=False)] = Field(
        default=SpeechEngineName.AUTO,
        description=(
            "What speaks. `auto` is `kokoro` where its weights are installed, else `espeak`, which"
            " works everywhere."
        ),
    )
    voice: VoiceName | None = Field(
        default=None,
        description=(
            "The engine's name of a voice; by default its usual one for the language. espeak:"
            " `en-us`, `es-419`, with a variant `es+f3`. Kokoro: `af_heart`, mixed"
            " `af_heart:0.6+af_bella:0.4`."
        ),
        examples=["en-us+f3"],
    )
    language: LanguageTag | None = Field(
        default=None,
        description=(
            "Language of the text as BCP 47 (`es`, `en-GB`); by default the voice's, or, without a"
            " voice, guessed from the text."
        ),
        examples=["es"],
    )
    speed: float = Field(
        default=1.0, ge=0.5, le=2, description="How fast the engine speaks; 1 is its usual pace."
    )
    exaggeration: float = Field(
        default=0.5,
        ge=0,
        le=2,
        description="Chatterbox: how expressive, 0 to 2; above 1 it may become unsteady.",
    )
    cfg_weight: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Chatterbox: how closely it keeps to the sample's pace.",
    )
    temperature: float = Field(
        default=0.8, ge=0.05, le=5, description="Chatterbox: how much chance varies the speech."
    )
    chunk_silence_ms: int = Field(
        default=350,
        ge=0,
        le=5000,
        description="Chatterbox: milliseconds of silence between its chunks.",
    )
    effects: VoiceEffects = Field(
        default=VoiceEffects(), description="What is done to the voice afterwards."
    )


LoudnessTarget = Annotated[
    float | None,
    Field(
        ge=-40,
        le=-5,
        description=(
            "Integrated loudness of the speech in LUFS, -40 to -5; `null` leaves it as spoken."
        ),
        examples=[-14],
    ),
]
USUAL_LUFS: Final = -16.0
