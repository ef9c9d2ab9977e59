"""Known text laid on its sound: when each written word is spoken, whoever speaks it.

The text is never replaced by what a recogniser heard. espeak-ng tells how the words sound in their
language, and pocketsphinx finds these sounds one after the other.
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
_SECONDS_AT_LEAST: Final = 60.0
_SECONDS_A_SECOND: Final = 2.0
_NOT_SPELLING: Final = re.compile(r"[^a-z']")
_DECODED: Final = 0.1
_SPOKEN: Final = 0.15
_FOUND: Final = 0.9


class Method(StrEnum):
    """What found the times."""

    SOUNDS = "sounds"
    """The words' speech sounds were found one after the other; a word that the other method finds
    far away is taken from there. Half of the word starts are within about 15 ms."""
    SYNTHESIS = "synthesis"
    """The text spoken by espeak-ng was laid on the sound. Half are within about 30 ms."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """One word for each written word of the text, in order; ``seconds`` is the sound's length."""

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
    """When each written word of ``text`` is spoken in ``audio``; see :func:`align`."""
    return (await align(context, audio, text, language, report)).words


async def align(
    context: RenderContext,
    audio: Path | Media,
    text: str,
    language: str | None = None,
    report: Report = lambda _: None,
) -> Alignment:
    """Lay the text on its sound, from a WAV file of ours or from a user's media.

    Times never fall back and lie within the sound. ``language`` as BCP 47; ``None``: guessed from
    the text. What is heard before, after and between the words may be anything.

    Raises ``InvalidRequest`` (``params.text`` has nothing to speak, ``params.language`` is not
    known), ``UnprocessableMedia`` for media without sound, ``RenderFailed``.
    """
    media = own_sound(audio) if isinstance(audio, Path) else audio
    language = language or await asyncio.to_thread(detect_language, text)
    heard = context.scratch / "heard.wav"
    await decode(context, media, heard, lambda part: report(part * _DECODED))
    seconds = sound_seconds(heard)
    speech = await _spoken(context, text, language)
    report(_SPOKEN)
    if not any(word.phonemes for word in speech.words):
        raise InvalidRequest("params.text: there is nothing to speak in it.", field="params.text")
    sounds = await _find_sounds(context, heard, speech.words, language, seconds)
    report(_FOUND)
    like = await find_by_synthesis(context, heard, speech, seconds)
    method = Method.SYNTHESIS if sounds is None else Method.SOUNDS
    spans = like if sounds is None else checked(sounds, like)
    _log.info("aligned %d words (%s) by %s", len(speech.words), language, method)
    report(1.0)
    return Alignment(place(speech.words, spans, seconds), seconds, language, method)


async def _spoken(context: RenderContext, text: str, language: str) -> Speech:
    """How espeak-ng speaks the text: the sounds of its words, and how long they usually take."""
    engine = context.services.speech.find("espeak")
    return await engine.speak(
        Utterance(text=text, language=language),
        target=context.scratch / "reference.wav",
        scratch=context.scratch,
        report=lambda _: None,
    )


async def _find_sounds(
    context: RenderContext, heard: Path, words: Sequence[Word], language: str, seconds: float
) -> list[Found] | None:
    """A span for each word that is spoken at all; ``None`` if the words are not found."""
    sounds = [" ".join(arpabet((p.symbol for p in w.phonemes), language)) for w in words]
    asked = [
        {"spelling": _spelling(word.text, language), "sounds": sound}
        for word, sound in zip(words, sounds, strict=True)
        if sound
    ]
    if not asked:
        return None
    for wide in (False, True):
        answer = await _ask(context, heard, {"words": asked, "wide": wide}, seconds)
        if "words" in answer:
            found = iter(answer["words"])
            return [tuple(next(found)) if sound else None for sound in sounds]
    return None


def _spelling(word: str, language: str) -> str | None:
    """How an English dictionary has it."""
    if not language.lower().startswith("en"):
        return None
    return _NOT_SPELLING.sub("", word.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


async def _ask(
    context: RenderContext, heard: Path, request: dict[str, Any], seconds: float
) -> dict[str, Any]:
    asked, dictionary = context.scratch / "align.json", context.scratch / "align.dict"
    asked.write_text(json.dumps(request))
    files = (str(heard), str(asked), str(dictionary))
    answer: dict[str, Any] = await _run(context, (_SPHINX, *files), seconds)
    return answer


async def find_by_synthesis(
    context: RenderContext, heard: Path, speech: Speech, seconds: float
) -> list[Found]:
    """A span for each word of ``speech`` that is spoken at all, in the sound ``heard``."""
    times = [time for word in speech.words if word.phonemes for time in (word.start, word.end)]
    asked = context.scratch / "times.json"
    asked.write_text(json.dumps(times))
    files = (str(speech.path), str(heard), str(asked))
    found = iter(await _run(context, (*_SYNTHESIS, *files), seconds))
    return [(next(found), next(found)) if word.phonemes else None for word in speech.words]


async def _run(context: RenderContext, command: tuple[str, ...], seconds: float) -> Any:
    """What the program answers; ``seconds`` is how long the sound is."""
    told: list[str] = []
    finished = await context.ffmpeg.sandbox.run(
        [sys.executable, "-I", *command],
        cwd=context.scratch,
        seconds=_SECONDS_AT_LEAST + seconds * _SECONDS_A_SECOND,
        on_line=told.append,
    )
    if not finished.ok or not told:
        _log.error("alignment failed: %s", finished.stderr[-500:])
        raise RenderFailed("The text could not be laid on the sound within this server's limits.")
    return json.loads(told[-1])
