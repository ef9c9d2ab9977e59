"""Frames of moving layers as files, drawn in this process; and files that programs have written."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gala.errors import RenderFailed
from gala_renderer.timeline.drawing.job import MovingJob

_MAX_BYTES: Final = 512 * 1024**2


def draw_to_files(jobs: Sequence[MovingJob]) -> None:
    """Write the frames of each job to the path of its pipe. The materials are GALA's own."""
    if not jobs:
        return
    from gala_renderer.timeline.drawing.moving import frames  # noqa: PLC0415 - imports OpenCV

    for job in jobs:
        check_file(job.material.path)
        with job.pipe.open("wb") as file:
            for frame in frames(job):
                file.write(frame.data)


def read_file(path: Path) -> bytes:
    """Return what a program wrote. Raise RenderFailed if it is no regular file, or too large."""
    check_file(path)
    return path.read_bytes()


def check_file(path: Path) -> None:
    """Raise RenderFailed unless it is a regular file of a sensible size.

    A compromised program may have left a link for the renderer to follow.
    """
    try:
        found = os.lstat(path)
    except OSError as error:
        raise RenderFailed("FFmpeg wrote no frame.") from error
    if not stat.S_ISREG(found.st_mode) or not 0 < found.st_size <= _MAX_BYTES:
        raise RenderFailed("FFmpeg did not write a frame.")
