"""The voices of a turn: its own, and those of its parts in other languages, equally loud."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from gala.errors import EngineMissing, InvalidRequest
from gala.media import SpokenBy
from gala.render_types.params.language_tags import within
from gala.render_types.params.voice import SpeechEngineName
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.speech import pcm_track
from gala_renderer.speech.pcm_track import Samples
from gala_renderer.speech.protocol import SpeaksLanguages, SpeechEngine
from gala_renderer.speech.resampling import resample
from gala_renderer.speech.speaking import speak_written
from gala_renderer.speech.turns import TextPiece, Turn, renamed
from gala_renderer.speech.words import Word

_FRAME_SECONDS: Final = 0.02
_SPOKEN_DB: Final = 25.0
"""Frames that much below the loudest do not count for the level of a voice."""
_MOST_GAIN_DB: Final = 15.0


@dataclass(frozen=True, slots=True)
class SpokenPiece:
    """The sound of a piece, and its words from the start of the sound."""

    rate: int
    samples: Samples
    words: tuple[Word, ...]
    by: SpokenBy


@dataclass(frozen=True, slots=True)
class _PieceVoice:
    turn: Turn
    """The turn as if all of it were in this voice."""
    engine: SpeechEngine

    @property
    def key(self) -> tuple[str, str | None]:
        return self.engine.name, self.turn.voice.voice


@dataclass(slots=True)
class PieceVoices:
    """Speaks the pieces of a turn, each in the voice of its language, at the rate of the first."""

    context: RenderContext
    turn: Turn
    engine: SpeechEngine
    _voices: dict[str, _PieceVoice] = field(default_factory=dict)
    _gains: dict[tuple[str, str | None], float] = field(default_factory=dict)
    _level: float | None = None
    _rate: int | None = None

    async def speak(
        self, piece: TextPiece, report: Report = lambda _: None, *, timed: bool = True
    ) -> SpokenPiece:
        """Speak a piece. Raise ``InvalidRequest`` naming the turn's field."""
        voice = await self._voice(piece.language)
        utterance = await asyncio.to_thread(voice.turn.utterance, piece)
        how = await asyncio.to_thread(voice.turn.reading, voice.engine)
        target = self.context.scratch / "piece.wav"
        try:
            speech = await speak_written(
                self.context,
                voice.engine,
                utterance,
                how,
                target=target,
                report=report,
                timed=timed,
            )
        except InvalidRequest as error:
            raise renamed(error, self.turn.field) from error
        rate, samples = await asyncio.to_thread(pcm_track.read_wav, speech.path)
        speech.path.unlink()
        samples = await self._at_rate(samples, rate)
        return SpokenPiece(
            self._rate or rate,
            self._levelled(voice, samples),
            speech.words,
            speech.by(voice.engine.name),
        )

    async def _voice(self, language: str | None) -> _PieceVoice:
        if language is None:
            return _PieceVoice(self.turn, self.engine)
        if language not in self._voices:
            self._voices[language] = await self._found(language)
        return self._voices[language]

    async def _found(self, language: str) -> _PieceVoice:
        spoken = (await asyncio.to_thread(self.turn.reading, self.engine)).language
        if within(spoken or "", language):
            return _PieceVoice(self.turn, self.engine)
        like = self.turn.voice.voice
        for engine in self._engines(language):
            if not isinstance(engine, SpeaksLanguages):
                continue
            found = await engine.voice_in(language, like if engine is self.engine else None)
            if found is None:
                continue
            update = {"engine": SpeechEngineName(engine.name), "voice": found, "language": language}
            own = self.turn.sample if engine is self.engine else None
            voice = self.turn.voice.model_copy(update=update)
            return _PieceVoice(replace(self.turn, voice=voice, sample=own), engine)
        name = f"{self.turn.field}.text"
        raise InvalidRequest(
            f"{name}: No speech engine here speaks [lang {language}]; `gala voices` lists the"
            " languages.",
            field=name,
        )

    def _engines(self, language: str) -> Iterator[SpeechEngine]:
        """Yield the engines to ask for a language: the turn's own, then the best one for it."""
        yield self.engine
        with suppress(EngineMissing):
            best = self.context.services.speech.default(language)
            if best is not self.engine:
                yield best

    async def _at_rate(self, samples: Samples, rate: int) -> Samples:
        if self._rate is None or rate == self._rate:
            self._rate = rate
            return samples
        track = self.context.scratch / "piece.f32"
        target = track.with_name("piece.resampled.f32")
        await asyncio.to_thread(track.write_bytes, samples.astype("<f4").tobytes())
        count = round(len(samples) * self._rate / rate)
        await resample(self.context, track, target, old=rate, new=self._rate, samples=count)
        found: Samples = np.frombuffer(await asyncio.to_thread(target.read_bytes), "<f4")
        track.unlink()
        target.unlink()
        return found

    def _levelled(self, voice: _PieceVoice, samples: Samples) -> Samples:
        """Return the sound with the level of the turn's first voice; a voice keeps its gain."""
        gain = self._gains.get(voice.key)
        if gain is None:
            level = _level_db(samples, self._rate or 1)
            if level is None:
                return samples
            if self._level is None:
                self._level = level
            wanted = min(max(self._level - level, -_MOST_GAIN_DB), _MOST_GAIN_DB)
            gain = self._gains[voice.key] = 10 ** (wanted / 20)
        return samples if gain == 1 else samples * np.float32(gain)


def _level_db(samples: Samples, rate: int) -> float | None:
    """Return the level of the spoken frames; None for silence."""
    frame = max(1, round(_FRAME_SECONDS * rate))
    count = len(samples) // frame
    power = (samples[: count * frame].reshape(count, frame).astype(np.float64) ** 2).mean(axis=1)
    loudest = float(power.max(initial=0.0))
    if loudest == 0:
        return None
    spoken = power[power > loudest * 10 ** (-_SPOKEN_DB / 10)]
    return float(10 * np.log10(spoken.mean()))
