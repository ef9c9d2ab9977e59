"""The motion of all presenters of a video, from their voices."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala.render_types.presenter import PresenterParams
from gala_renderer.avatars.layout import sides
from gala_renderer.avatars.motion.loudness import Loudness
from gala_renderer.avatars.motion.tracks import (
    SpokenTurn,
    audio_motion,
    dialogue_motion,
    listening_motion,
)
from gala_renderer.avatars.pose import MotionTrack
from gala_renderer.avatars.voicing import PresenterTurn, PresenterVoices
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Canvas
from gala_renderer.transcription.pcm import RATE, decode

_FULL_SCALE: Final = 32768.0
_BLOCK: Final = 60 * RATE
"""Samples in memory at a time."""
_MARGIN: Final = 0.25
"""Seconds around a turn whose sound is its speaker's."""


async def perform(
    context: RenderContext,
    voices: PresenterVoices,
    params: PresenterParams,
    canvas: Canvas,
    *,
    drawn: Sequence[bool] = (),
) -> NDArray[np.float32]:
    """Return the poses of each presenter, float32 of shape [presenters, frames, curves].

    ``drawn`` says which of the bodies are drawn, none where missing.
    """
    drawn = [*drawn, *[False] * (len(params.presenters) - len(drawn))]
    recording = await decode(context, voices.voice.track.media, context.scratch / "motion.wav")
    tracks = await asyncio.to_thread(_tracks, recording, voices, params, canvas, drawn)
    return np.stack([track.values[: canvas.frames] for track in tracks])


async def speaker_sound(
    context: RenderContext, voices: PresenterVoices, speaker: int, seconds: float
) -> Path:
    """Return a WAV file (mono, 16 kHz) of ``seconds`` with the voice of one presenter.

    It is silent while others speak.
    """
    whole = context.scratch / f"voices-{speaker}.wav"
    recording = await decode(context, voices.voice.track.media, whole)
    target = context.scratch / f"voice-{speaker}.wav"
    await asyncio.to_thread(_write_own, recording, target, voices.turns, speaker, seconds)
    return target


def _write_own(
    recording: Path, target: Path, turns: Sequence[PresenterTurn], speaker: int, seconds: float
) -> None:
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        for block in own_sound(recording, seconds, turns, speaker):
            sound.writeframes((block * _FULL_SCALE).astype("<i2").tobytes())


def _tracks(
    recording: Path,
    voices: PresenterVoices,
    params: PresenterParams,
    canvas: Canvas,
    drawn: Sequence[bool],
) -> list[MotionTrack]:
    if not any(turn.words for turn in voices.turns):
        loudness = Loudness.of_blocks(_blocks(recording, canvas.seconds), RATE)
        return _by_loudness(loudness, params, canvas, drawn)
    count = len(params.presenters)
    places = sides(count, upright=canvas.height > canvas.width)
    return dialogue_motion(
        [_spoken(turn) for turn in voices.turns if turn.words],
        [x for x, _ in places],
        seconds=canvas.seconds,
        fps=Fraction(canvas.fps),
        seed=params.seed,
        energy=[one.energy for one in params.presenters],
        loudness={
            speaker: Loudness.of_blocks(
                own_sound(recording, canvas.seconds, voices.turns, speaker), RATE
            )
            for speaker in range(count)
        },
        drawn=drawn,
    )


def _by_loudness(
    loudness: Loudness,
    params: PresenterParams,
    canvas: Canvas,
    drawn: Sequence[bool],
) -> list[MotionTrack]:
    fps = Fraction(canvas.fps)
    first, *others = params.presenters
    speaking = audio_motion(
        loudness,
        seconds=canvas.seconds,
        fps=fps,
        seed=params.seed,
        energy=first.energy,
        drawn=drawn[0],
    )
    return [
        speaking,
        *(
            listening_motion(
                canvas.seconds,
                fps=fps,
                seed=params.seed + number,
                energy=one.energy,
                side=-1.0,
                drawn=drawn[number],
            )
            for number, one in enumerate(others, start=1)
        ),
    ]


def _spoken(turn: PresenterTurn) -> SpokenTurn:
    words = turn.words
    return SpokenTurn(presenter=turn.speaker, start=words[0].start, end=words[-1].end, words=words)


def own_sound(
    recording: Path, seconds: float, turns: Sequence[PresenterTurn], speaker: int
) -> Iterator[NDArray[np.float32]]:
    """Yield the samples of one speaker in blocks, silent while others speak."""
    if all(turn.speaker == speaker for turn in turns):
        yield from _blocks(recording, seconds)
        return
    spans = [
        (
            round((turn.words[0].start - _MARGIN) * RATE),
            round((turn.words[-1].end + _MARGIN) * RATE),
        )
        for turn in turns
        if turn.words and turn.speaker == speaker
    ]
    at = 0
    for block in _blocks(recording, seconds):
        own = np.zeros_like(block)
        for start, end in spans:
            part = slice(max(0, start - at), max(0, end - at))
            own[part] = block[part]
        yield own
        at += len(block)


def _blocks(recording: Path, seconds: float) -> Iterator[NDArray[np.float32]]:
    """Yield the samples, -1 to 1, of a decoded recording, cut or padded with silence to a length.

    Hours of sound would fill the memory.
    """
    left = round(seconds * RATE)
    with wave.open(str(recording)) as sound:
        while left > 0:
            block = np.zeros(min(left, _BLOCK), np.float32)
            raw = np.frombuffer(sound.readframes(len(block)), "<i2")
            block[: len(raw)] = raw / _FULL_SCALE
            yield block
            left -= len(block)
