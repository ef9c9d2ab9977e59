"""The head, the shoulders and the breath."""

from __future__ import annotations

from typing import Final

import numpy as np

from gala_renderer.avatars.motion.curves import (
    Curve,
    Movements,
    limited,
    through,
)
from gala_renderer.avatars.motion.phrases import Script

_LIMITS: Final = {"yaw": 9.0, "pitch": 6.0, "roll": 5.0}
_FASTEST: Final = 24.0
"""Mean speed of a movement of the head in degrees per second."""
_FACING: Final = 5.0
_CYCLE: Final = 3.9
"""Seconds of a breath at rest."""
_SNAPPY: Final = 0.6
"""Duration of a movement in limited animation, relative to others: it takes few drawings."""
_OFTEN, _RARELY = 1.3, 1.6
"""Seconds between nods while speaking, and in limited animation: there is a rest after each."""
_PAUSE: Final = 0.6
"""Seconds of a pause in which a drawn presenter is seen to breathe in."""
_SHORTEST_BREATH: Final = 0.25
"""Seconds of a pause in which a presenter breathes in at all."""
_REST: Final = 1.5
"""Seconds between a breath out and the next one in, at least."""
_EXHALE: Final = (0.9, 1.3)
"""Seconds in which a presenter who speaks is seen to breathe out."""
_IDLE: Final = (2.5, 5.5)
"""Seconds between small changes of posture while the presenter says nothing."""
_SWAY: Final = 0.0012
"""How far head and shoulders move per degree of yaw, in heights of the face."""
_LIFT: Final = 0.004
"""How far a breath raises the head, in heights of the face."""


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

    The head rests between its gestures: what sways all the time has to be drawn all the time. In
    limited animation gestures are fewer and quicker, and most breaths are not seen.
    """
    head = _Head(samples, _SNAPPY if limited_animation else 1.0)
    postures = _postures(script, random, energy) + _idle(script, random, energy)
    # From the first to the last: a posture is relative to the one before.
    for time, posture in sorted(postures, key=lambda each: each[0]):
        head.turn(time, random.uniform(0.6, 1.0), **posture)
    _emphasis(head, script, random, energy, apart=_RARELY if limited_animation else _OFTEN)
    _agreement(head, script, random, energy)
    curves = {axis: limited(moved.curve(), _LIMITS[axis]) for axis, moved in head.movements.items()}
    breaths = _gasps if limited_animation else _breath
    curves["breath"] = breaths(script, samples, random)
    curves["sway_x"] = _SWAY * curves["yaw"]
    curves["sway_y"] = -_LIFT * curves["breath"]
    return curves


def _gasps(script: Script, samples: int, random: np.random.Generator) -> Curve:
    """Return the rise of the chest where it is seen: before phrases that follow a longer pause."""
    chest = Movements(samples)
    for start, end in script.pauses():
        if end - start >= _PAUSE and end < script.seconds:
            inhale = random.uniform(0.45, 0.6)
            chest.bump(end - inhale, inhale, random.uniform(0.1, 0.3), 0.8, 1.0)
    return np.clip(chest.curve(), 0.0, 1.0)


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


def _idle(
    script: Script, random: np.random.Generator, energy: float
) -> list[tuple[float, dict[str, float]]]:
    """Return small changes of posture in times without speech, when people shift their weight."""
    found: list[tuple[float, dict[str, float]]] = []
    for start, end in script.pauses():
        time = start + random.uniform(*_IDLE)
        while time < end - 1.0:
            posture = {
                "yaw": script.side(time) * _FACING * min(1.0, 2.0 * energy)
                + energy * random.normal(0.0, 1.4),
                "pitch": energy * random.normal(0.0, 0.7),
                "roll": energy * random.normal(0.0, 1.1),
            }
            found.append((time, posture))
            time += random.uniform(*_IDLE)
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


def _breath(script: Script, samples: int, random: np.random.Generator) -> Curve:
    """Return the rise of the chest: in before a phrase, out while speaking, then at rest.

    In silence the rhythm is some 15 breaths per minute.
    """
    keys = [(-random.uniform(0.5, 2.0), random.uniform(0.2, 0.4))]
    for start, end in script.pauses():
        speaks = end < script.seconds
        inhale = end - random.uniform(0.45, 0.6) if speaks else end + _CYCLE
        if end - start < _SHORTEST_BREATH or inhale - keys[-1][0] < _REST:
            continue
        _at_rest(keys, start, inhale, random)
        if speaks:
            keys.append((inhale, keys[-1][1]))
            keys.append((end, random.uniform(0.85, 1.0)))
            keys.append((end + random.uniform(*_EXHALE), random.uniform(0.1, 0.25)))
    return np.clip(through(samples, keys), 0.0, 1.0)


def _at_rest(
    keys: list[tuple[float, float]], start: float, end: float, random: np.random.Generator
) -> None:
    """Add the breaths of a pause, if there is time for any."""
    start = max(start, keys[-1][0])
    cycles = max(0, round((end - start) / _CYCLE - 0.3))
    lengths = random.uniform(0.8, 1.2, cycles)
    if cycles:
        keys.append((start, keys[-1][1]))
    for length in lengths.tolist():
        _cycle(keys, length * (end - start) / float(lengths.sum()), random)


def _cycle(keys: list[tuple[float, float]], length: float, random: np.random.Generator) -> None:
    """Add a breath in and out."""
    start = keys[-1][0]
    keys.append((start + length * random.uniform(0.36, 0.46), random.uniform(0.65, 0.8)))
    keys.append((start + length, random.uniform(0.1, 0.25)))
