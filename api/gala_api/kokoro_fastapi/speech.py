"""Kokoro-FastAPI's request as a request for speech, and the renderer's stream as its response."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from math import log10
from typing import Final

from gala.errors import EngineMissing, InvalidRequest, NotFound, PayloadTooLarge
from gala.render_types.params.voice import USUAL_LUFS, SpeechEngineName
from gala.speech_protocol import SPEECH_MIMES, SpeechRequest, SpokenWord, TimedAudio
from gala_api.kokoro_fastapi.schemas import (
    CaptionedSpeechRequest,
    CaptionedSpeechResponse,
    PhonemeRequest,
    PhonemeResponse,
    WordTimestamp,
)
from gala_api.kokoro_fastapi.wav_sizes import with_sizes
from gala_api.speech_relay import speech_request

FIELD_NAMES: Final = {
    "text": "input",
    "format": "response_format",
    "engine": "model",
    "language": "lang_code",
    "loudness_lufs": "volume_multiplier",
}
"""Fields of a SpeechRequest → Kokoro-FastAPI's."""

PHONEME_FIELD_NAMES: Final = {"voice": "language", "engine": "language"}

_MODELS: Final = {
    **{name.value: name for name in SpeechEngineName if name is not SpeechEngineName.AUTO},
    "tts-1": SpeechEngineName.AUTO,
    "tts-1-hd": SpeechEngineName.AUTO,
}
_LANGUAGES: Final = {
    "a": "en-US",
    "b": "en-GB",
    "e": "es",
    "f": "fr-FR",
    "h": "hi",
    "i": "it",
    "j": "ja",
    "p": "pt-BR",
    "z": "zh",
}
"""Kokoro's letters of languages."""
_UNSUPPORTED: Final = ("return_download_link", "allow_voice_tags", "ssml", "voice_aliases")
_MAX_WHOLE_BYTES: Final = 64 * 1024 * 1024


def speech_of(body: CaptionedSpeechRequest) -> SpeechRequest:
    """Return the request for speech; raise InvalidRequest or NotFound naming the field."""
    for name in _UNSUPPORTED:
        if getattr(body, name):
            raise InvalidRequest(
                f"{name}: This server does not support it; leave it out.", field=name
            )
    if body.model not in _MODELS:
        raise NotFound(
            f"model: There is no model {body.model[:80]!r}; there are: {', '.join(_MODELS)}.",
            field="model",
        )
    values = {
        "text": body.input,
        "engine": _MODELS[body.model],
        "voice": body.voice or None,
        "language": _language(body.lang_code),
        "speed": body.speed,
        "loudness_lufs": USUAL_LUFS + 20 * log10(body.volume_multiplier or 1.0),
        "format": body.response_format,
        "word_times": True,
        "normalize_text": (body.normalization_options or {}).get("normalize") is not False,
    }
    return speech_request(values, FIELD_NAMES)


def pronunciation_of(body: PhonemeRequest) -> SpeechRequest:
    """Return the request for speech whose words have the phonemes; raise InvalidRequest."""
    values = {"text": body.text, "language": _language(body.language), "word_times": True}
    return speech_request(values, PHONEME_FIELD_NAMES)


def _language(code: str | None) -> str | None:
    """Return the language as BCP 47, given Kokoro's letter or a tag."""
    return _LANGUAGES.get(code, code) if code else None


async def phonemes(chunks: AsyncGenerator[bytes, None]) -> PhonemeResponse:
    """Return the phonemes of all words; raise EngineMissing if the engine reports none."""
    found: list[str] = []
    timed = _timed(chunks)
    async with aclosing(timed):
        async for piece in timed:
            found += [word.phonemes for word in piece.words]
    if not any(found):
        raise EngineMissing("The speech engine of this language does not report phonemes.")
    return PhonemeResponse(phonemes=" ".join(filter(None, found)), tokens=[])


async def lines(
    chunks: AsyncGenerator[bytes, None], body: CaptionedSpeechRequest
) -> AsyncGenerator[bytes, None]:
    """Yield the response as it is synthesized: lines of JSON with the next audio and words."""
    timed = _timed(chunks)
    async with aclosing(timed):
        async for piece in timed:
            yield _response(piece.audio, piece.words, body).model_dump_json().encode() + b"\n"


async def whole(
    chunks: AsyncGenerator[bytes, None], body: CaptionedSpeechRequest
) -> CaptionedSpeechResponse:
    """Return the response with all audio and words. Raise PayloadTooLarge."""
    audio = bytearray()
    words: list[SpokenWord] = []
    timed = _timed(chunks)
    async with aclosing(timed):
        async for piece in timed:
            audio += piece.audio
            words += piece.words
            if len(audio) > _MAX_WHOLE_BYTES:
                raise PayloadTooLarge(
                    f"input: The audio is larger than {_MAX_WHOLE_BYTES} bytes; send `stream`:"
                    " true, or a shorter text.",
                    field="input",
                )
    return _response(with_sizes(bytes(audio)), words, body)


def _response(
    audio: bytes, words: Sequence[SpokenWord], body: CaptionedSpeechRequest
) -> CaptionedSpeechResponse:
    timestamps = [
        WordTimestamp(word=word.text, start_time=word.start, end_time=word.end) for word in words
    ]
    without: list[WordTimestamp] | None = [] if body.stream else None
    return CaptionedSpeechResponse(
        audio=base64.b64encode(audio).decode(),
        audio_format=SPEECH_MIMES[body.response_format],
        timestamps=timestamps if body.return_timestamps else without,
    )


async def _timed(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[TimedAudio, None]:
    """Yield the renderer's lines."""
    rest = b""
    async with aclosing(chunks):
        async for chunk in chunks:
            *complete, rest = (rest + chunk).split(b"\n")
            for line in complete:
                yield TimedAudio.model_validate_json(line)
