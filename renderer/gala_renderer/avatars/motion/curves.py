"""Curves on a fixed clock, and the movements that they are composed of.

All motion is computed at ``CLOCK`` samples per second and read at the times of the frames, so that
the frame rate changes nothing but the sampling.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Curve: TypeAlias = NDArray[np.float64]

CLOCK: Final = 200


def clock_samples(seconds: float) -> int:
    """Return the number of clock samples for a duration; the last one is not before its end."""
    return math.ceil(seconds * CLOCK) + 2


def times(samples: int) -> Curve:
    """Return the time of each clock sample."""
    return np.arange(samples) / CLOCK


def at_frames(curve: Curve, frames: int, fps: Fraction) -> NDArray[np.float32]:
    """Read a curve in the middle of each frame."""
    middles = (2 * np.arange(frames) + 1) * (fps.denominator * CLOCK) / (2 * fps.numerator)
    return np.interp(middles, np.arange(len(curve)), curve).astype(np.float32)


def ease(fraction: Curve) -> Curve:
    """Return 0 to 1 for 0 to 1, with speed and acceleration of 0 at both ends (minimum jerk)."""
    x = np.clip(fraction, 0.0, 1.0)
    return np.asarray(x * x * x * (x * (6.0 * x - 15.0) + 10.0))


class Movements:
    """A sum of eased movements; starts at 0."""

    def __init__(self, samples: int):
        self._steps = np.zeros(samples + 1)
        self._samples = samples

    def move(self, start: float, duration: float, by: float) -> None:
        """Add a lasting change."""
        first = max(0, math.floor(start * CLOCK))
        last = min(self._samples - 1, math.ceil((start + duration) * CLOCK) + 1)
        if last <= first:
            if last < 0 or start < 0:
                self._steps[0] += by
            return
        at = np.arange(first, last + 1) / CLOCK
        progress = by * ease((at - start) / max(duration, 1e-3))
        self._steps[first] += progress[0]
        self._steps[first + 1 : last + 1] += np.diff(progress)

    def bump(self, start: float, rise: float, hold: float, fall: float, height: float) -> None:
        """Add a change and take it back."""
        self.move(start, rise, height)
        self.move(start + rise + hold, fall, -height)

    def curve(self) -> Curve:
        """Return the sum of all movements."""
        return np.asarray(np.cumsum(self._steps[: self._samples]))


def through(samples: int, keys: Sequence[tuple[float, float]]) -> Curve:
    """Return a curve that is at rest at every key (time, value) and eased between them."""
    at, values = np.array(keys, float).T
    now = times(samples)
    after = np.clip(np.searchsorted(at, now, side="right"), 1, max(1, len(at) - 1))
    if len(at) == 1:
        return np.full(samples, values[0])
    before = after - 1
    span = np.maximum(at[after] - at[before], 1e-3)
    progress = ease((now - at[before]) / span)
    return np.asarray(values[before] + (values[after] - values[before]) * progress)


def smoothed(curve: Curve, deviation: float) -> Curve:
    """Return the curve convolved with a Gaussian; ``deviation`` is in seconds."""
    reach = math.ceil(3.0 * deviation * CLOCK)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (deviation * CLOCK)) ** 2)
    padded = np.pad(curve, reach, mode="edge")
    return np.asarray(np.convolve(padded, kernel / kernel.sum(), mode="valid"))


def limited(curve: Curve, limit: float) -> Curve:
    """Return the curve with its extremes bent softly to within ``limit``."""
    return np.asarray(limit * np.tanh(curve / limit))


def bent(curve: Curve, knee: float, limit: float) -> Curve:
    """Return the curve with what exceeds ``knee`` bent softly to within ``limit``."""
    room = limit - knee
    return np.where(curve <= knee, curve, knee + room * np.tanh((curve - knee) / room))
