"""Mel-frequency cepstral coefficients, 100 frames per second, to compare two voices."""

from __future__ import annotations

import wave
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Samples: TypeAlias = npt.NDArray[np.float32]
"""Samples from -1 to 1."""
Features: TypeAlias = npt.NDArray[np.float32]
"""One row per frame of 10 ms."""

FRAMES_A_SECOND: Final = 100
RATE: Final = 16_000

_HOP: Final = RATE // FRAMES_A_SECOND
_WINDOW: Final = 400
_FFT: Final = 512
_BANDS: Final = 26
_COEFFICIENTS: Final = 13
_BLOCK: Final = 4_000
_FLOOR: Final = 1e-5
"""Power relative to the loud parts below which sound counts as silence."""


def read_samples(path: Path) -> tuple[Samples, int]:
    """Return the samples of a mono 16-bit WAV file and their rate."""
    with wave.open(str(path)) as sound:
        raw = sound.readframes(sound.getnframes())
        rate = sound.getframerate()
    return np.frombuffer(raw, dtype="<i2").astype(np.float32) / 32768.0, rate


def features(samples: Samples) -> Features:
    """Return speaker-independent features: cepstra normalised to zero mean and unit variance."""
    samples = np.pad(samples, (0, _WINDOW))
    count = max(1, (len(samples) - _WINDOW) // _HOP)
    power = np.concatenate(
        [_mel_power(samples, at, min(count, at + _BLOCK)) for at in range(0, count, _BLOCK)]
    )
    loud_power = max(float(np.percentile(power.sum(axis=1), 90)), 1e-9)
    cepstra = np.log(power / loud_power + _FLOOR) @ _cosines().T
    spread = cepstra.std(axis=0)
    return np.asarray((cepstra - cepstra.mean(axis=0)) / np.maximum(spread, 1e-3), np.float32)


def _mel_power(samples: Samples, first: int, last: int) -> npt.NDArray[np.float64]:
    part = samples[first * _HOP : last * _HOP + _WINDOW]
    frames = np.lib.stride_tricks.sliding_window_view(part, _WINDOW)[::_HOP][: last - first]
    # Pre-emphasis: speech falls off towards the high frequencies, where consonants differ.
    sharpened = np.diff(frames, axis=1, prepend=frames[:, :1]) * 0.97 + frames * 0.03
    spectrum = np.abs(np.fft.rfft(sharpened * np.hamming(_WINDOW), _FFT)) ** 2
    return np.asarray(spectrum @ _bands().T)


@cache
def _bands() -> npt.NDArray[np.float64]:
    """Return the triangular filters of the mel bands."""
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(60, top, _BANDS + 2) / 2595) - 1)
    bins = np.arange(_FFT // 2 + 1) * RATE / _FFT
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None))


@cache
def _cosines() -> npt.NDArray[np.float64]:
    bands = np.arange(_BANDS)
    return np.asarray(np.cos(np.pi / _BANDS * (bands + 0.5) * np.arange(_COEFFICIENTS)[:, None]))
