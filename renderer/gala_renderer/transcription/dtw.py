"""Dynamic time warping between two recordings of the same text, from coarse to fine.

Each level searches only near the path of the coarser level, so that memory grows linearly with the
length. The recording may contain anything before and after the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gala_renderer.transcription.mfcc import FRAMES_A_SECOND, Features

_CELLS: Final = 4_000_000
_CELLS_AT_MOST: Final = 300_000_000
_RADIUS: Final = 40
_OUTSIDE_COST: Final = 0.75
"""The cost of a frame outside the text, relative to the mean distance of two random frames."""

_STEP_BOTH, _STEP_HEARD, _STEP_SPOKEN, _START = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Path:
    """For each frame of the recording, the first and the last matching frame of the reference.

    Frames before and after the text have its first and its last frame.
    """

    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]


def warp_times(reference: Features, recording: Features, times: Sequence[float]) -> list[float]:
    """Return the times in ``recording`` that match ``times`` in ``reference``, in seconds."""
    path = warp(reference, recording)
    frames = np.asarray(times) * FRAMES_A_SECOND
    found = np.searchsorted(path.last, np.round(frames), side="left")
    return [float(frame) / FRAMES_A_SECOND for frame in np.minimum(found, len(recording))]


def warp(reference: Features, recording: Features) -> Path:
    """Return the path of least total distance."""
    if len(reference) * len(recording) <= _CELLS or min(len(reference), len(recording)) < 4:
        return _search(reference, recording, np.zeros(len(recording), np.int64), len(reference))
    coarse = warp(_halved(reference), _halved(recording))
    rows = np.minimum(np.arange(len(recording)) // 2, len(coarse.first) - 1)
    low = coarse.first[rows] * 2 - _RADIUS
    width = int((coarse.last - coarse.first).max()) * 2 + 2 * _RADIUS + 2
    width = min(width, len(reference))
    if width * len(recording) > _CELLS_AT_MOST:
        # Much of the text is not spoken; the coarse path has to do.
        last = np.minimum(coarse.last[rows] * 2 + 1, len(reference) - 1)
        return Path(np.minimum(coarse.first[rows] * 2, last), last)
    low = np.maximum.accumulate(np.clip(low, 0, len(reference) - width))
    return _search(reference, recording, low, width)


def _halved(rows: Features) -> Features:
    even = rows[: len(rows) // 2 * 2]
    return np.asarray((even[0::2] + even[1::2]) / 2, np.float32)


def _search(
    reference: Features, recording: Features, low: npt.NDArray[np.int64], width: int
) -> Path:
    """Return the best path within the band ``low[i]`` to ``low[i] + width`` at frame ``i``."""
    outside_cost = _OUTSIDE_COST * _mean_random_distance(reference, recording)
    steps = np.empty((len(recording), width), np.int8)
    ends = np.full(len(recording), np.inf)
    row = np.full(width, np.inf)
    for index in range(len(recording)):
        window = reference[low[index] : low[index] + width]
        cost = np.sqrt(((window - recording[index]) ** 2).sum(axis=1, dtype=np.float64))
        moved = low[index] - low[index - 1] if index else 0
        row, steps[index] = _next_row(row, int(moved), cost, low[index] == 0, index * outside_cost)
        if low[index] + width == len(reference):
            ends[index] = row[-1] + (len(recording) - 1 - index) * outside_cost
    return _trace_back(steps, low, len(reference), int(np.argmin(ends)))


def _next_row(
    before: npt.NDArray[np.float64],
    moved: int,
    cost: npt.NDArray[np.float64],
    begins: bool,
    skipped: float,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    padded = np.concatenate(([np.inf], before, np.full(moved, np.inf)))
    both, stay = padded[moved : moved + len(cost)], padded[moved + 1 : moved + 1 + len(cost)]
    entered = np.minimum(both, stay)
    steps = np.where(both <= stay, _STEP_BOTH, _STEP_HEARD).astype(np.int8)
    if begins and skipped < entered[0]:
        entered[0], steps[0] = skipped, _START
    # Steps in the reference only are a running minimum after subtracting the cumulative costs.
    total = np.cumsum(cost)
    best = total + np.minimum.accumulate(entered + cost - total)
    steps[best < entered + cost - 1e-9] = _STEP_SPOKEN
    return best, steps


def _trace_back(
    steps: npt.NDArray[np.int8], low: npt.NDArray[np.int64], count: int, end: int
) -> Path:
    first = np.zeros(len(steps), np.int64)
    last = np.zeros(len(steps), np.int64)
    first[end + 1 :] = last[end + 1 :] = count - 1
    row, column = end, count - 1
    last[row] = column
    while True:
        step = steps[row, column - low[row]]
        if step == _STEP_SPOKEN:
            column -= 1
            continue
        first[row] = column
        if step == _START or row == 0:
            return Path(first, last)
        row -= 1
        column -= step == _STEP_BOTH
        last[row] = column


def _mean_random_distance(reference: Features, recording: Features) -> float:
    chance = np.random.default_rng(0)
    one = reference[chance.integers(len(reference), size=500)]
    other = recording[chance.integers(len(recording), size=500)]
    return float(np.mean(np.sqrt(((one - other) ** 2).sum(axis=1))))
