"""Frames of presenters as raw video: one buffer with views of its planes, written to a pipe."""

from __future__ import annotations

import fcntl
import struct
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from queue import Queue
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Frame
from gala_renderer.free_memory import return_free_memory

_AHEAD: Final = 3
"""Frames that are drawn while FFmpeg encodes earlier ones."""
_PIPE_BYTES: Final = 1 << 20
"""Linux lets any user have as much."""


class FrameBuffer:
    """One frame in memory, in the byte order of ``yuv420p`` or ``yuva420p``."""

    def __init__(self, width: int, height: int, *, alpha: bool):
        luma, chroma = width * height, width * height // 4
        self.data: NDArray[np.uint8] = np.zeros(luma * (2 if alpha else 1) + 2 * chroma, np.uint8)
        half = (height // 2, width // 2)
        self.frame = Frame(
            y=self.data[:luma].reshape(height, width),
            u=self.data[luma : luma + chroma].reshape(half),
            v=self.data[luma + chroma : luma + 2 * chroma].reshape(half),
            alpha=self.data[luma + 2 * chroma :].reshape(height, width) if alpha else None,
        )
        self.frame.y[:] = 16
        self.frame.u[:] = self.frame.v[:] = 128

    def region(self, x: int, y: int, width: int, height: int) -> Frame:
        """Return the part of the frame with these bounds, which are even, as a frame."""
        whole = self.frame
        luma = np.s_[y : y + height, x : x + width]
        chroma = np.s_[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2]
        alpha = None if whole.alpha is None else whole.alpha[luma]
        return Frame(whole.y[luma], whole.u[chroma], whole.v[chroma], alpha)


@dataclass(frozen=True, slots=True)
class Ivf:
    """The headers of an IVF file with raw ``yuv420p``, in which every frame has its number."""

    width: int
    height: int
    fps: Fraction

    def start(self) -> bytes:
        """Return the header of the file."""
        return struct.pack(
            "<4sHH4sHHIIII",
            b"DKIF", 0, 32, b"I420", self.width, self.height,
            self.fps.numerator, self.fps.denominator, 0, 0,
        )  # fmt: skip

    def frame(self, number: int, size: int) -> bytes:
        """Return the header of a frame of ``size`` bytes."""
        return struct.pack("<IQ", size, number)


def write_frames(pipe: Path, frames: Iterable[NDArray[np.uint8]]) -> None:
    """Write a copy of each frame to the pipe while the next one is drawn.

    Returns early if the reader closes the pipe.
    """
    _write_all(pipe, b"", ((b"", frame) for frame in frames))


def write_numbered(
    pipe: Path, frames: Iterable[tuple[int, NDArray[np.uint8]]], container: Ivf
) -> None:
    """Write frames as :func:`write_frames` does, with their numbers."""
    headed = ((container.frame(number, frame.nbytes), frame) for number, frame in frames)
    _write_all(pipe, container.start(), headed)


def _write_all(pipe: Path, start: bytes, frames: Iterable[tuple[bytes, NDArray[np.uint8]]]) -> None:
    waiting: Queue[tuple[bytes, NDArray[np.uint8]] | None] = Queue()
    free: Queue[NDArray[np.uint8] | None] = Queue()
    for _ in range(_AHEAD):
        free.put(None)
    closed = threading.Event()
    arguments = (pipe, start, waiting, free, closed)
    writer = threading.Thread(target=_write, args=arguments, daemon=True)
    writer.start()
    first = True
    try:
        for header, frame in frames:
            copy = free.get()
            if closed.is_set():
                return
            if copy is None:
                copy = np.empty_like(frame)
            np.copyto(copy, frame)
            waiting.put((header, copy))
            if first:
                # What was prepared for it took twice as much as what stays.
                return_free_memory()
                first = False
    finally:
        waiting.put(None)
        writer.join()


def _write(
    pipe: Path,
    start: bytes,
    waiting: Queue[tuple[bytes, NDArray[np.uint8]] | None],
    free: Queue[NDArray[np.uint8] | None],
    closed: threading.Event,
) -> None:
    # FFmpeg may stop before the last frame; it then closes the pipe.
    with suppress(BrokenPipeError), pipe.open("wb", buffering=0) as opened:
        _enlarge(opened.fileno())
        _write_whole(opened, memoryview(start))
        while (following := waiting.get()) is not None:
            header, frame = following
            _write_whole(opened, memoryview(header))
            _write_whole(opened, frame.data)
            free.put(frame)
        return
    closed.set()
    free.put(None)


def _enlarge(pipe: int) -> None:
    """Let a pipe hold more than 64 KiB, where the system can do that and allows it."""
    with suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _write_whole(pipe: Any, rest: memoryview) -> None:
    while rest:
        rest = rest[pipe.write(rest) :]
