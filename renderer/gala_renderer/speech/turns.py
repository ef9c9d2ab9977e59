"""One speaker's turn: text with pauses, spoken piece by piece, with the voice's effects."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from gala.errors import InvalidRequest
from gala.media import SpokenBy
from gala.render_types.params.voice import (
    PARAGRAPH_PAUSE_SECONDS,
    VoiceParams,
    can_be_spoken,
    split_pauses,
)
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.speech import effects, pcm_track
from gala_renderer.speech.pcm_track import Samples, SampleTrack
from gala_renderer.speech.protocol import Speech, SpeechEngine, Utterance
from gala_renderer.speech.registry import EngineChoice, SpeechEngines
from gala_renderer.speech.speaking import Reading, reading, speak_written
from gala_renderer.speech.text_chunks import chunks, ends_at_pause, paragraphs
from gala_renderer.speech.words import Word
from gala_renderer.transcription.language_detection import detect_language

CHUNK_CHARACTERS: Final = 4000
"""The default maximum of characters per engine call, some minutes of speech."""
_SHORTEST_CHUNK: Final = 32
_UNSPOKEN_SECONDS: Final = 0.3
_SILENT_RATE: Final = 24_000


@runtime_checkable
class LimitsChunkLength(Protocol):
    """A speech engine with its own limit on the length of a text."""

    @property
    def chunk_characters(self) -> int:
        """The maximum number of characters per call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The text of one speaker, with optional pause marks. Pauses are in seconds."""

    text: str
    voice: VoiceParams = field(default_factory=VoiceParams)
    sample: Path | None = None
    """A decoded WAV file with the voice to clone."""
    pause_after: float = 0.0
    field: str = "params"
    """The request field of this turn, for errors: ``params``, ``params.turns.2``."""

    @property
    def language(self) -> str | None:
        """The requested language; without one and without a voice, the detected language."""
        chosen = self.voice.language
        if chosen is None and self.voice.voice is None:
            return detect_language(self.text)
        return chosen

    def choose(self, engines: SpeechEngines) -> EngineChoice:
        """Return the engine that speaks this turn. Raise as :meth:`SpeechEngines.choose` does."""
        voice = self.voice
        return engines.choose(
            voice.engine,
            text=self.text,
            voice=voice.voice,
            language=voice.language,
            field=self.field,
        )

    def reading(self, engine: SpeechEngine) -> Reading:
        """Return how the turn's texts are read by its engine."""
        return reading(self.voice, self.language, self.text, engine)

    def utterance(self, piece: TextPiece) -> Utterance:
        """Return the request to an engine for a piece of the text."""
        voice = self.voice
        return Utterance(
            text=piece.text,
            voice=voice.voice,
            language=self.language,
            language_detected=voice.language is None,
            speed=voice.speed,
            sample=self.sample,
            exaggeration=voice.exaggeration,
            cfg_weight=voice.cfg_weight,
            temperature=voice.temperature,
            chunk_silence=voice.chunk_silence_ms / 1000,
            continues=piece.continues,
        )


@dataclass(frozen=True, slots=True)
class TurnAudio:
    """A turn's sound as a track's file, with word times from the start of the turn."""

    path: Path
    rate: int
    words: tuple[Word, ...]
    by: SpokenBy


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Text to speak in one call; silence next to an explicit pause is trimmed."""

    text: str
    cut_start: bool
    cut_end: bool
    continues: bool = False
    """True if more text follows after a natural pause."""

    def span(self, samples: Samples, rate: int) -> tuple[int, int]:
        """Return the start and end of the samples to keep."""
        start, end = pcm_track.audible_span(samples, rate)
        return start if self.cut_start else 0, end if self.cut_end else len(samples)


def pieces(
    text: str,
    most: int,
    *,
    follows: bool,
    goes_on: bool,
    length: Callable[[str], int] = len,
) -> list[TextPiece | float]:
    """Split a text into pieces of at most ``most`` characters and pauses in seconds.

    Pauses are marks and blank lines; a mark next to a blank line replaces its pause. ``follows``
    and ``goes_on`` are true if there is a turn before and after this one. ``length`` returns the
    number of characters that an engine gets for a text.
    """
    parts: list[str | float] = [
        part if isinstance(part, float) or can_be_spoken(part) else _UNSPOKEN_SECONDS
        for part in split_pauses(unicodedata.normalize("NFC", text))
    ]
    found: list[TextPiece | float] = []
    for index, part in enumerate(parts):
        if isinstance(part, float):
            found.append(part)
            continue
        after_pause = follows if index == 0 else isinstance(parts[index - 1], float)
        last = index + 1 == len(parts)
        before_pause = goes_on if last else isinstance(parts[index + 1], float)
        found.extend(_in_paragraphs(TextPiece(part, after_pause, before_pause), most, length))
    return found


def _in_paragraphs(
    part: TextPiece, most: int, length: Callable[[str], int]
) -> Iterator[TextPiece | float]:
    # One without anything to speak, such as a line of dashes, only separates its neighbours.
    texts = [text for text in paragraphs(part.text) if can_be_spoken(text)]
    for index, text in enumerate(texts):
        last = index + 1 == len(texts)
        # The silence at the end is kept: it is the engine's pause after a sentence.
        yield from in_chunks(
            TextPiece(
                text,
                cut_start=part.cut_start or index > 0,
                cut_end=part.cut_end and last,
                continues=part.continues or not last,
            ),
            most,
            length,
        )
        if not last:
            yield PARAGRAPH_PAUSE_SECONDS


def _chunks(text: str, most: int, spoken: int, length: Callable[[str], int]) -> Iterator[str]:
    for chunk in chunks(text, most):
        if length is len or len(chunk) < _SHORTEST_CHUNK or length(chunk) <= spoken:
            yield chunk
        else:
            yield from _chunks(chunk, len(chunk) // 2, spoken, length)


def in_chunks(piece: TextPiece, most: int, length: Callable[[str], int] = len) -> list[TextPiece]:
    """Split a piece into pieces of at most ``most`` characters, with its ends at the outer ones.

    ``length`` returns the number of characters that an engine gets for a text.
    """
    texts = list(_chunks(piece.text, most, most, length))
    return [
        replace(
            piece,
            text=text,
            cut_start=piece.cut_start and index == 0,
            cut_end=piece.cut_end and index + 1 == len(texts),
            continues=piece.continues if index + 1 == len(texts) else ends_at_pause(text),
        )
        for index, text in enumerate(texts)
    ]


@dataclass(frozen=True, slots=True)
class TurnSpeaker:
    """Speaks one turn with its engine; intermediate files are in ``folder``."""

    context: RenderContext
    turn: Turn
    engine: SpeechEngine
    folder: Path

    async def speak(self, parts: Sequence[TextPiece | float], report: Report) -> TurnAudio:
        """Speak the whole turn with effects; ``report`` gets the fraction of characters done."""
        self.folder.mkdir()
        track: SampleTrack | None = None
        by = SpokenBy(engine=self.engine.name)
        words: list[Word] = []
        pause = 0.0
        whole = max(1, sum(len(part.text) for part in parts if isinstance(part, TextPiece)))
        done = 0
        for part in parts:
            if isinstance(part, float):
                pause += part
                continue
            speech, samples = await self._utter(part, _share(report, done, part, whole))
            rate, by = speech.rate, speech.by(self.engine.name)
            done += len(part.text)
            # The sample rate is known after the first piece.
            track = track or SampleTrack(self.folder / "voice.f32", rate)
            track.silence(pause)
            pause = 0.0
            words.extend(_placed(speech.words, part.span(samples, rate), track))
            track.add(samples[slice(*part.span(samples, rate))])
        track = track or SampleTrack(self.folder / "voice.f32", _SILENT_RATE)
        track.silence(pause)
        return await self._finished(track, words, by)

    async def _finished(self, track: SampleTrack, words: Sequence[Word], by: SpokenBy) -> TurnAudio:
        chosen = self.turn.voice.effects
        path = await effects.apply(self.context, track.path, rate=track.rate, effects=chosen)
        timed = tuple(word.mapped(1 / chosen.tempo) for word in words)
        return TurnAudio(path, track.rate, timed, by)

    async def _utter(self, piece: TextPiece, report: Report) -> tuple[Speech, Samples]:
        utterance = await asyncio.to_thread(self.turn.utterance, piece)
        how = await asyncio.to_thread(self.turn.reading, self.engine)
        target = self.folder / "piece.wav"
        try:
            speech = await speak_written(
                self.context, self.engine, utterance, how, target=target, report=report
            )
        except InvalidRequest as error:
            raise renamed(error, self.turn.field) from error
        rate, samples = await asyncio.to_thread(pcm_track.read_wav, speech.path)
        speech.path.unlink()
        return replace(speech, rate=rate), samples


def _share(report: Report, done: int, piece: TextPiece, whole: int) -> Report:
    return lambda fraction: report((done + fraction * len(piece.text)) / whole)


def _placed(
    words: Sequence[Word], kept_span: tuple[int, int], track: SampleTrack
) -> Iterator[Word]:
    """Yield the words at their times in the track, to which the kept samples are appended."""
    offset = (track.samples - kept_span[0]) / track.rate
    first, last = track.seconds, track.seconds + (kept_span[1] - kept_span[0]) / track.rate
    for word in words:
        yield word.shifted(offset).within(first, last)


def renamed(error: InvalidRequest, field_name: str) -> InvalidRequest:
    """Return an engine's error with ``params`` replaced by the field of the turn."""
    original = str(error.details.get("field", "params"))
    field_path = original.replace("params", field_name, 1)
    return InvalidRequest(error.message.replace(original, field_path, 1), field=field_path)
