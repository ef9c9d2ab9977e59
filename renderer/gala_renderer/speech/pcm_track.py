"""Mono sound as float samples in a file, built piece by piece, with an exact length.

Only one piece is in memory at a time, so hours of speech need no more memory than minutes.
"""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gala.errors import RenderFailed

Samples: TypeAlias = NDArray[np.float32]

FADE_SECONDS: Final = 0.004
"""Fade at each end of a piece: too short to hear, long enough to avoid clicks."""
_BLOCK: Final = 1 << 20
_QUIET: Final = 0.01
"""The fraction of a piece's peak below which its ends count as silence (-40 dB)."""
_KEPT_BEFORE: Final = 0.010
_KEPT_AFTER: Final = 0.030
"""Seconds kept after the audible part when silence is trimmed."""


class SampleTrack:
    """A growing sound file; ``samples`` is its current length."""

    def __init__(self, path: Path, rate: int):
        self.path = path
        self.rate = rate
        self.samples = 0
        path.write_bytes(b"")

    @property
    def seconds(self) -> float:
        """The current length in seconds."""
        return self.samples / self.rate

    def add(self, piece: Samples) -> None:
        """Append a piece, faded in and out so that joins are smooth."""
        self._write(faded(piece, self.rate))

    def silence(self, seconds: float) -> None:
        """Append silence, rounded to whole samples."""
        remaining = round(seconds * self.rate)
        while remaining > 0:
            block = min(remaining, _BLOCK)
            self._write(np.zeros(block, np.float32))
            remaining -= block

    async def extend(
        self, path: Path, *, start: int = 0, samples: int | None = None, gain: float = 1.0
    ) -> None:
        """Append another track's file of the same rate, or a part of it, with a gain."""
        for block in blocks(path, start=start, samples=samples):
            self._write(block * np.float32(gain))
            # An hour of sound takes a second; yield to other tasks and to cancellation.
            await asyncio.sleep(0)

    def _write(self, piece: Samples) -> None:
        with self.path.open("ab") as file:
            file.write(piece.astype("<f4", copy=False).tobytes())
        self.samples += len(piece)


def blocks(path: Path, *, start: int = 0, samples: int | None = None) -> Iterator[Samples]:
    """Yield the samples of a track's file, or of a part of it, in blocks of about a million."""
    remaining = length(path) - start if samples is None else samples
    with path.open("rb") as file:
        file.seek(start * 4)
        while data := file.read(min(remaining, _BLOCK) * 4):
            remaining -= len(data) // 4
            yield np.frombuffer(data, "<f4")


def length(path: Path) -> int:
    """Return the number of samples in a track's file."""
    return path.stat().st_size // 4


def faded(piece: Samples, rate: int) -> Samples:
    """Return the piece with a short fade-in and fade-out."""
    count = min(round(FADE_SECONDS * rate), len(piece) // 2)
    if count == 0:
        return piece
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)).astype(np.float32)
    smooth = piece.copy()
    smooth[:count] *= ramp
    smooth[-count:] *= ramp[::-1]
    return smooth


def audible_span(piece: Samples, rate: int) -> tuple[int, int]:
    """Return the start and end of the audible part, with a small margin, in samples."""
    loud = np.flatnonzero(np.abs(piece) > _QUIET * float(np.max(np.abs(piece), initial=0.0)))
    if len(loud) == 0:
        return 0, len(piece)
    start = max(0, int(loud[0]) - round(_KEPT_BEFORE * rate))
    return start, min(len(piece), int(loud[-1]) + round(_KEPT_AFTER * rate))


def read_wav(path: Path) -> tuple[int, Samples]:
    """Return the rate and samples of a 16-bit WAV file; channels are averaged.

    Raise ``RenderFailed`` if it is not such a file.
    """
    try:
        with wave.open(str(path), "rb") as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            data = file.readframes(file.getnframes())
    except (EOFError, wave.Error) as error:
        raise RenderFailed(f"The speech engine did not write a WAV file: {error}.") from error
    if width != 2:
        raise RenderFailed("The speech engine did not write 16-bit sound.")
    sound: Samples = np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)
    if channels > 1:
        sound = sound.reshape(-1, channels).mean(axis=1, dtype=np.float32)
    return rate, sound


def write_wav(source: Path, target: Path, *, rate: int, gain: float = 1.0) -> None:
    """Write a track's file as 16-bit WAV; samples out of range are clipped."""
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        for block in blocks(source):
            whole = np.rint(block * np.float32(gain * 32768)).clip(-32768, 32767)
            file.writeframes(whole.astype("<i2").tobytes())
