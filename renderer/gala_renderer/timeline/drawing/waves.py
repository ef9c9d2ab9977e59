"""Draws waveforms: bars, swinging lines, and the outline of a whole sound."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.timeline.drawing.painting import Coverage, Image
from gala_renderer.timeline.drawing.wave_job import Wave

_FAINT: Final = 0.25
_LINES: Final = ((1.0, 1.0, 2.2, 0.0), (0.7, 0.5, 3.1, 2.1), (0.45, 0.3, 4.3, 4.0))
"""Height, opacity, waves across, and phase of each of the lines that swing."""
_TURNS: Final = 1.1
"""Waves per second by which lines move on."""
_TOP: Final = 0.94
"""Part of the height that the loudest reaches."""
_QUIET: Final = 0.1
"""Part of the height of bars in silence: they are dots, unless they are wide."""


def frames(wave: Wave, size: tuple[int, int], skipped: int) -> Iterator[Image]:
    """Yield the picture of each frame from ``skipped`` on, in RGBA."""
    levels: NDArray[np.float32] = np.load(wave.levels, allow_pickle=False)
    match wave.style:
        case "bars":
            return _dancing(wave, levels, size, skipped)
        case "line":
            return _swinging(wave, levels, size, skipped)
    return _progressing(wave, levels, size, skipped)


def _dancing(
    wave: Wave, levels: NDArray[np.float32], size: tuple[int, int], skipped: int
) -> Iterator[Image]:
    picture, bars = _colored(wave, size), Bars(wave, levels.shape[1], size)
    for row in levels[skipped:]:
        picture[..., 3] = np.rint(bars.coverage(row) * 255)
        yield picture


class Bars:
    """Bars of one width beside each other, with round corners."""

    def __init__(self, wave: Wave, count: int, size: tuple[int, int]):
        width, self._height = size
        self._direction = wave.direction
        slot = width / count
        self._wide = max(1.0, slot * (1 - wave.gap))
        self._radius = min(wave.radius, 0.5) * self._wide
        columns = np.arange(width) + 0.5
        self._of_column = np.minimum((columns / slot).astype(int), count - 1)
        beside = np.abs(columns - (self._of_column + 0.5) * slot) - self._wide / 2 + self._radius
        self._across = beside.astype(np.float32)[np.newaxis]
        self._rows = (np.arange(self._height) + 0.5).astype(np.float32)[:, np.newaxis]

    def coverage(self, levels: NDArray[np.float32]) -> Coverage:
        """Return what bars with these levels cover; in silence they are dots."""
        height, radius = self._height, np.float32(self._radius)
        least = min(self._wide, height * _QUIET)
        half = np.maximum(levels * height * _TOP, least).astype(np.float32) / 2
        half = half[self._of_column][np.newaxis]
        if self._direction == "both":
            # Both halves are the same.
            rows = self._rows[: (height + 1) // 2]
            upper = self._covered(height / 2 - rows - half + radius)
            return np.concatenate([upper, upper[: height // 2][::-1]])
        rows = self._rows if self._direction == "down" else height - self._rows
        return self._covered(np.abs(rows - half) - half + radius)

    def _covered(self, down: NDArray[np.float32]) -> Coverage:
        """Return the coverage from how far rows are beyond the straight part of each bar."""
        outside = np.hypot(np.maximum(self._across, 0), np.maximum(down, 0))
        distance = outside + np.minimum(np.maximum(self._across, down), 0)
        return np.asarray(np.clip(0.5 + np.float32(self._radius) - distance, 0, 1), np.float32)


def _swinging(
    wave: Wave, levels: NDArray[np.float32], size: tuple[int, int], skipped: int
) -> Iterator[Image]:
    picture = _colored(wave, size)
    across = (np.arange(size[0]) + 0.5) / size[0]
    taper = np.sin(np.pi * across) ** 2
    down = np.arange(size[1])[:, np.newaxis] + 0.5
    reach = (size[1] - wave.thickness) / 2 * _TOP
    for number in range(skipped, len(levels)):
        # The low pitches move the first line, the high ones the last.
        parts = np.array_split(levels[number], len(_LINES))
        covered = np.zeros((size[1], size[0]), np.float32)
        for (tall, opacity, waves, phase), part in zip(_LINES, parts, strict=True):
            height = reach * tall * min(1.0, 1.3 * float(np.mean(np.sort(part)[-3:])))
            turn = 2 * math.pi * _TURNS * number / wave.rate + phase
            line = size[1] / 2 + height * taper * np.sin(2 * np.pi * waves * across - turn)
            slope = np.hypot(1, np.gradient(line))
            distance = np.abs(down - line) / slope - wave.thickness / 2
            np.maximum(covered, np.clip(0.5 - distance, 0, 1) * opacity, out=covered)
        picture[..., 3] = np.rint(covered * 255)
        yield picture


def _progressing(
    wave: Wave, levels: NDArray[np.float32], size: tuple[int, int], skipped: int
) -> Iterator[Image]:
    heard = _colored(wave, size)
    covered = Bars(wave, len(levels), size).coverage(levels)
    heard[..., 3] = np.rint(covered * 255)
    rest = heard.copy()
    if wave.rest_color is None:
        rest[..., 3] = np.rint(covered * (255 * _FAINT))
    else:
        rest[..., :3] = _rgb(wave.rest_color)
    columns = np.arange(size[0])
    for number in range(skipped, wave.frames):
        played = np.clip((number + 0.5) / wave.frames * size[0] - columns, 0, 1)
        mixed = rest + (heard.astype(np.float32) - rest) * played[:, np.newaxis]
        yield np.asarray(np.rint(mixed), np.uint8)


def _colored(wave: Wave, size: tuple[int, int]) -> Image:
    """Return a transparent picture that has its colors everywhere."""
    picture = np.zeros((size[1], size[0], 4), np.uint8)
    start, end = np.asarray(_rgb(wave.color)), np.asarray(_rgb(wave.end_color or wave.color))
    across = ((np.arange(size[0]) + 0.5) / size[0])[:, np.newaxis]
    picture[..., :3] = np.rint(start + (end - start) * across)
    return picture


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue
