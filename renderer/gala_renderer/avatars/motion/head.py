"""The head, the shoulders and the breath."""

from __future__ import annotations

from typing import Final

import numpy as np

from gala_renderer.avatars.motion.curves import (
    CLOCK,
    Curve,
    Movements,
    limited,
    smoothed,
    through,
    wander,
)
from gala_renderer.avatars.motion.phrases import Script

_LIMITS: Final = {"yaw": 9.0, "pitch": 6.0, "roll": 5.0}
_FASTEST: Final = 24.0
"""Mean speed of a movement of the head in degrees per second."""
_FACING: Final = 5.0
_LISTENING: Final = 0.55
"""Sway while listening, relative to that while speaking."""
_CYCLE: Final = 3.9
"""Seconds of a breath at rest."""
_SNAPPY: Final = 0.6
"""Duration of a movement in limited animation, relative to others: it takes few drawings."""
_OFTEN, _RARELY = 0.55, 1.6
"""Seconds between nods while speaking; in limited animation, there is a rest after each."""
_PAUSE: Final = 0.6
"""Seconds of a pause in which a drawn presenter is seen to breathe in."""
_STILLEST: Final = 0.12
"""Sway at energy 0, relative to that at 1."""


class _Head:
    """Eased movements of yaw, pitch and roll."""

    def __init__(self, samples: int, pace: float):
        self.movements = {axis: Movements(samples) for axis in _LIMITS}
        self._pace = pace
        self._posture = dict.fromkeys(_LIMITS, 0.0)

    def turn(self, time: float, duration: float, **posture: float) -> None:
        """Change to another posture and stay there."""
        for axis, degrees in posture.items():
            by = degrees - self._posture[axis]
            least = abs(by) / _FASTEST
            self.movements[axis].move(time, max(duration * self._pace, least), by)
            self._posture[axis] = degrees

    def nod(self, time: float, degrees: float) -> None:
        """Nod; ``time`` is that of the lowest point."""
        rise = max(0.16, abs(degrees) / _FASTEST)
        fall = max(0.36 * self._pace, rise)
        self.movements["pitch"].bump(time - rise, rise, 0.03, fall, degrees)


def head_curves(
    script: Script,
    samples: int,
    random: np.random.Generator,
    energy: float,
    *,
    limited_animation: bool = False,
) -> dict[str, Curve]:
    """Return yaw, pitch, roll, sway and breath.

    In limited animation, the head rests between its gestures, and so does the chest.
    """
    head = _Head(samples, _SNAPPY if limited_animation else 1.0)
    # From the first to the last: a posture is relative to the one before.
    for time, posture in sorted(_postures(script, random, energy), key=lambda each: each[0]):
        head.turn(time, random.uniform(0.5, 0.9), **posture)
    _emphasis(head, script, random, energy, apart=_RARELY if limited_animation else _OFTEN)
    _agreement(head, script, random, energy)
    turns = {axis: moved.curve() for axis, moved in head.movements.items()}
    if limited_animation:
        return _resting(turns, _gasps(script, samples, random))
    swaying = _STILLEST + (1.0 - _STILLEST) * energy
    calm = swaying * _calm(script, samples)
    turns["yaw"] += 1.3 * calm * wander(samples, random, 13.0, 2.6)
    turns["pitch"] += 0.8 * calm * wander(samples, random, 11.0, 2.3)
    turns["roll"] += 0.9 * calm * wander(samples, random, 15.0, 3.1)
    if script.level is not None:
        turns["pitch"] += 2.0 * energy * _beat(script.level)
    curves = {axis: limited(turn, _LIMITS[axis]) for axis, turn in turns.items()}
    breath = breath_curve(script, samples, random)
    curves["sway_x"] = 0.012 * calm * wander(samples, random, 17.0, 4.1) + 0.0012 * curves["yaw"]
    curves["sway_y"] = 0.004 * calm * wander(samples, random, 12.0, 3.7) - 0.004 * breath
    curves["breath"] = breath
    return curves


def _resting(turns: dict[str, Curve], breath: Curve) -> dict[str, Curve]:
    """Return the curves of a head that moves in gestures only."""
    curves = {axis: limited(turn, _LIMITS[axis]) for axis, turn in turns.items()}
    curves["sway_x"] = 0.0012 * curves["yaw"]
    curves["sway_y"] = -0.004 * breath
    curves["breath"] = breath
    return curves


def _gasps(script: Script, samples: int, random: np.random.Generator) -> Curve:
    """Return the rise of the chest where it is seen: before phrases that follow a longer pause."""
    chest = Movements(samples)
    for start, end in script.pauses():
        if end - start >= _PAUSE and end < script.seconds:
            inhale = random.uniform(0.45, 0.6)
            chest.bump(end - inhale, inhale, random.uniform(0.1, 0.3), 0.8, 1.0)
    return np.clip(chest.curve(), 0.0, 1.0)


def _beat(level: Curve) -> Curve:
    """Return the slow ups and downs of loudness, which heads follow slightly."""
    return smoothed(level, 0.12) - smoothed(level, 0.6)


def _calm(script: Script, samples: int) -> Curve:
    """Return the factor of sway: 1 while speaking, less while listening."""
    if not script.heard and not script.facing:
        return np.ones(samples)
    speaking = np.zeros(samples)
    for phrase in script.phrases:
        speaking[max(0, int(phrase.start * CLOCK)) : max(0, int(phrase.end * CLOCK))] = 1.0
    return _LISTENING + (1.0 - _LISTENING) * smoothed(speaking, 0.4)


def _postures(
    script: Script, random: np.random.Generator, energy: float
) -> list[tuple[float, dict[str, float]]]:
    """Return a posture for most phrases and for each change of attention."""
    lively = 2.0 * energy
    starts = [(phrase.start - random.uniform(0.05, 0.25), phrase) for phrase in script.phrases]
    found: list[tuple[float, dict[str, float]]] = []
    for start, phrase in starts:
        time = start
        while time < phrase.end:
            centre = script.side(time + 0.3) * _FACING * min(1.0, lively)
            posture = {
                "yaw": centre + lively * random.normal(0.0, 1.4),
                "pitch": lively * random.normal(0.0, 0.5),
                "roll": lively * random.normal(0.0, 0.9),
            }
            found.append((time, posture))
            time += random.uniform(2.2, 4.5)
        if phrase.question:
            tilt = lively * random.choice([-1.6, 1.6])
            found.append((max(start + 0.3, phrase.end - 0.8), {"roll": tilt}))
    for since, side in script.facing:
        yaw = side * _FACING * min(1.0, lively) + lively * random.normal(0.0, 0.5)
        found.append((since + random.uniform(0.2, 0.45), {"yaw": yaw, "pitch": 0.0}))
    return found


def _emphasis(
    head: _Head, script: Script, random: np.random.Generator, energy: float, *, apart: float
) -> None:
    """Nod on some accents, mostly the last of a phrase, at least so many seconds apart."""
    last = -1.0
    for phrase in script.phrases:
        for accent in phrase.accents:
            final = accent is phrase.accents[-1]
            likely = 0.1 + 0.45 * accent.strength + 0.25 * final
            if accent.time - last < apart or random.random() > likely:
                continue
            last = accent.time
            degrees = 2.0 * energy * (0.7 + 1.3 * accent.strength) * random.uniform(0.7, 1.2)
            head.nod(accent.time + 0.07, -0.7 * degrees if phrase.question and final else degrees)


def _agreement(head: _Head, script: Script, random: np.random.Generator, energy: float) -> None:
    """Nod now and then while another one speaks, mostly when a phrase ends."""
    last = 0.0
    for phrase in script.heard:
        time = phrase.end + random.uniform(0.05, 0.35)
        likely = 0.45 if time - last < 7.0 else 0.9
        if phrase.question or time - last < 1.5 or random.random() > likely:
            continue
        last = time
        degrees = 2.0 * energy * random.uniform(1.2, 2.2)
        head.nod(time, degrees)
        if random.random() < 0.5:
            head.nod(time + random.uniform(0.42, 0.5), 0.6 * degrees)


def breath_curve(script: Script, samples: int, random: np.random.Generator) -> Curve:
    """Return the rise of the chest: in before a phrase, slowly out while speaking.

    Without speech the rhythm is that of rest, some 15 per minute.
    """
    keys = [(-random.uniform(0.5, 2.0), random.uniform(0.2, 0.4))]
    onsets = [end for start, end in script.pauses() if end - start >= 0.25]
    onsets = [onset for onset in onsets if onset < script.seconds]
    for onset in [*onsets, script.seconds + 5.0]:
        inhale = random.uniform(0.45, 0.6)
        room = onset - inhale - keys[-1][0]
        if room < 0.7:
            continue
        cycles = max(0, round(room / _CYCLE - 0.3))
        lengths = random.uniform(0.8, 1.2, cycles)
        for length in lengths.tolist():
            _cycle(keys, length * room / float(lengths.sum()), random)
        if not cycles:
            keys.append((onset - inhale, max(0.1, keys[-1][1] - 0.25)))
        keys.append((onset, random.uniform(0.85, 1.0)))
    return np.clip(through(samples, keys), 0.0, 1.0)


def _cycle(keys: list[tuple[float, float]], length: float, random: np.random.Generator) -> None:
    """Add a breath in and out."""
    start = keys[-1][0]
    keys.append((start + length * random.uniform(0.36, 0.46), random.uniform(0.65, 0.8)))
    keys.append((start + length, random.uniform(0.1, 0.25)))
