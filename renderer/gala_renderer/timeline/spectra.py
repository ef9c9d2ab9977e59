"""What is heard in each frame of a film: the level of bands, and of the whole. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000
"""Samples per second of the sounds that are analysed."""

Levels = NDArray[np.float32]
Samples = NDArray[np.float32]

_WINDOW: Final = 1024
_LOWEST_HZ: Final = 140.0
_HIGHEST_HZ: Final = 6000.0
_RANGE_DB: Final = 42.0
"""What is that much quieter than the loudest is not seen."""
_EVENNESS: Final = 0.75
_MOST_DB: Final = 24.0
"""How far bands are brought to the same level, and by how much at most: a voice has little in its
lowest and highest ones."""
_LOUD: Final = 97.0
"""The percentile of frames that reaches the top."""
_SILENCE_DB: Final = -75.0
_AT_ONCE: Final = 256
"""Frames whose sound is in memory."""
_SLOWEST_SECONDS: Final = 0.35


def band_levels(samples: Samples, frames: int, fps: float, bands: int, smoothing: float) -> Levels:
    """Return levels from 0 to 1 of shape [frames, bands], the lowest pitch first.

    Each frame shows the sound around the middle of the time in which it is seen.
    """
    weights = _bands(bands)
    window = np.hanning(_WINDOW).astype(np.float32)
    found = [
        10 * np.log10(np.abs(np.fft.rfft(part * window)) ** 2 @ weights + 1e-12)
        for part in _windows(samples, frames, fps)
    ]
    decibels = _evened(np.concatenate(found) - 20 * np.log10(_WINDOW / 4))
    top = max(float(np.percentile(decibels.max(axis=1), _LOUD)), _SILENCE_DB + _RANGE_DB)
    levels = np.clip((decibels - top) / _RANGE_DB + 1, 0, 1) ** 1.3
    return _falling(_blended(levels), fps, smoothing)


def outline(samples: Samples, bars: int) -> Levels:
    """Return the loudness of equal parts of a sound, 0 to 1."""
    if not len(samples):
        return np.zeros(bars, np.float32)
    edges = np.linspace(0, len(samples), bars + 1).astype(int)
    power = [
        float(np.mean(np.square(samples[first : max(end, first + 1)])))
        for first, end in itertools.pairwise(edges)
    ]
    level = np.sqrt(power)
    top = max(float(np.percentile(level, _LOUD)), 10 ** (_SILENCE_DB / 20))
    return np.asarray(np.clip(level / top, 0, 1) ** 0.8, np.float32)


def _windows(samples: Samples, frames: int, fps: float) -> Iterator[NDArray[np.float32]]:
    """Yield windows of samples, of many frames at once."""
    half = _WINDOW // 2
    for first in range(0, frames, _AT_ONCE):
        numbers = np.arange(first, min(frames, first + _AT_ONCE))
        middles = np.minimum(((numbers + 0.5) / fps * RATE).astype(int), len(samples) + half)
        begin = int(middles[0]) - half
        part = _part(samples, begin, int(middles[-1]) + half)
        yield part[(middles - half - begin)[:, np.newaxis] + np.arange(_WINDOW)]


def _part(samples: Samples, first: int, end: int) -> Samples:
    """Return samples from ``first`` to before ``end``, with silence before and after all."""
    # The samples may be in a file of hours: only this part of them is read.
    part = np.zeros(end - first, np.float32)
    known = samples[max(0, first) : max(0, end)]
    at = max(0, -first)
    part[at : at + len(known)] = known
    return part


def _evened(decibels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return levels of bands that are about equally loud."""
    loud = np.percentile(decibels, _LOUD, axis=0)
    evened: NDArray[np.float64] = decibels + np.clip(_EVENNESS * (loud.max() - loud), 0, _MOST_DB)
    return evened


def _bands(count: int) -> NDArray[np.float32]:
    """Return the weight of each pitch in each band."""
    centers = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, count)
    pitches = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    spacing = RATE / _WINDOW
    width = np.maximum(centers * (centers[-1] / centers[0]) ** (1 / max(1, count - 1)) - centers,
                       1.5 * spacing)  # fmt: skip
    distance = np.abs(pitches[:, np.newaxis] - centers) / width
    weights = np.maximum(1 - distance, 0)
    return np.asarray(weights / weights.sum(axis=0), np.float32)


def _blended(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return levels in which neighbours are not far apart."""
    padded = np.pad(levels, ((0, 0), (1, 1)), mode="edge")
    blended: NDArray[np.float64] = (
        0.12 * padded[:, :-2] + 0.76 * padded[:, 1:-1] + 0.12 * padded[:, 2:]
    )
    return blended


def _falling(levels: NDArray[np.float64], fps: float, smoothing: float) -> Levels:
    """Return levels that rise nearly at once, and fall slowly."""
    falls = np.exp(-1 / (max(smoothing, 1e-3) * _SLOWEST_SECONDS * fps))
    rises = falls**4
    now, found = np.zeros(levels.shape[1]), np.empty(levels.shape, np.float32)
    for number, level in enumerate(levels):
        kept = np.where(level > now, rises, falls)
        now = kept * now + (1 - kept) * level
        found[number] = now
    return found
