"""The loudness of speech over time, and the motion of a mouth when nothing else is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.motion.curves import CLOCK, Curve, clock_samples, smoothed, times
from gala_renderer.avatars.motion.mouth import SHORTEST_PAUSE, Hold, held

_WINDOW: Final = 0.03
_RANGE: Final = 32.0
"""From the loudest speech to what counts as silence, in dB."""
_SILENT_RANGE: Final = 40.0
"""The same where words say that there is speech, which may be a faint fricative."""
_FAINTEST: Final = -60.0
_FLOOR: Final = 1e-6
_HISS, _FRONT, _BACK = 4200.0, 2000.0, 900.0
"""Mean frequencies in Hz of sibilants, of vowels spoken with wide lips, and with rounded ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Loudness:
    """Loudness of a sound: RMS of full scale (1.0), ``rate`` values per second from its start.

    ``frequencies`` is the mean frequency in Hz of each value, if it was measured.
    """

    rate: float
    values: NDArray[np.float32]
    frequencies: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        """Validate the values."""
        if not np.isfinite(self.rate) or self.rate <= 0:
            raise ValueError(f"The rate of a loudness must be above 0; it is {self.rate}.")
        if self.values.ndim != 1 or not np.isfinite(self.values).all() or (self.values < 0).any():
            raise ValueError("The values of a loudness must be one row of numbers from 0.")

    @classmethod
    def measured(cls, samples: NDArray[np.float32], rate: int) -> Loudness:
        """Measure mono samples, -1 to 1."""
        return cls.of_blocks((samples,), rate)

    @classmethod
    def of_blocks(cls, blocks: Iterable[NDArray[np.float32]], rate: int) -> Loudness:
        """Measure mono samples, -1 to 1, that come in blocks; only one is in memory at a time."""
        if rate < 1000:
            raise ValueError(f"The sample rate must be at least 1000 Hz; it is {rate}.")
        step = max(1, round(rate / 100))
        powers = [_powers(both, step) for both in _in_steps(blocks, step)]
        squares, changes = np.concatenate(powers, axis=1) if powers else np.zeros((2, 0))
        power, change = _averaged(squares), _averaged(changes)
        values = np.sqrt(power)
        frequencies = rate / (2 * np.pi) * np.sqrt(change / np.maximum(power, _FLOOR**2))
        return cls(rate / step, values.astype(np.float32), frequencies.astype(np.float32))

    def level(self, samples: int, decibels_below: float = _RANGE) -> Curve:
        """Return the loudness on the clock: 0 for silence, 1 for the loudest speech."""
        if not self.values.size:
            return np.zeros(samples)
        decibels = 20.0 * np.log10(np.maximum(self.values, _FLOOR))
        loudest = float(np.percentile(decibels, 97))
        if loudest < _FAINTEST:
            return np.zeros(samples)
        level = np.clip((decibels - loudest) / decibels_below + 1.0, 0.0, 1.0)
        return self._on_clock(level, samples)

    def silences(self, seconds: float) -> list[tuple[float, float]]:
        """Return the spans of silence that are long enough to shut the mouth."""
        samples = clock_samples(seconds)
        spans = spoken_spans(self.level(samples, _SILENT_RANGE), threshold=0.05)
        edges = [0.0, *(edge for span in spans for edge in span), seconds]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        # A sound without any speech says nothing about the words.
        return [(a, b) for a, b in pairs if b - a >= SHORTEST_PAUSE] if spans else []

    def opening(self, samples: int) -> Curve:
        """Return the factor for the opening of the jaw: 1 for speech of usual loudness."""
        level = smoothed(self.level(samples), 0.04)
        spoken = level[level > 0.3]
        usual = float(np.median(spoken)) if spoken.size else 1.0
        return np.asarray(np.clip(1.0 + 1.4 * (level - usual), 0.6, 1.25))

    def frequency(self, samples: int) -> Curve:
        """Return the mean frequency in Hz on the clock."""
        if self.frequencies is None or not self.frequencies.size:
            return np.full(samples, 0.5 * (_FRONT + _BACK))
        return self._on_clock(self.frequencies, samples)

    def _on_clock(self, values: NDArray[np.floating], samples: int) -> Curve:
        middles = (np.arange(len(values)) + 0.5) / self.rate
        return np.asarray(np.interp(times(samples), middles, values, left=0.0, right=0.0))


def _in_steps(
    blocks: Iterable[NDArray[np.float32]], step: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Yield samples and their changes, in lengths that are multiples of a step."""
    rest = np.zeros(0, np.float32)
    before: NDArray[np.float32] | None = None
    for block in blocks:
        if block.ndim != 1 or not np.isfinite(block).all():
            raise ValueError("The samples must be one channel of finite numbers.")
        samples = np.concatenate([rest, block]) if rest.size else block
        whole = len(samples) // step * step
        rest = samples[whole:]
        if whole:
            yield samples[:whole], np.diff(samples[:whole], prepend=_first(before, samples))
            before = samples[whole - 1 : whole]
    if rest.size:
        silence = (0, step - len(rest))
        yield np.pad(rest, silence), np.pad(np.diff(rest, prepend=_first(before, rest)), silence)


def _first(before: NDArray[np.float32] | None, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return samples[:1] if before is None else before


def _powers(
    samples_and_changes: tuple[NDArray[np.float32], NDArray[np.float32]], step: int
) -> NDArray[np.float64]:
    """Return the mean squares of each step, of the samples and of their changes."""
    rows = [part.reshape(-1, step) for part in samples_and_changes]
    return np.stack([np.einsum("ij,ij->i", one, one).astype(np.float64) / step for one in rows])


def _averaged(squares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over a window of some steps."""
    if not squares.size:
        return squares
    width = max(1, round(_WINDOW * 100))
    return np.convolve(squares, np.full(width, 1.0 / width), mode="same")[: len(squares)]


def spoken_spans(level: Curve, threshold: float = 0.12) -> list[tuple[float, float]]:
    """Return where the sound is speech; silences shorter than a pause belong to it."""
    loud = np.concatenate([[False], level > threshold, [False]])
    edges = np.flatnonzero(np.diff(loud.astype(np.int8))).reshape(-1, 2) / CLOCK
    spans: list[tuple[float, float]] = []
    for start, end in edges.tolist():
        if spans and start - spans[-1][1] < SHORTEST_PAUSE:
            spans[-1] = (spans[-1][0], end)
        elif end - start >= 0.03:
            spans.append((start, end))
    return spans


def mouth_of_sound(loudness: Loudness, samples: int) -> dict[str, Curve]:
    """Return curves of the mouth from loudness and mean frequency alone."""
    level = loudness.level(samples)
    spans = spoken_spans(level)
    edges = [-1.0, *(edge for span in spans for edge in span), samples / CLOCK + 1.0]
    silences = [
        Hold(start + 0.04, end - 0.03)
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        if end - start >= SHORTEST_PAUSE
    ]
    frequency = smoothed(loudness.frequency(samples), 0.03)
    hiss = np.clip((frequency - _FRONT) / (_HISS - _FRONT), 0.0, 1.0)
    wide = np.clip((frequency - _BACK) / (_FRONT - _BACK), 0.0, 1.0)
    jaw = smoothed(np.clip((level - 0.15) / 0.85, 0.0, 1.0) ** 1.6, 0.025)
    shut = held(silences, samples)
    return {
        "jaw": 0.75 * jaw * (1.0 - 0.8 * hiss) * (1.0 - shut),
        "spread": smoothed(0.6 * wide * (1.0 - 0.3 * hiss), 0.05) * (1.0 - shut),
        "round": smoothed(0.6 * (1.0 - wide), 0.05) * (1.0 - shut),
        "tongue": np.zeros(samples),
        "shut": shut,
        "press": np.zeros(samples),
        "lip_to_teeth": np.zeros(samples),
    }
