"""Finds faces in decoded pictures and prepares portraits from them.

Run as a separate program in the sandbox: ``python -m gala_renderer.avatars.preparation_program
<job.json>``. The job is a :class:`PreparationJob`; for each portrait, a line of JSON is printed, a
:class:`PortraitAnswer`. A portrait without the wanted face is not prepared.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from gala.garbage_collection import paused

with paused():
    import cv2
    import numpy as np
    from numpy.typing import NDArray

    from gala.errors import EngineMissing, InvalidRequest
    from gala_renderer.avatars.faces import Face, FaceFinder, corrected, draw_landmarks
    from gala_renderer.avatars.portrait.prepared import prepare, save
    from gala_renderer.avatars.preparation_job import (
        FoundFace,
        PortraitAnswer,
        PortraitJob,
        PreparationJob,
    )
    from gala_renderer.program_jobs import job_text, read_job

Picture = NDArray[np.uint8]

_OPAQUE: Final = 250
"""Pictures with less opacity than this anywhere are of a person who was cut out already."""


def answer(job: PortraitJob, finder: FaceFinder) -> PortraitAnswer:
    """Prepare one portrait, if it has the wanted face; return what was found."""
    rgba = np.fromfile(job.picture, np.uint8).reshape(job.height, job.width, 4)
    picture = np.ascontiguousarray(rgba[..., :3])
    try:
        with ThreadPoolExecutor(1) as beside:
            segmenting = None if _cut_out(rgba) else beside.submit(finder.segment, picture)
            faces = _faces(job, picture, finder)
            chosen = faces[job.face - 1] if job.face <= len(faces) else None
            showing = beside.submit(_show, job.preview, picture, chosen) if job.preview else None
            if chosen is not None:
                mask = _opacity(rgba)
                if segmenting is not None:
                    mask = finder.person_mask(picture, chosen, segmented=segmenting.result())
                job.target.mkdir()
                save(prepare(picture, chosen, mask), job.target)
            if showing is not None:
                showing.result()
    except EngineMissing:
        return PortraitAnswer(weights_missing=True)
    except InvalidRequest as error:
        return PortraitAnswer(refused=error.message)
    return PortraitAnswer(faces=tuple(_found(face, job) for face in faces))


def _faces(job: PortraitJob, picture: Picture, finder: FaceFinder) -> list[Face]:
    faces = finder.find(picture)
    if not job.points:
        return faces
    sides = np.array([job.width, job.height])
    given = {name: (np.array(at) * sides).tolist() for name, at in job.points.items()}
    if job.face <= len(faces):
        faces[job.face - 1] = corrected(faces[job.face - 1], given)
        return faces
    # The points belong to one face, whichever number it has.
    return [finder.face_at(given)] * job.face


def _cut_out(rgba: Picture) -> bool:
    return bool(rgba[..., 3].min() < _OPAQUE)


def _opacity(rgba: Picture) -> NDArray[np.float32]:
    return rgba[..., 3].astype(np.float32) / np.float32(255)


def _found(face: Face, job: PortraitJob) -> FoundFace:
    box, angles = face.box, face.angles
    return FoundFace(
        box=(
            box.left / job.width,
            box.top / job.height,
            box.right / job.width,
            box.bottom / job.height,
        ),
        height=face.height,
        score=face.score,
        roll=angles.roll,
        yaw=angles.yaw,
        pitch=angles.pitch,
    )


def _show(path: Path, picture: Picture, face: Face | None) -> None:
    """Write a JPEG of the picture with what was found in it, without chroma subsampling."""
    shown = picture if face is None else draw_landmarks(picture, face)
    options = [
        *(cv2.IMWRITE_JPEG_QUALITY, 90),
        *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
    ]
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(shown, cv2.COLOR_RGB2BGR), options)
    path.write_bytes(encoded.tobytes())


def main(path: str) -> None:
    """Prepare the portraits of a job file."""
    job = read_job(PreparationJob, Path(path).read_bytes())
    run(job, FaceFinder.installed(job.weights_dir))


def run(job: PreparationJob, finder: FaceFinder) -> None:
    """Prepare the portraits of a job, and print the answers."""
    for portrait in job.portraits:
        print(job_text(answer(portrait, finder)), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main(*sys.argv[1:])
