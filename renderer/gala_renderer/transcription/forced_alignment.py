"""Forced alignment: when each word of a known text is spoken, by any speaker.

The text is never replaced by recognised words. espeak-ng provides the phonemes of the words, and
pocketsphinx finds these phones in order.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from gala.errors import InvalidRequest, RenderFailed
from gala.render_types.params.speech_marks import without_language_marks
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.probe.media import Media
from gala_renderer.speech.protocol import Speech, Utterance
from gala_renderer.speech.words import Word
from gala_renderer.transcription.arpabet import arpabet
from gala_renderer.transcription.language_detection import detect_language
from gala_renderer.transcription.pcm import decode, own_sound, sound_seconds
from gala_renderer.transcription.word_placement import Found, checked, place

_log = logging.getLogger(__name__)

_SPHINX: Final = str(Path(__file__).with_name("sphinx_program.py"))
_SYNTHESIS: Final = ("-m", "gala_renderer.transcription.synthetic_alignment")
_MIN_SECONDS: Final = 60.0
_SECONDS_PER_SECOND: Final = 2.0
_NOT_SPELLING: Final = re.compile(r"[^a-z']")
_DECODED_SHARE: Final = 0.1
_SPOKEN_SHARE: Final = 0.15
_FOUND_SHARE: Final = 0.9


class Method(StrEnum):
    """The method that found the times."""

    SOUNDS = "sounds"
    """The words' phones were found in order; words that the other method finds far away are taken
    from it. Half of the word starts are within about 15 ms."""
    SYNTHESIS = "synthesis"
    """The sound was compared with espeak-ng's speech. Half are within about 30 ms."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """One timed word for each word of the text, in order; ``seconds`` is the sound's length."""

    words: tuple[Word, ...]
    seconds: float
    language: str
    method: Method


async def align_speech(
    context: RenderContext,
    audio: Path | Media,
    text: str,
    language: str | None,
    report: Report = lambda _: None,
) -> tuple[Word, ...]:
    """Return the timed words of ``text`` in ``audio``; see :func:`align`."""
    return (await align(context, audio, text, language, report)).words


async def align(
    context: RenderContext,
    audio: Path | Media,
    text: str,
    language: str | None = None,
    report: Report = lambda _: None,
) -> Alignment:
    """Align the text with its sound, a mono WAV file or a user's media.

    Times never decrease and lie within the sound. ``language`` is a BCP 47 tag, by default detected
    from the text. Any sound may precede, follow or separate the words.

    Raise ``InvalidRequest`` if ``params.text`` has nothing to speak or ``params.language`` is
    unknown, ``UnprocessableMedia`` for media without sound, or ``RenderFailed``.
    """
    text = without_language_marks(text)
    media = own_sound(audio) if isinstance(audio, Path) else audio
    if not language:
        language = await asyncio.to_thread(detect_language, text)
    recording = context.scratch / "heard.wav"
    await decode(context, media, recording, lambda part: report(part * _DECODED_SHARE))
    seconds = sound_seconds(recording)
    speech = await _spoken(context, text, language)
    report(_SPOKEN_SHARE)
    if not any(word.phonemes for word in speech.words):
        raise InvalidRequest("params.text: The text has nothing to speak.", field="params.text")
    sounds = await _find_sounds(context, recording, speech.words, language, seconds)
    report(_FOUND_SHARE)
    synthetic = await find_by_synthesis(context, recording, speech, seconds)
    method = Method.SYNTHESIS if sounds is None else Method.SOUNDS
    spans = synthetic if sounds is None else checked(sounds, synthetic)
    _log.info("Aligned %d words (%s) by %s", len(speech.words), language, method)
    report(1.0)
    return Alignment(place(speech.words, spans, seconds), seconds, language, method)


async def _spoken(context: RenderContext, text: str, language: str) -> Speech:
    """Speak the text with espeak-ng, for the phonemes and usual durations of its words."""
    engine = context.services.speech.find("espeak")
    return await engine.speak(
        Utterance(text=text, language=language),
        target=context.scratch / "reference.wav",
        scratch=context.scratch,
        report=lambda _: None,
    )


async def _find_sounds(
    context: RenderContext, recording: Path, words: Sequence[Word], language: str, seconds: float
) -> list[Found] | None:
    """Return a span for each word with phonemes, or None if the words are not found."""
    sounds = [" ".join(arpabet((p.symbol for p in w.phonemes), language)) for w in words]
    requested = [
        {"spelling": _spelling(word.text, language), "sounds": sound}
        for word, sound in zip(words, sounds, strict=True)
        if sound
    ]
    if not requested:
        return None
    for wide in (False, True):
        answer = await _run_sphinx(context, recording, {"words": requested, "wide": wide}, seconds)
        if "words" in answer:
            found = iter(answer["words"])
            return [tuple(next(found)) if sound else None for sound in sounds]
    return None


def _spelling(word: str, language: str) -> str | None:
    """Return the spelling to look up in the English dictionary, or None for other languages."""
    if not language.lower().startswith("en"):
        return None
    return _NOT_SPELLING.sub("", word.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


async def _run_sphinx(
    context: RenderContext, recording: Path, request: dict[str, Any], seconds: float
) -> dict[str, Any]:
    requested, dictionary = context.scratch / "align.json", context.scratch / "align.dict"
    requested.write_text(json.dumps(request))
    files = (str(recording), str(requested), str(dictionary))
    answer: dict[str, Any] = await _run(context, (_SPHINX, *files), seconds)
    return answer


async def find_by_synthesis(
    context: RenderContext, recording: Path, speech: Speech, seconds: float
) -> list[Found]:
    """Return the span in ``recording`` of each word of ``speech`` that has phonemes."""
    times = [time for word in speech.words if word.phonemes for time in (word.start, word.end)]
    requested = context.scratch / "times.json"
    requested.write_text(json.dumps(times))
    files = (str(speech.path), str(recording), str(requested))
    found = iter(await _run(context, (*_SYNTHESIS, *files), seconds))
    return [(next(found), next(found)) if word.phonemes else None for word in speech.words]


async def _run(context: RenderContext, command: tuple[str, ...], seconds: float) -> Any:
    """Run a program and return its answer; its time limit depends on the length of the sound."""
    output: list[str] = []
    finished = await context.ffmpeg.sandbox.run(
        [sys.executable, "-I", *command],
        cwd=context.scratch,
        seconds=_MIN_SECONDS + seconds * _SECONDS_PER_SECOND,
        on_line=output.append,
    )
    if not finished.ok or not output:
        _log.error("Alignment failed: %s", finished.stderr[-500:])
        raise RenderFailed(
            "The text could not be aligned with the sound within the limits of this server."
        )
    return json.loads(output[-1])
