"""Counts the frames of a video and finds the faces in some of them.

Run as a separate program in the sandbox: ``python -m gala_renderer.avatars.driving.clip_program
<job.json>``. The job is a :class:`ClipJob`; a line of JSON is printed, a :class:`ClipAnswer`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

from gala_renderer.avatars.driving.clip_job import ClipAnswer, ClipJob
from gala_renderer.avatars.faces import Face, FaceFinder


def answer(job: ClipJob) -> ClipAnswer:
    """Decode the whole video."""
    finder = FaceFinder.installed(job.weights_dir)
    faces: list[list[Face]] = []
    frames = 0
    with av.open(str(job.path)) as container:
        for frame in container.decode(video=0):
            if frames in job.samples:
                picture = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
                faces.append(finder.find(picture))
            frames += 1
    return ClipAnswer(
        frames=frames, faces=tuple(tuple(_box(one) for one in found) for found in faces)
    )


def _box(face: Face) -> tuple[float, float, float, float]:
    box = face.box
    return box.left, box.top, box.right, box.bottom


def main(arguments: Sequence[str]) -> None:
    """Look at the video of a job file."""
    job = ClipJob.model_validate_json(Path(arguments[0]).read_bytes())
    print(answer(job).model_dump_json(), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main(sys.argv[1:])
