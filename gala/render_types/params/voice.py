"""Voices: speech engine and its settings, effects, and pauses in the text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, StringConstraints

from gala.render_types.base import TypeParams
from gala.render_types.params.language_tags import LanguageTag
from gala.render_types.params.pronunciations import Pronunciation, PronunciationList, merged
from gala.render_types.params.speech_marks import (
    MarkedText,
    check_language_marks,
    split_marks,
)
from gala.visible_text import VISIBLE_TEXT
from gala.voice_gender import VoiceGender

MAX_TEXT: Final = 100_000
"""Maximum number of characters per job."""
MAX_PAUSE_SECONDS: Final = 60.0
MAX_PAUSES_SECONDS: Final = 60 * 60.0
"""Maximum of all pause marks of a text together."""
PARAGRAPH_PAUSE_SECONDS: Final = 0.6
"""The silence that a blank line adds to the pause of the sentence before it."""

SPOKEN_SIGNS: Final = frozenset("&%@#*/\\§†‰")
"""Characters that Unicode classifies as punctuation but that are read out."""


class SpeechEngineName(StrEnum):
    """Speech engine."""

    AUTO = "auto"
    ESPEAK = "espeak"
    KOKORO = "kokoro"
    CHATTERBOX = "chatterbox"
    OPENAI = "openai"


class Reverb(StrEnum):
    """Reverberation of a voice."""

    NONE = "none"
    ROOM = "room"
    HALL = "hall"


def split_pauses(text: str) -> tuple[str | float, ...]:
    """Split a text at its pauses; return the spoken parts and the pauses in seconds, in order.

    ``[pause 0.5s]`` and ``[pause 500ms]`` are pauses. Marks of languages split it too.
    """
    return tuple(
        piece.text if isinstance(piece, MarkedText) else piece for piece in split_marks(text)
    )


def can_be_spoken(text: str) -> bool:
    """Return True if the text has more than punctuation and spaces."""
    return any(
        character in SPOKEN_SIGNS or unicodedata.category(character)[0] in "LNS"
        for character in text
    )


def _check_marks(text: str) -> str:
    check_language_marks(text)
    pieces = split_pauses(text)
    pauses = [piece for piece in pieces if isinstance(piece, float)]
    if not any(isinstance(piece, str) and can_be_spoken(piece) for piece in pieces):
        raise ValueError("must contain something to speak besides pauses and punctuation")
    if any(pause > MAX_PAUSE_SECONDS for pause in pauses):
        raise ValueError(f"a pause may last at most {MAX_PAUSE_SECONDS:.0f} seconds")
    if sum(pauses) > MAX_PAUSES_SECONDS:
        raise ValueError(f"all pauses together may last at most {MAX_PAUSES_SECONDS:.0f} seconds")
    if any(
        isinstance(piece, MarkedText) and piece.language and not can_be_spoken(piece.text)
        for piece in split_marks(text)
    ):
        raise ValueError("what [lang …] and [/lang] enclose must contain something to speak")
    return text


def check_pauses_of_turns(turns: Sequence[tuple[str, int | None]], pause_ms: int) -> None:
    """Raise ``ValueError`` if the pauses within and between turns are too long together.

    Each turn is its text and the milliseconds after it; None is ``pause_ms``, or 0 at the end.
    """
    seconds = 0.0
    for number, (text, after_ms) in enumerate(turns, start=1):
        seconds += sum(piece for piece in split_pauses(text) if isinstance(piece, float))
        usual_ms = pause_ms if number < len(turns) else 0
        seconds += (usual_ms if after_ms is None else after_ms) / 1000
    if seconds > MAX_PAUSES_SECONDS:
        raise ValueError(
            "turns: all pauses, within and between them, may last at most"
            f" {MAX_PAUSES_SECONDS:.0f} seconds together"
        )


SpokenText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_TEXT, pattern=VISIBLE_TEXT),
    AfterValidator(_check_marks),
]
"""Text to speak. ``[pause 0.5s]`` and ``[pause 500ms]`` are pauses, and so is a blank line, for
:data:`PARAGRAPH_PAUSE_SECONDS`; ``[lang en]…[/lang]`` is spoken in that language, and the rest in
the language of the voice."""

VoiceName = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")
]


class VoiceEffects(TypeParams):
    """Effects applied to the finished speech."""

    pitch: float = Field(
        default=0.0,
        ge=-12,
        le=12,
        description="Change of pitch in semitones, -12 to 12; the length is kept.",
        examples=[-3],
    )
    tempo: float = Field(
        default=1.0,
        ge=0.5,
        le=2,
        description="Tempo factor, 0.5 to 2; the pitch is kept.",
        examples=[1.1],
    )
    reverb: Annotated[Reverb, Field(strict=False)] = Field(
        default=Reverb.NONE, description="Reverberation of a `room` or a `hall`, or `none`."
    )
    telephone: bool = Field(default=False, description="Whether to sound like a telephone call.")

    @property
    def any(self) -> bool:
        """True if any effect is set."""
        return self != VoiceEffects()


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """A voice that a request names, of one engine or of any; ``field`` is its field."""

    engine: SpeechEngineName
    voice: str
    field: str = "params.voice"


class VoiceParams(TypeParams):
    """Base of the params that choose a voice."""

    engine: Annotated[SpeechEngineName, Field(strict=False)] = Field(
        default=SpeechEngineName.AUTO,
        description=(
            "Speech engine. `auto` is the engine of `voice` if one is named (`ef_dora` is Kokoro's,"
            " `es+f3` espeak's), else the best one here for the language: `kokoro` if its weights"
            " are installed and it speaks the language, otherwise `espeak`, which works everywhere."
            " The outputs name the engine and voice that spoke."
        ),
    )
    voice: VoiceName | None = Field(
        default=None,
        description=(
            "The engine's name of a voice; by default its standard voice for the language. espeak:"
            " `en-us`, `es-419`, with a variant `es+f3`. Kokoro: `af_heart`, mixed"
            " `af_heart:0.6+af_bella:0.4`."
        ),
        examples=["en-us+f3"],
    )
    gender: Annotated[VoiceGender, Field(strict=False)] | None = Field(
        default=None,
        description=(
            "Gender of the voice, where no `voice` is named: the language's first voice of that"
            " gender speaks. Not used by engines whose voices have none."
        ),
    )
    language: LanguageTag | None = Field(
        default=None,
        description=(
            "Language of the text as a BCP 47 tag (`es`, `en-GB`); by default the voice's, or, if"
            " no voice is set, guessed from the text."
        ),
        examples=["es"],
    )
    speed: float = Field(
        default=1.0, ge=0.5, le=2, description="Speaking speed; 1 is the engine's normal speed."
    )
    exaggeration: float = Field(
        default=0.5,
        ge=0,
        le=2,
        description="Chatterbox: expressiveness, 0 to 2; above 1 the voice may become unstable.",
    )
    cfg_weight: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Chatterbox: how closely the pace follows the sample's.",
    )
    temperature: float = Field(
        default=0.8, ge=0.05, le=5, description="Chatterbox: random variation of the speech."
    )
    chunk_silence_ms: int = Field(
        default=350,
        ge=0,
        le=5000,
        description="Chatterbox: milliseconds of silence between chunks of text.",
    )
    normalize_text: bool = Field(
        default=True,
        description=(
            "Whether numbers, dates, times, money, units, addresses, acronyms and emoji are spoken"
            " as a person would read them, in German, English, Spanish, French, Italian and"
            " Portuguese; `false` leaves the reading to the engine. Captions show the text as"
            " written in either case."
        ),
    )
    pronunciations: PronunciationList = Field(
        default=(),
        description=(
            "How names and words are spoken, up to 1,000, as words (`say`) or as sounds (`ipa`);"
            " captions show them as written. Capitals matter: `GALA` is not `gala`. They come"
            " before those of the owner's own list, which applies to every job."
        ),
        examples=[[{"text": "nginx", "say": "engine x"}]],
    )
    effects: VoiceEffects = Field(
        default=VoiceEffects(), description="Effects applied to the speech."
    )

    def with_pronunciations(self, others: Sequence[Pronunciation]) -> Self:
        """Return the params with the pronunciations of another list that occur in their text."""
        # Without a text of its own, as for a speaker, all of them may.
        both = merged(self.pronunciations, others, getattr(self, "text", None))
        same = both == self.pronunciations
        return self if same else self.model_copy(update={"pronunciations": both})

    def voice_choices(self, inputs: frozenset[str]) -> Iterator[VoiceChoice]:
        """Yield the voices that speak and are named; ``inputs`` are the names of the inputs."""
        del inputs  # here, no input replaces the voice
        if self.voice is not None:
            yield VoiceChoice(self.engine, self.voice)


LoudnessTarget = Annotated[
    float | None,
    Field(
        ge=-40,
        le=-5,
        description=(
            "Integrated loudness of the speech in LUFS, -40 to -5; `null` leaves it unchanged."
        ),
        examples=[-14],
    ),
]
USUAL_LUFS: Final = -16.0
