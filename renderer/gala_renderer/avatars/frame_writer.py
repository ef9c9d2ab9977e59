"""Frames of presenters as raw video: one buffer with views of its planes, written to a pipe."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from queue import Queue
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Frame

_AHEAD: Final = 2
"""Frames that are drawn while FFmpeg encodes earlier ones."""


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


def write_frames(pipe: Path, frames: Iterable[NDArray[np.uint8]]) -> None:
    """Write a copy of each frame to the pipe while the next one is drawn.

    Returns early if the reader closes the pipe.
    """
    waiting: Queue[bytes | None] = Queue(_AHEAD)
    closed = threading.Event()
    writer = threading.Thread(target=_write, args=(pipe, waiting, closed), daemon=True)
    writer.start()
    try:
        for frame in frames:
            if closed.is_set():
                return
            waiting.put(frame.tobytes())
    finally:
        waiting.put(None)
        writer.join()


def _write(pipe: Path, waiting: Queue[bytes | None], closed: threading.Event) -> None:
    # FFmpeg may stop before the last frame; it then closes the pipe.
    with suppress(BrokenPipeError), pipe.open("wb", buffering=0) as opened:
        while (frame := waiting.get()) is not None:
            _write_whole(opened, memoryview(frame))
        return
    closed.set()
    while waiting.get() is not None:
        pass


def _write_whole(pipe: Any, rest: memoryview) -> None:
    while rest:
        rest = rest[pipe.write(rest) :]
