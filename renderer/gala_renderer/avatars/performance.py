"""The motion of all presenters of a video, from their voices."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Sequence
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
from gala_renderer.transcription.pcm import decode

_FULL_SCALE: Final = 32768.0
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
    samples, rate = _samples(recording, seconds)
    own = _own(samples, rate, turns, speaker)
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes((own * _FULL_SCALE).astype("<i2").tobytes())


def _tracks(
    recording: Path,
    voices: PresenterVoices,
    params: PresenterParams,
    canvas: Canvas,
    drawn: Sequence[bool],
) -> list[MotionTrack]:
    samples, rate = _samples(recording, canvas.seconds)
    if not any(turn.words for turn in voices.turns):
        return _by_loudness(samples, rate, params, canvas, drawn)
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
            speaker: Loudness.measured(_own(samples, rate, voices.turns, speaker), rate)
            for speaker in range(count)
        },
        drawn=drawn,
    )


def _by_loudness(
    samples: NDArray[np.float32],
    rate: int,
    params: PresenterParams,
    canvas: Canvas,
    drawn: Sequence[bool],
) -> list[MotionTrack]:
    fps = Fraction(canvas.fps)
    first, *others = params.presenters
    speaking = audio_motion(
        samples, rate, fps=fps, seed=params.seed, energy=first.energy, drawn=drawn[0]
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


def _own(
    samples: NDArray[np.float32], rate: int, turns: Sequence[PresenterTurn], speaker: int
) -> NDArray[np.float32]:
    """Return the sound of one speaker, silent while others speak."""
    if all(turn.speaker == speaker for turn in turns):
        return samples
    own = np.zeros_like(samples)
    for turn in turns:
        if turn.words and turn.speaker == speaker:
            start = max(0, round((turn.words[0].start - _MARGIN) * rate))
            end = round((turn.words[-1].end + _MARGIN) * rate)
            own[start:end] = samples[start:end]
    return own


def _samples(recording: Path, seconds: float) -> tuple[NDArray[np.float32], int]:
    """Return the samples, -1 to 1, cut or padded with silence to a length, and their rate."""
    with wave.open(str(recording)) as sound:
        rate = sound.getframerate()
        raw = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    samples = np.zeros(round(seconds * rate), np.float32)
    known = min(len(samples), len(raw))
    samples[:known] = raw[:known] / _FULL_SCALE
    return samples, rate
