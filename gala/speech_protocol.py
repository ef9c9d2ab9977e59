"""Messages between API and renderer for streamed speech.

``POST /speech`` of the renderer takes a :class:`SpeechRequest` and streams one audio file while it
is being synthesized, with :func:`speaker_headers`; with ``word_times``, as lines of JSON, each a
:class:`TimedAudio`.
``GET /voices`` lists the voices by engine (``engines``), licences and variants (``about``), what
the other engines lack (``without``), the default engine, and what transcription lacks
(``transcription_missing``; None if it is available). ``POST /voices/sample`` takes a
:class:`VoiceSampleRequest` and returns an MP3 file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Final, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gala.media import SpokenBy
from gala.render_types.base import TypeParams
from gala.render_types.params.language_tags import LanguageTag
from gala.render_types.params.pronunciations import Pronunciation, PronunciationList, merged
from gala.render_types.params.voice import (
    USUAL_LUFS,
    LoudnessTarget,
    SpeechEngineName,
    SpokenText,
    VoiceName,
)


class SpeechFormat(StrEnum):
    """Encoding of streamed speech; the values of OpenAI's ``response_format``."""

    MP3 = "mp3"
    OPUS = "opus"
    AAC = "aac"
    FLAC = "flac"
    WAV = "wav"
    PCM = "pcm"


SPEECH_MIMES: Final[Mapping[SpeechFormat, str]] = {
    SpeechFormat.MP3: "audio/mpeg",
    SpeechFormat.OPUS: "audio/ogg",
    SpeechFormat.AAC: "audio/aac",
    SpeechFormat.FLAC: "audio/flac",
    SpeechFormat.WAV: "audio/wav",
    SpeechFormat.PCM: "audio/pcm",
}

_PLAIN: Final = " !#$&'()*+,/:;=?@[]"
"""Characters of voices that need no encoding, such as those of a mix."""

PCM_RATE: Final = 24_000
"""Sample rate of ``pcm``, which is 16 bit, little-endian, mono, without a header."""


SPEAKER_HEADERS: Final = {
    "X-Speech-Engine": "The speech engine that speaks.",
    "X-Speech-Voice": "The engine's name of the voice, percent-encoded; absent if it has none.",
    "X-Speech-Language": "The language that is spoken; absent if the engine does not know it.",
    "X-Speech-Backend": "What runs the engine's model; absent if there is no choice.",
}
"""Response headers that say who speaks, and their descriptions."""


def speaker_headers(by: SpokenBy) -> dict[str, str]:
    """Return the response headers that say who speaks."""
    values = zip(SPEAKER_HEADERS, (by.engine, by.voice, by.language, by.backend), strict=True)
    # The names of an OpenAI-compatible server's voices may have any characters.
    return {name: quote(value, safe=_PLAIN) for name, value in values if value}


class SpeechRequest(TypeParams):
    """The text to speak, the voice and the format."""

    text: SpokenText
    engine: Annotated[SpeechEngineName, Field(strict=False)] = SpeechEngineName.AUTO
    voice: VoiceName | None = None
    language: LanguageTag | None = None
    speed: float = Field(default=1.0, ge=0.25, le=4)
    """Outside the engine's range of 0.5 to 2 the audio is time-stretched."""
    normalize_text: bool = True
    """Whether numbers, dates and the like are spoken as a person would read them."""
    pronunciations: PronunciationList = ()
    """How names and words are spoken."""
    loudness_lufs: LoudnessTarget = USUAL_LUFS
    """Target for the first sentences; the rest has the same gain, so that the level is steady."""
    format: Annotated[SpeechFormat, Field(strict=False)] = SpeechFormat.MP3
    word_times: bool = False
    """Whether the audio comes with the time of every word, as :class:`TimedAudio`."""

    def with_pronunciations(self, others: Sequence[Pronunciation]) -> Self:
        """Return the request with the pronunciations of another list that occur in its text."""
        both = merged(self.pronunciations, others, self.text)
        return self.model_copy(update={"pronunciations": both})


class VoiceSampleRequest(TypeParams):
    """A voice whose sample is wanted."""

    engine: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    voice: VoiceName


SAMPLE_MIME: Final = SPEECH_MIMES[SpeechFormat.MP3]


class SpokenWord(BaseModel):
    """A word as written in the text; times are in seconds from the start of the audio."""

    text: str
    start: float
    end: float
    phonemes: str = ""
    """The word's phonemes as IPA symbols, if the engine has them."""


class TimedAudio(BaseModel):
    """The next bytes of the audio file, and the words that were spoken since the last ones."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    audio: bytes
    words: tuple[SpokenWord, ...] = ()
