"""Speaks one turn, piece by piece, with the voice's effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.media import SpokenBy
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.speech import effects
from gala_renderer.speech.pcm_track import SampleTrack
from gala_renderer.speech.piece_voices import PieceVoices
from gala_renderer.speech.protocol import SpeechEngine
from gala_renderer.speech.turns import TextPiece, Turn
from gala_renderer.speech.words import Word

_SILENT_RATE: Final = 24_000


@dataclass(frozen=True, slots=True)
class TurnAudio:
    """A turn's sound as a track's file, with word times from the start of the turn."""

    path: Path
    rate: int
    words: tuple[Word, ...]
    by: SpokenBy


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
        voices = PieceVoices(self.context, self.turn, self.engine)
        whole = max(1, sum(len(part.text) for part in parts if isinstance(part, TextPiece)))
        done = 0
        for part in parts:
            if isinstance(part, float):
                pause += part
                continue
            spoken = await voices.speak(part, _share(report, done, part, whole))
            by = spoken.by if part.language is None else by
            done += len(part.text)
            # The sample rate is known after the first piece.
            track = track or SampleTrack(self.folder / "voice.f32", spoken.rate)
            track.silence(pause)
            pause = 0.0
            span = part.span(spoken.samples, spoken.rate)
            words.extend(_placed(spoken.words, span, track))
            track.add(spoken.samples[slice(*span)])
        track = track or SampleTrack(self.folder / "voice.f32", _SILENT_RATE)
        track.silence(pause)
        return await self._finished(track, words, by)

    async def _finished(self, track: SampleTrack, words: Sequence[Word], by: SpokenBy) -> TurnAudio:
        chosen = self.turn.voice.effects
        path = await effects.apply(self.context, track.path, rate=track.rate, effects=chosen)
        timed = tuple(word.mapped(1 / chosen.tempo) for word in words)
        return TurnAudio(path, track.rate, timed, by)


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
