"""Draws the frames of presenters and writes them to a named pipe, as raw 4:2:0.

Run as a separate program beside FFmpeg: ``python -m gala_renderer.avatars.frame_program
<job.json>``. :class:`FrameJob` is the job.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Final, TypeVar

from gala.garbage_collection import paused

with paused():
    import cv2
    import numpy as np
    from numpy.typing import NDArray

    from gala_renderer.avatars.bodies import open_body
    from gala_renderer.avatars.body import Body, Painter, Placement, Redraw
    from gala_renderer.avatars.frame_job import BackgroundKind, FrameJob, PresenterJob
    from gala_renderer.avatars.frame_writer import FrameBuffer, Ivf, write_frames, write_numbered
    from gala_renderer.avatars.framing import place
    from gala_renderer.avatars.made_ahead import made_ahead
    from gala_renderer.avatars.pose import MotionTrack, Pose
    from gala_renderer.program_jobs import read_job

_Frame = TypeVar("_Frame")

_PLANNED: Final = 2
"""Frames that are planned while one is drawn."""
_BLUR: Final = 0.018
"""Standard deviation of a blurred background, as a fraction of the frame's longer side."""


def frames(job: FrameJob) -> Iterator[NDArray[np.uint8]]:
    """Yield each frame's bytes; they change when the next one is drawn."""
    return (frame for _, frame in numbered_frames(job))


def numbered_frames(job: FrameJob) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Yield frames as :func:`frames` does, with their numbers.

    If the job is sparse, those whose poses repeat the ones before are left out.
    """
    buffer = FrameBuffer(job.width, job.height, alpha=job.alpha)
    with closing(made_ahead(_plans(job, buffer), _PLANNED)) as plans:
        for number, plan in plans:
            for redraw in plan:
                redraw()
            yield number, buffer.data


def _plans(job: FrameJob, buffer: FrameBuffer) -> Iterator[tuple[int, list[Redraw]]]:
    """Yield the numbers of frames, and what draws each presenter."""
    regions = [buffer.region(*one.region) for one in job.presenters]
    painters = [_painter(one) for one in job.presenters]
    tracks = _tracks(job)
    shown: list[Pose] = []
    for number in range(job.frames):
        poses = [track.pose(min(number, len(track) - 1)) for track in tracks]
        if job.sparse and poses == shown:
            continue
        shown = poses
        yield (
            number,
            [
                painter.plan(pose, region)
                for painter, region, pose in zip(painters, regions, poses, strict=True)
            ],
        )


def _tracks(job: FrameJob) -> list[MotionTrack]:
    values: NDArray[np.float32] = np.load(job.motion, allow_pickle=False)
    return [MotionTrack(Fraction(job.fps), one) for one in values]


def _painter(job: PresenterJob) -> Painter:
    body = open_body(job.body)
    size = (job.region[2], job.region[3])
    kept = job.background in {BackgroundKind.OWN, BackgroundKind.BLUR}
    placement = place(body, size, job.framing, cut_out=not kept)
    return body.painter(size, placement, _background(job, body, size, placement))


def _background(
    job: PresenterJob, body: Body, size: tuple[int, int], placement: Placement
) -> NDArray[np.uint8] | None:
    match job.background:
        case BackgroundKind.NONE:
            return None
        case BackgroundKind.PICTURE:
            return _picture(job, size)
        case BackgroundKind.OWN:
            own = body.own_background(size, placement)
        case BackgroundKind.BLUR:
            own = _blurred(body.own_background(size, placement), max(size) * _BLUR)
        case BackgroundKind.COLOR:
            own = None
    return _plain(job.color, size) if own is None else own


def _picture(job: PresenterJob, size: tuple[int, int]) -> NDArray[np.uint8]:
    if job.picture is None:
        raise ValueError("the background's picture is missing")
    width, height = job.picture_size
    whole = np.fromfile(job.picture, np.uint8).reshape(height, width, 3)
    x, y = job.region[:2]
    return np.ascontiguousarray(whole[y : y + size[1], x : x + size[0]])


def _blurred(picture: NDArray[np.uint8] | None, sigma: float) -> NDArray[np.uint8] | None:
    if picture is None:
        return None
    return cv2.GaussianBlur(picture, (0, 0), sigma).astype(np.uint8, copy=False)


def _plain(color: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    rgb = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    return np.tile(np.array(rgb, np.uint8), (size[1], size[0], 1))


def _then_alone(frames: Iterable[_Frame]) -> Iterator[_Frame]:
    """Yield frames; from the first one on, FFmpeg encodes on all cores meanwhile."""
    for frame in frames:
        cv2.setNumThreads(1)
        yield frame


def main(path: str) -> None:
    """Draw the frames of a job file."""
    run(read_job(FrameJob, Path(path).read_bytes()))


def run(job: FrameJob) -> None:
    """Draw the frames of a job."""
    if job.sparse:
        container = Ivf(job.width, job.height, Fraction(job.fps))
        write_numbered(job.pipe, _then_alone(numbered_frames(job)), container)
    else:
        write_frames(job.pipe, _then_alone(frames(job)))


if __name__ == "__main__":
    main(*sys.argv[1:])
