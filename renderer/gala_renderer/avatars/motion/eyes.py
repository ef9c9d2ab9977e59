"""Blinks, the direction of the eyes, and brows.

Intervals of blinks are log-normal, as measured in conversation (Bentivoglio et al., "Analysis of
blink rate patterns in normal subjects", 1997, finds 26 per minute while speaking, 17 at rest);
blinks gather at the ends of phrases and at large shifts of gaze.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from gala_renderer.avatars.motion.curves import Curve, Movements, limited
from gala_renderer.avatars.motion.phrases import Script

_MEDIAN: Final = 3.0
_SHORTEST, _LONGEST = 1.3, 6.5
_SNAP: Final = 0.7
_DOUBLE: Final = 0.07
_SHUT: Final = 0.047
"""The lids stay shut for at least a frame."""
_THINKS_BEFORE, _THINKS = 0.3, 1.5
"""Seconds for which brows are lowered before the end of a phrase that hesitates, and at most after
it."""
_FACING: Final = 0.4
"""How far the eyes turn towards a neighbour; the head does the rest."""


def gaze_curves(
    script: Script, samples: int, random: np.random.Generator, energy: float
) -> tuple[dict[str, Curve], list[float]]:
    """Return ``gaze_x`` and ``gaze_y``, and the times of large shifts."""
    x, y = Movements(samples), Movements(samples)
    at_x = at_y = 0.0
    shifts: list[float] = []
    lively = min(1.0, 2.0 * energy)
    for time, goal_x, goal_y in sorted(_goals(script, random)):
        to_x, to_y = goal_x * lively, goal_y * lively
        distance = float(np.hypot(to_x - at_x, to_y - at_y))
        # A saccade takes about 25 ms and 2.4 ms per degree; full gaze is some 30 degrees.
        duration = 0.03 + 0.07 * distance
        x.move(time, duration, to_x - at_x)
        y.move(time, duration, to_y - at_y)
        at_x, at_y = to_x, to_y
        if distance > 0.2:
            shifts.append(time)
    return {"gaze_x": limited(x.curve(), 1.0), "gaze_y": limited(y.curve(), 1.0)}, shifts


def _goals(script: Script, random: np.random.Generator) -> Iterator[tuple[float, float, float]]:
    """Yield (time, x, y): small darts around the attention, and glances away while thinking."""
    away: list[tuple[float, float]] = []
    for start, end in script.pauses():
        if start > 0.0 and end - start >= 0.3 and random.random() < 0.4:
            begin = start + random.uniform(0.0, 0.1)
            until = min(end + random.uniform(-0.05, 0.2), begin + random.uniform(0.4, 1.0))
            side = random.choice([-1.0, 1.0])
            yield begin, side * random.uniform(0.2, 0.45), random.choice([-0.3, 0.2])
            yield until, script.side(until) * _FACING, 0.0
            away.append((begin, until))
    for time, side in script.facing:
        yield time + random.uniform(0.12, 0.3), side * _FACING, 0.0
    time = random.uniform(0.3, 1.0)
    while time < script.seconds:
        if not any(begin - 0.1 <= time <= until + 0.1 for begin, until in away):
            dart_x, dart_y = random.normal(0.0, 0.035), random.normal(0.0, 0.025)
            yield time, script.side(time) * _FACING + dart_x, dart_y
        time += float(np.clip(random.lognormal(np.log(0.9), 0.6), 0.25, 3.5))


def blink_times(
    script: Script, shifts: list[float], random: np.random.Generator, seconds: float
) -> list[float]:
    """Return when blinks begin."""
    likely = np.sort(np.array([phrase.end for phrase in script.phrases] + shifts))
    found: list[float] = []
    time = random.uniform(0.4, 2.5)
    while time < seconds:
        near = likely[np.abs(likely - time) < _SNAP] if likely.size else likely
        if near.size and (not found or near[0] - found[-1] > _SHORTEST):
            time = float(near[0]) + random.uniform(0.0, 0.08)
        found.append(time)
        if random.random() < _DOUBLE:
            time += random.uniform(0.38, 0.5)
            found.append(time)
        pause = random.lognormal(np.log(_MEDIAN), 0.45)
        time += float(np.clip(pause, _SHORTEST, _LONGEST))
    return found


def lid_curves(begins: list[float], samples: int, random: np.random.Generator) -> dict[str, Curve]:
    """Return the closing of both lids, which differ by some milliseconds."""
    left, right = Movements(samples), Movements(samples)
    for begin in begins:
        closing, shut, opening = (
            random.uniform(0.08, 0.1),
            random.uniform(_SHUT, _SHUT + 0.015),
            random.uniform(0.15, 0.2),
        )
        left.bump(begin, closing, shut, opening, 1.0)
        later = float(np.clip(random.normal(0.0, 0.004), -0.008, 0.008))
        right.bump(begin + later, closing, shut, opening + abs(later), 1.0)
    return {
        "blink_left": np.clip(left.curve(), 0.0, 1.0),
        "blink_right": np.clip(right.curve(), 0.0, 1.0),
    }


class _Brows:
    """Both brows; raised together, often one a little higher."""

    def __init__(self, samples: int):
        self._left, self._right = Movements(samples), Movements(samples)

    def lift(self, start: float, hold: float, height: float, unequal: float = 1.0) -> None:
        """Raise both; ``unequal`` is the height of the right one relative to the left one."""
        self._left.bump(start, 0.2, hold, 0.4, height * min(1.0, 1.0 / unequal))
        self._right.bump(start, 0.2, hold, 0.4, height * min(1.0, unequal))

    def curves(self) -> dict[str, Curve]:
        """Return the curves by name."""
        return {
            "brow_left": limited(self._left.curve(), 1.0),
            "brow_right": limited(self._right.curve(), 1.0),
        }


def brow_curves(
    script: Script, samples: int, random: np.random.Generator, energy: float
) -> dict[str, Curve]:
    """Return the height of both brows: raised on some accents and at questions, lowered in thought.

    People who hesitate lower them until they go on.
    """
    brows = _Brows(samples)
    last = -2.0
    for phrase in script.phrases:
        if phrase.question:
            last = phrase.end
            begin = max(phrase.start, phrase.end - 0.9)
            brows.lift(begin, max(0.1, phrase.end - begin - 0.1), energy * random.uniform(0.7, 1.0))
        raised_until = phrase.end - _THINKS_BEFORE - 0.6 if phrase.hesitant else phrase.end
        for accent in phrase.accents:
            if accent.time > raised_until:
                break
            if accent.time - last < 0.9 or random.random() > 0.15 + 0.5 * accent.strength:
                continue
            last = accent.time
            height = energy * random.uniform(0.3, 0.6) * (0.5 + accent.strength)
            brows.lift(accent.time - 0.12, 0.1, height, random.uniform(0.75, 1.3))
        if phrase.hesitant:
            begin = max(phrase.start, phrase.end - _THINKS_BEFORE)
            until = min(phrase.end + _THINKS, script.next_phrase(phrase.end))
            brows.lift(begin, max(0.1, until - begin - 0.3), -energy * random.uniform(0.75, 1.0))
    for phrase in script.heard:
        if phrase.question and random.random() < 0.6:
            brows.lift(phrase.end - 0.2, 0.3, 0.6 * energy)
    return brows.curves()
