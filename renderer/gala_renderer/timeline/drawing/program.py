"""Draws what moves and writes the frames to named pipes, as raw 4:2:0.

Run as a separate program beside FFmpeg: ``python -m gala_renderer.timeline.drawing.program
<job.json>``. :class:`DrawingJob` is the job.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from gala.garbage_collection import paused

with paused():
    import cv2
    import numpy as np
    from numpy.typing import NDArray

    from gala_renderer.avatars.frame_writer import write_frames
    from gala_renderer.program_jobs import read_job
    from gala_renderer.timeline.drawing.job import DrawingJob
    from gala_renderer.timeline.drawing.moving import frames as moving_frames


def streams(job: DrawingJob) -> Iterator[tuple[Path, Iterator[NDArray[np.uint8]]]]:
    """Yield the pipe and the frames of everything that is drawn."""
    for layer in job.layers:
        yield layer.pipe, moving_frames(layer)
    if job.presenters:
        # Drawn people need more libraries than what moves.
        from gala_renderer.avatars.frame_job import FrameJob  # noqa: PLC0415
        from gala_renderer.avatars.frame_program import frames as presenter_frames  # noqa: PLC0415
    for path in job.presenters:
        presenter = read_job(FrameJob, path.read_bytes())
        yield presenter.pipe, presenter_frames(presenter)


def _exit(failure: threading.ExceptHookArgs) -> None:
    # Exit at once: the other writers may wait for FFmpeg, which waits for frames of this one.
    threading.__excepthook__(failure)
    os._exit(1)


def main(path: str) -> None:
    """Draw everything of a job file, each in its own thread."""
    # FFmpeg encodes on all cores meanwhile.
    cv2.setNumThreads(1)
    threading.excepthook = _exit
    job = read_job(DrawingJob, Path(path).read_bytes())
    threads = [threading.Thread(target=write_frames, args=each) for each in streams(job)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
