"""Mono sound as float samples in a file, built piece by piece; its length is known exactly.

In memory there is never more than one piece, so that hours of speech need no more than minutes.
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
"""At each end of a piece: too short to hear, long enough that there is no click."""
_BLOCK: Final = 1 << 20
_QUIET: Final = 0.01
"""Part of a piece's peak below which its ends count as silence (-40 dB)."""
_KEPT_BEFORE: Final = 0.010
_KEPT_AFTER: Final = 0.030
"""Seconds kept around what is heard when silence is trimmed."""


class SampleTrack:
    """A sound that grows; ``samples`` is how long it is so far."""

    def __init__(self, path: Path, rate: int):
        self.path = path
        self.rate = rate
        self.samples = 0
        path.write_bytes(b"")

    @property
    def seconds(self) -> float:
        """Its length so far."""
        return self.samples / self.rate

    def add(self, piece: Samples) -> None:
        """Append it, faded in and out so that the joins are smooth."""
        self._write(faded(piece, self.rate))

    def silence(self, seconds: float) -> None:
        """Append silence, to the nearest sample."""
        left = round(seconds * self.rate)
        while left > 0:
            block = min(left, _BLOCK)
            self._write(np.zeros(block, np.float32))
            left -= block

    async def extend(
        self, path: Path, *, start: int = 0, samples: int | None = None, gain: float = 1.0
    ) -> None:
        """Append another track's file of the same rate, or a part of it, louder or softer."""
        for block in blocks(path, start=start, samples=samples):
            self._write(block * np.float32(gain))
            # An hour takes a second, in which others want to be served, and this be cancelled.
            await asyncio.sleep(0)

    def _write(self, piece: Samples) -> None:
        with self.path.open("ab") as file:
            file.write(piece.astype("<f4", copy=False).tobytes())
        self.samples += len(piece)


def blocks(path: Path, *, start: int = 0, samples: int | None = None) -> Iterator[Samples]:
    """The samples of a track's file, or of a part of it, about a million at a time."""
    left = length(path) - start if samples is None else samples
    with path.open("rb") as file:
        file.seek(start * 4)
        while data := file.read(min(left, _BLOCK) * 4):
            left -= len(data) // 4
            yield np.frombuffer(data, "<f4")


def length(path: Path) -> int:
    """How many samples a track's file has."""
    return path.stat().st_size // 4


def faded(piece: Samples, rate: int) -> Samples:
    """The piece with its first and last milliseconds rising from and falling to nothing."""
    count = min(round(FADE_SECONDS * rate), len(piece) // 2)
    if count == 0:
        return piece
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)).astype(np.float32)
    smooth = piece.copy()
    smooth[:count] *= ramp
    smooth[-count:] *= ramp[::-1]
    return smooth


def audible_span(piece: Samples, rate: int) -> tuple[int, int]:
    """The samples between which there is something to hear, with a little room around."""
    loud = np.flatnonzero(np.abs(piece) > _QUIET * float(np.max(np.abs(piece), initial=0.0)))
    if len(loud) == 0:
        return 0, len(piece)
    start = max(0, int(loud[0]) - round(_KEPT_BEFORE * rate))
    return start, min(len(piece), int(loud[-1]) + round(_KEPT_AFTER * rate))


def read_wav(path: Path) -> tuple[int, Samples]:
    """Rate and samples of a 16-bit WAV file of ours; several channels are averaged.

    Raises ``RenderFailed`` for a file that is none.
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
    """A track's file as 16-bit WAV; what is too loud is cut off."""
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        for block in blocks(source):
            whole = np.rint(block * np.float32(gain * 32768)).clip(-32768, 32767)
            file.writeframes(whole.astype("<i2").tobytes())
