"""How the frames of a video are spaced: constant or not, at which rate, and the longest one.

Runs inside :mod:`gala_renderer.probe.program`, so it must start fast and import little.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

_COMMON_RATES: Final = tuple(
    Fraction(rate)
    for rate in (
        *(8, 10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120),
        *("24000/1001", "30000/1001", "60000/1001", "120000/1001"),
    )
)
_NEAR_RATE: Final = 0.015
"""The relative deviation within which a measured rate stands for a common one."""
_HIGHEST_RATE: Final = 125.0
"""Frames closer together than at this rate are duplicates, or an error of the time stamps."""
_LOW_RANK: Final = 0.05
_SAME_GAP: Final = 1.5
"""Gaps up to this many times the shortest usual one are one frame at the nominal rate."""
_JITTER: Final = 0.0015
"""Seconds by which time stamps that are rounded to milliseconds deviate from a constant rate."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """The nominal rate in frames per second, and how long the longest frame lasts, in seconds."""

    rate: Fraction
    steady: bool
    """True if all frames last equally long."""
    longest: float


def spacing(times: array[float], tick: float, declared: Fraction | None) -> Spacing | None:
    """Return how frames shown at these times are spaced; None for fewer than two.

    ``times`` are in seconds, in any order, ``tick`` is their resolution, ``declared`` the rate that
    the container claims.

    The nominal rate of video with a variable rate is that of its closest frames: a camera's full
    rate, of which a phone drops frames in the dark, or a screen recorder while nothing moves.
    """
    gaps = array("d", (later - at for at, later in pairwise(sorted(times))))
    if not gaps:
        return None
    usual = sorted(gap for gap in gaps if gap >= 1 / _HIGHEST_RATE) or [1 / _HIGHEST_RATE]
    low = usual[int(_LOW_RANK * (len(usual) - 1))]
    frames = [gap for gap in usual if low - _JITTER <= gap <= _SAME_GAP * low]
    rate = _named(len(frames) / sum(frames), declared)
    slack = max(1.5 * tick, _JITTER)
    steady = all(abs(gap - 1 / rate) <= slack for gap in gaps)
    return Spacing(rate, steady, max(gaps))


def _named(measured: float, declared: Fraction | None) -> Fraction:
    """Return the declared or a common rate if the measured one is near it."""
    if declared and _is_near(declared, measured):
        return declared
    common = min(_COMMON_RATES, key=lambda rate: abs(rate / Fraction(measured) - 1))
    return common if _is_near(common, measured) else Fraction(measured).limit_denominator(1001)


def _is_near(rate: Fraction, measured: float) -> bool:
    return abs(float(rate) / measured - 1) <= _NEAR_RATE
