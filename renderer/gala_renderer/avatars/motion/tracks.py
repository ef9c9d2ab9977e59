"""Tracks of poses for speech, sound, listening and dialogues.

All functions are pure: the same arguments give the same bytes. ``seed`` selects one of the possible
performances; ``energy`` is from 0 (mouth, blinks and breath) over 0.5 (calm presenting) to 1
(lively). The lips never depend on ``seed`` and ``energy``. Heads rest between their gestures. Drawn
bodies are ``drawn``: they move in limited animation, which holds each pose for some frames.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from itertools import zip_longest
from typing import Final

import numpy as np

from gala_renderer.avatars.motion.curves import Curve, Movements, at_frames, bent, clock_samples
from gala_renderer.avatars.motion.eyes import (
    blink_times,
    brow_curves,
    gaze_curves,
    lid_curves,
)
from gala_renderer.avatars.motion.head import head_curves
from gala_renderer.avatars.motion.limited_animation import in_drawings
from gala_renderer.avatars.motion.loudness import Loudness, mouth_of_sound
from gala_renderer.avatars.motion.mouth import (
    mouth_curves,
    shortened,
    timed_phonemes,
    without_silence,
)
from gala_renderer.avatars.motion.phrases import (
    Phrase,
    Script,
    phrases_of,
    phrases_of_sound,
)
from gala_renderer.avatars.pose import CURVES, MotionTrack
from gala_renderer.speech.words import Word

MAX_SECONDS: Final = 4 * 3600.0
_MAX_FPS: Final = 240
_SMILE: Final = 0.14
_UNANSWERED: Final = 3.0


class _Layer(IntEnum):
    """Sources of random numbers, separate so that one does not disturb the others."""

    GAZE, BLINKS, LIDS, BROWS, HEAD, SMILE = range(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenTurn:
    """What one presenter of a dialogue says; the words' times are those of the whole dialogue."""

    presenter: int
    """The index of the presenter."""
    start: float
    end: float
    words: tuple[Word, ...] = ()


def speech_motion(
    words: Sequence[Word],
    *,
    seconds: float,
    fps: Fraction,
    seed: int,
    energy: float = 0.5,
    loudness: Loudness | None = None,
    drawn: bool = False,
) -> MotionTrack:
    """Return the motion of a presenter who says ``words`` to the viewer.

    Words without phonemes move the mouth by their letters. With ``loudness``, that of the voice,
    loud speech opens the mouth wider, and silence that the engine counts as part of a phoneme shuts
    it.
    """
    clock = _Clock(seconds, fps)
    words = _checked(words, clock, energy)
    level = loudness.level(clock.samples) if loudness else None
    script = Script(seconds=seconds, phrases=phrases_of(words, level), level=level)
    return _track(script, _mouth(words, clock, loudness), clock, seed, energy, drawn=drawn)


def audio_motion(
    loudness: Loudness,
    *,
    seconds: float,
    fps: Fraction,
    seed: int,
    energy: float = 0.5,
    drawn: bool = False,
) -> MotionTrack:
    """Return motion for a voice whose words are not known.

    The last resort: without phonemes the lips cannot shut for m, b and p.
    """
    clock = _Clock(seconds, fps)
    _checked((), clock, energy)
    level = loudness.level(clock.samples)
    script = Script(seconds=seconds, phrases=phrases_of_sound(level), level=level)
    mouth = mouth_of_sound(loudness, clock.samples)
    return _track(script, mouth, clock, seed, energy, drawn=drawn)


def listening_motion(
    seconds: float,
    *,
    fps: Fraction,
    seed: int,
    energy: float = 0.5,
    side: float = 0.0,
    heard: Sequence[Word] = (),
    drawn: bool = False,
) -> MotionTrack:
    """Return the motion of a presenter who listens.

    ``side`` is where the speaker is: -1 left, 0 the viewer, 1 right. ``heard`` are the speaker's
    words; nods and brows answer to their phrases.
    """
    clock = _Clock(seconds, fps)
    phrases = phrases_of(_checked(heard, clock, energy))
    script = Script(seconds=seconds, heard=phrases, facing=((0.0, _clamped(side)),))
    return _track(script, _mouth((), clock, None), clock, seed, energy, drawn=drawn)


def dialogue_motion(
    turns: Sequence[SpokenTurn],
    positions: Sequence[float],
    *,
    seconds: float,
    fps: Fraction,
    seed: int,
    energy: Sequence[float] = (),
    loudness: Mapping[int, Loudness] | None = None,
    drawn: Sequence[bool] = (),
) -> list[MotionTrack]:
    """Return the motion of each presenter of a dialogue: the one who speaks moves, others listen.

    ``positions`` are the presenters' places in the picture from left to right, in any unit; equal
    ones do not see each other and face the viewer. ``energy`` has one value per presenter, 0.5
    where missing; ``loudness`` that of each presenter's own voice over the whole dialogue;
    ``drawn`` says which bodies are drawn, none where missing.
    """
    clock = _Clock(seconds, fps)
    energies = [*energy, *[0.5] * (len(positions) - len(energy))]
    limited = [*drawn, *[False] * (len(positions) - len(drawn))]
    dialogue = _Dialogue(turns, positions)
    return [
        dialogue.track(
            index,
            clock,
            voice=(loudness or {}).get(index),
            seed=seed + 7919 * index,
            energy=own_energy,
            drawn=limited[index],
        )
        for index, own_energy in enumerate(energies[: len(positions)])
    ]


def participant_motion(
    index: int,
    turns: Sequence[SpokenTurn],
    positions: Sequence[float],
    *,
    seconds: float,
    fps: Fraction,
    seed: int,
    energy: float = 0.5,
    loudness: Loudness | None = None,
    drawn: bool = False,
) -> MotionTrack:
    """Return the motion of one presenter of a dialogue, as :func:`dialogue_motion` does of all.

    Turns may have no words: then they are heard as a whole, and the presenter's own move by
    ``loudness``, as in :func:`audio_motion`.
    """
    clock, dialogue = _Clock(seconds, fps), _Dialogue(turns, positions)
    return dialogue.track(index, clock, voice=loudness, seed=seed, energy=energy, drawn=drawn)


class _Dialogue:
    """Validated turns, in order, and the places of the presenters."""

    def __init__(self, turns: Sequence[SpokenTurn], positions: Sequence[float]):
        if not all(math.isfinite(position) for position in positions):
            raise ValueError("The positions of presenters must be finite numbers.")
        for turn in turns:
            if not math.isfinite(turn.start) or not math.isfinite(turn.end):
                raise ValueError("The start and the end of a turn must be finite numbers.")
            if not 0 <= turn.presenter < len(positions):
                raise ValueError(
                    f"A turn names presenter {turn.presenter}; there are {len(positions)}, from 0."
                )
        self._turns = sorted(turns, key=lambda turn: turn.start)
        self._positions = positions

    def track(
        self,
        index: int,
        clock: _Clock,
        *,
        voice: Loudness | None,
        seed: int,
        energy: float,
        drawn: bool,
    ) -> MotionTrack:
        """Return the motion of a presenter."""
        own = [turn for turn in self._turns if turn.presenter == index]
        others = [turn for turn in self._turns if turn.presenter != index]
        words = _checked([word for turn in own for word in turn.words], clock, energy)
        level = voice.level(clock.samples) if voice else None
        by_sound = voice is not None and any(not turn.words for turn in own)
        script = Script(
            seconds=clock.seconds,
            phrases=phrases_of(words, level)
            if level is None or not by_sound
            else phrases_of_sound(level),
            heard=_heard(others, clock, energy),
            facing=tuple(_attention(index, self._turns, self._positions)),
            level=level,
        )
        if voice is not None and by_sound:
            mouth = mouth_of_sound(voice, clock.samples)
        else:
            mouth = _mouth(words, clock, voice)
        return _track(script, mouth, clock, seed, energy, drawn=drawn)


def _heard(turns: Sequence[SpokenTurn], clock: _Clock, energy: float) -> tuple[Phrase, ...]:
    """Return the phrases of what others say; a turn without words is one."""
    words = _checked([word for turn in turns for word in turn.words], clock, energy)
    wordless = [Phrase(turn.start, turn.end) for turn in turns if not turn.words]
    if not wordless:
        return phrases_of(words)
    return tuple(sorted([*phrases_of(words), *wordless], key=lambda phrase: phrase.start))


def _attention(
    index: int, turns: Sequence[SpokenTurn], positions: Sequence[float]
) -> list[tuple[float, float]]:
    """Return the side that a presenter faces from each turn on.

    Listeners look at the one who speaks; speakers mostly at the viewer, and a little at the one who
    spoke before them. After a turn that none follows soon, all face the viewer.
    """
    found: list[tuple[float, float]] = []
    partner: int | None = None
    for turn, following in zip_longest(turns, turns[1:]):
        if turn.presenter == index:
            side = 0.0 if partner is None else 0.35 * _direction(positions, index, partner)
        else:
            partner = turn.presenter
            side = _direction(positions, index, partner)
        found.append((max(0.0, turn.start), side))
        if following is None or following.start - turn.end > _UNANSWERED:
            found.append((max(0.0, turn.start, turn.end + 0.5), 0.0))
    sides = [None, *(side for _, side in found)]
    return [change for change, before in zip(found, sides, strict=False) if change[1] != before]


def _direction(positions: Sequence[float], index: int, other: int) -> float:
    return float(np.sign(positions[other] - positions[index]))


class _Clock:
    """The validated length and frame rate of a track."""

    def __init__(self, seconds: float, fps: Fraction):
        if not math.isfinite(seconds) or not 0.0 < seconds <= MAX_SECONDS:
            raise ValueError(
                f"seconds must be above 0 and at most {MAX_SECONDS:.0f}; it is {seconds}."
            )
        if not 0 < fps <= _MAX_FPS:
            raise ValueError(f"fps must be above 0 and at most {_MAX_FPS}; it is {fps}.")
        self.seconds = seconds
        self.fps = Fraction(fps)
        self.frames = max(1, math.ceil(seconds * self.fps - 1e-6))
        # The middle of the last frame may be after the end.
        self.samples = clock_samples(float(self.frames / self.fps))


def _checked(words: Sequence[Word], clock: _Clock, energy: float) -> list[Word]:
    """Return the words that are within the track, limited to its length."""
    if not 0.0 <= energy <= 1.0:
        raise ValueError(f"energy must be from 0 to 1; it is {energy}.")
    for word in words:
        moments = [word.start, word.end, *(m for p in word.phonemes for m in (p.start, p.end))]
        if not all(math.isfinite(moment) for moment in moments):
            raise ValueError(f"The word {word.text[:40]!r} has a time that is not a number.")
    seconds = clock.seconds
    return [w.within(0.0, seconds) for w in words if w.start < seconds and w.end >= 0.0]


def _clamped(side: float) -> float:
    if not math.isfinite(side):
        raise ValueError(f"side must be from -1 to 1; it is {side}.")
    return min(1.0, max(-1.0, side))


def _mouth(words: Sequence[Word], clock: _Clock, loudness: Loudness | None) -> dict[str, Curve]:
    if loudness is None:
        phonemes = timed_phonemes(shortened(words), clock.seconds)
    else:
        phonemes = timed_phonemes(words, clock.seconds)
        phonemes = without_silence(phonemes, loudness.silences(clock.seconds))
    curves = mouth_curves(phonemes, clock.seconds, clock.samples, frame=float(1 / clock.fps))
    if loudness is not None:
        curves["jaw"] = bent(curves["jaw"] * loudness.opening(clock.samples), 0.8, 1.0)
    return curves


def _track(
    script: Script,
    mouth: Mapping[str, Curve],
    clock: _Clock,
    seed: int,
    energy: float,
    *,
    drawn: bool,
) -> MotionTrack:
    def random(layer: _Layer) -> np.random.Generator:
        return np.random.default_rng([seed % 2**64, layer])

    samples = clock.samples
    gaze, shifts = gaze_curves(script, samples, random(_Layer.GAZE), energy)
    begins = blink_times(script, shifts, random(_Layer.BLINKS), clock.seconds)
    curves: dict[str, Curve] = {
        **mouth,
        **gaze,
        **lid_curves(begins, samples, random(_Layer.LIDS)),
        **brow_curves(script, samples, random(_Layer.BROWS), energy),
        **head_curves(script, samples, random(_Layer.HEAD), energy, limited_animation=drawn),
        "smile": _smile(script, samples, random(_Layer.SMILE), energy),
    }
    values = np.stack([at_frames(curves[name], clock.frames, clock.fps) for name in CURVES], axis=1)
    track = MotionTrack(clock.fps, np.ascontiguousarray(values))
    return in_drawings(track) if drawn else track


def _smile(script: Script, samples: int, random: np.random.Generator, energy: float) -> Curve:
    """Return a slight smile in longer pauses, but in those in which the presenter thinks."""
    smile = Movements(samples)
    thoughts = {phrase.end for phrase in script.phrases if phrase.hesitant}
    for start, end in script.pauses():
        if end - start >= 0.6 and start not in thoughts:
            height = 2.0 * energy * _SMILE * random.uniform(0.5, 1.0)
            smile.bump(start + 0.1, 0.5, max(0.0, end - start - 0.8), 0.5, height)
    return np.clip(smile.curve(), 0.0, 1.0)
