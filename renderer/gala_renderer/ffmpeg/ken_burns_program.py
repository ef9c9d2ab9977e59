"""Draws the frames of camera moves over pictures, as raw 4:2:0, and writes them to named pipes.

Run as a separate program beside FFmpeg: ``python ken_burns_program.py <job.json> <threads>``.
FFmpeg's filters crop at whole pixels, which jitters; here a window may have sub-pixel bounds. The
job is a list of ``{"planes", "width", "height", "pipe", "frame_width", "frame_height", "windows":
[[left, top, right, bottom], …]}``; ``planes`` is the path of a raw 4:2:0 picture that FFmpeg wrote.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, TypeAlias

from PIL import Image

Window: TypeAlias = tuple[float, float, float, float]

_AHEAD = 2


def draw(planes: list[Image.Image], window: Window, size: tuple[int, int]) -> list[bytes]:
    """Return the bytes of the three planes of what the window shows."""
    half = (size[0] // 2, size[1] // 2)
    luma, *chroma = planes
    drawn = [luma.resize(size, Image.Resampling.BICUBIC, box=window)]
    box = _chroma_window(window, size[0], chroma[0].size)
    drawn += [plane.resize(half, Image.Resampling.BICUBIC, box=box) for plane in chroma]
    return [plane.tobytes() for plane in drawn]


def _chroma_window(window: Window, width: int, limits: tuple[int, int]) -> Window:
    # A chroma sample is located at the left of its two columns, not between them.
    left, top, right, bottom = window
    shift = 0.25 * (1 - (right - left) / width)
    return (
        max(0.0, left / 2 + shift),
        top / 2,
        min(limits[0], right / 2 + shift),
        min(limits[1], bottom / 2),
    )


def _planes(path: Path, width: int, height: int) -> list[Image.Image]:
    luma, chroma = width * height, width * height // 4
    with path.open("rb") as file:
        # Pages are read as they are drawn; Pillow accepts more than its annotation says.
        data: Any = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
    parts = [(width, height, 0), (width // 2, height // 2, luma)]
    parts.append((width // 2, height // 2, luma + chroma))
    return [
        Image.frombuffer("L", (w, h), data[at : at + w * h], "raw", "L", 0, 1) for w, h, at in parts
    ]


def _frames(job: dict[str, Any], pool: ThreadPoolExecutor) -> Iterator[list[bytes]]:
    planes = _planes(Path(job["planes"]), job["width"], job["height"])
    size = (job["frame_width"], job["frame_height"])
    waiting: deque[Future[list[bytes]]] = deque()
    for at, window in enumerate(job["windows"]):
        waiting.append(pool.submit(draw, planes, tuple(window), size))
        # FFmpeg reads the first frame of every picture at the start, the others later.
        if len(waiting) > (_AHEAD if at else 0):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _write(job: dict[str, Any], pool: ThreadPoolExecutor) -> None:
    # FFmpeg may stop before the last frame; it then closes the pipe.
    with suppress(BrokenPipeError), Path(job["pipe"]).open("wb", buffering=0) as pipe:
        for frame in _frames(job, pool):
            for plane in frame:
                _write_whole(pipe, memoryview(plane))


def _write_whole(pipe: Any, rest: memoryview) -> None:
    while rest:
        rest = rest[pipe.write(rest) :]


def _exit(failure: threading.ExceptHookArgs) -> None:
    # Exit at once: the other writers may wait for FFmpeg, which waits for frames of this one.
    threading.__excepthook__(failure)
    os._exit(1)


def main(path: str, threads: str) -> None:
    """Write the frames of every picture, each in its own thread."""
    threading.excepthook = _exit
    jobs = json.loads(Path(path).read_text())
    with ThreadPoolExecutor(int(threads)) as pool:
        writers = [threading.Thread(target=_write, args=(job, pool)) for job in jobs]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
