"""How the presenters of a film move: each by its own voice, and listening to those beside it."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from gala.timeline.compilation.layers import CompiledTimeline, Layer
from gala.timeline.document.presenters import PresenterElement
from gala_renderer.avatars.motion.curves import clock_samples
from gala_renderer.avatars.motion.loudness import Loudness, spoken_spans
from gala_renderer.avatars.motion.tracks import (
    SpokenTurn,
    listening_motion,
    participant_motion,
    speech_motion,
)
from gala_renderer.avatars.pose import MotionTrack
from gala_renderer.engine.context import RenderContext
from gala_renderer.probe.media import Media
from gala_renderer.speech.words import Word
from gala_renderer.timeline.studio import Studio
from gala_renderer.transcription.pcm import decode

_FULL_SCALE: Final = 32768.0
_TURN_ENDS: Final = 1.0
"""Seconds of silence after which the same presenter's words are another turn."""


def speaker_of(layer: Layer) -> str:
    """Return the JSON pointer of what says the words of a presenter: itself, or a voice."""
    return layer.words_of or layer.pointer


def number_in_scene(layer: Layer, film: CompiledTimeline) -> int:
    """Return the number of a presenter in its scene, or in the tracks, from 0 on.

    Its movements and its usual character depend on that: what is in other scenes changes nothing.
    """
    return sum(
        isinstance(one.element, PresenterElement)
        and one.scene == layer.scene
        and one.number < layer.number
        for one in film.layers
    )


def partners(layer: Layer, film: CompiledTimeline) -> list[Layer]:
    """Return the presenters that are seen with one and have voices of their own, each voice once.

    Those of other scenes are not there, although transitions show both for a moment.
    """
    found: dict[str, Layer] = {}
    for other in film.layers:
        if not isinstance(other.element, PresenterElement) or other.placement is None:
            continue
        together = other.first_frame < layer.end_frame and layer.first_frame < other.end_frame
        same_scene = layer.scene is None or other.scene in (None, layer.scene)
        if together and same_scene and speaker_of(other) != speaker_of(layer):
            found.setdefault(speaker_of(other), other)
    return list(found.values())


def speakers_heard(layers: Iterable[Layer], film: CompiledTimeline) -> set[str]:
    """Return the JSON pointers of all voices that decide how presenters among the layers move."""
    presenters = [one for one in layers if isinstance(one.element, PresenterElement)]
    return {speaker_of(one) for layer in presenters for one in (layer, *partners(layer, film))}


@dataclass(slots=True)
class Conversation:
    """The movements of the presenters of a film, from their voices.

    ``sounds`` are voices by the JSON pointer of what speaks.
    """

    context: RenderContext
    studio: Studio
    sounds: Mapping[str, Media]
    _decoded: dict[str, Path] = field(default_factory=dict)

    async def motion(self, layer: Layer, *, drawn: bool) -> NDArray[np.float32]:
        """Return the poses of a presenter, float32 of shape [frames, curves]."""
        others = partners(layer, self.studio.film)
        turns = [SpokenTurn(presenter=0, start=a, end=b, words=words)
                 for a, b, words in await self._turns(layer, layer)]  # fmt: skip
        for number, other in enumerate(others, start=1):
            turns += [SpokenTurn(presenter=number, start=a, end=b, words=words)
                      for a, b, words in await self._turns(other, layer)]  # fmt: skip
        own = next((turn for turn in turns if turn.presenter == 0), None)
        voice = None
        if own is not None and speaker_of(layer) in self.sounds:
            voice = await self._loudness(layer, layer)
        places = [_middle(one) for one in (layer, *others)]
        track = await asyncio.to_thread(self._track, layer, turns, places, voice, drawn)
        return track.values[: layer.end_frame - layer.first_frame]

    def _track(
        self,
        layer: Layer,
        turns: Sequence[SpokenTurn],
        places: Sequence[float],
        voice: Loudness | None,
        drawn: bool,
    ) -> MotionTrack:
        element, fps = cast(PresenterElement, layer.element), Fraction(self.studio.rate)
        seconds, energy = self._seconds(layer), element.energy
        seed = element.seed + number_in_scene(layer, self.studio.film)
        if not turns:
            return listening_motion(seconds, fps=fps, seed=seed, energy=energy, drawn=drawn)
        if all(turn.presenter == 0 and turn.words for turn in turns):
            return speech_motion(
                [word for turn in turns for word in turn.words],
                seconds=seconds, fps=fps, seed=seed, energy=energy, loudness=voice, drawn=drawn,
            )  # fmt: skip
        return participant_motion(
            0, turns, places,
            seconds=seconds, fps=fps, seed=seed, energy=energy, loudness=voice, drawn=drawn,
        )  # fmt: skip

    async def sound(self, layer: Layer) -> Path:
        """Return a WAV file, mono and as long as the layer, of what its presenter says."""
        samples, rate = await self._samples(layer, layer)
        target = self.studio.path(layer, "-own.wav")
        await asyncio.to_thread(_write, samples, rate, target)
        return target

    def _seconds(self, layer: Layer) -> float:
        return float((layer.end_frame - layer.first_frame) / self.studio.rate)

    async def _turns(
        self, speaking: Layer, hearing: Layer
    ) -> list[tuple[float, float, tuple[Word, ...]]]:
        """Return what a presenter says while it is seen, in the time of another's layer.

        Turns have no words where none are known, but the sound is.
        """
        first = max(0.0, float(speaking.start - hearing.start))
        end = min(self._seconds(hearing), float(speaking.end - hearing.start))
        speaker = speaker_of(speaking)
        known = self.studio.words.get(speaker, ())
        if not known and speaker in self.sounds:
            loudness = await self._loudness(speaking, hearing)
            level = loudness.level(clock_samples(self._seconds(hearing)))
            spans = await asyncio.to_thread(spoken_spans, level)
            return [(max(a, first), min(b, end), ()) for a, b in spans if a < end and b > first]
        moved = float(self._start(speaker) - hearing.start)
        words = [word.shifted(moved) for word in known]
        seen = [word for word in words if word.start >= first and word.end <= end]
        return [(turn[0].start, turn[-1].end, turn) for turn in _parted(seen)]

    async def _loudness(self, speaking: Layer, hearing: Layer) -> Loudness:
        samples, rate = await self._samples(speaking, hearing)
        return await asyncio.to_thread(Loudness.measured, samples, rate)

    async def _samples(self, speaking: Layer, hearing: Layer) -> tuple[NDArray[np.float32], int]:
        """Return a presenter's voice, as long as another's layer, and its rate."""
        speaker = speaker_of(speaking)
        if speaker not in self._decoded:
            target = self.studio.path(speaking, "-voice.wav")
            self._decoded[speaker] = await decode(self.context, self.sounds[speaker], target)
        begin = float(self._start(speaker) - hearing.start)
        return await asyncio.to_thread(
            _placed, self._decoded[speaker], begin, self._seconds(hearing)
        )

    def _start(self, speaker: str) -> Fraction:
        return next(one.start for one in self.studio.film.layers if one.pointer == speaker)


def _middle(layer: Layer) -> float:
    """Return where a presenter is from left to right; two at about one place face the viewer."""
    placement = layer.placement
    return 0.0 if placement is None else float(round(placement.box.center[0]))


def _parted(words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    """Yield the words of each turn."""
    turn: list[Word] = []
    for word in words:
        if turn and word.start - turn[-1].end > _TURN_ENDS:
            yield tuple(turn)
            turn = []
        turn.append(word)
    if turn:
        yield tuple(turn)


def _placed(file: Path, begin: float, seconds: float) -> tuple[NDArray[np.float32], int]:
    """Return samples of a voice that begins at a time of the layer, which may be negative."""
    with wave.open(str(file)) as sound:
        rate = sound.getframerate()
        raw = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    samples = np.zeros(round(seconds * rate), np.float32)
    skipped, at = round(max(0.0, -begin) * rate), round(max(0.0, begin) * rate)
    known = raw[skipped : skipped + max(0, len(samples) - at)]
    samples[at : at + len(known)] = known / _FULL_SCALE
    return samples, rate


def _write(samples: NDArray[np.float32], rate: int, target: Path) -> None:
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes((samples * _FULL_SCALE).astype("<i2").tobytes())
