"""Films of one still picture that a camera comes nearer to: few frames are drawn and encoded.

What is between two key frames shows the picture of the first of them, somewhat larger: a motion
vector for each macroblock says that to decoders (:mod:`gala_renderer.h264.motion`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from mmap import ACCESS_READ, mmap
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala.timeline.compilation.layers import Layer
from gala.timeline.document.looks import BlendMode
from gala.timeline.document.placement import VisibleParams
from gala_renderer.engine.plan import Feeder, Report
from gala_renderer.ffmpeg.camera_film import CameraFiles
from gala_renderer.ffmpeg.encoder_options import KEY_FRAME_SECONDS
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.h264.motion import BLOCK, VECTOR_UNITS, Vectors, key_frames, moved_frames
from gala_renderer.timeline.drawing.job import MovingJob
from gala_renderer.timeline.graph import raw_frames
from gala_renderer.timeline.studio import Studio

_OPACITY, _SIGMA = 6, 7
"""Columns of poses."""
_WITHIN: Final = 0.2
"""Pixels by which the corners of a macroblock may miss their place: it is moved as a whole."""
_BEYOND: Final = 0.125
"""Pixels by which a frame may show more than its key frame, which rounding hides."""
_LEAST_SECONDS: Final = 1.0
"""From one key frame to the next, on average: more of them would be a larger file."""

Matrices = NDArray[np.float64]
"""From pixels of the picture to pixels of each frame, [frames, 3, 3]."""


@dataclass(frozen=True)
class CameraFilm:
    """The way of a camera over a picture that fills the film from its first to its last frame."""

    studio: Studio
    job: MovingJob
    """The program's job for all frames."""
    matrices: Matrices
    keys: tuple[int, ...]
    """The numbers of key frames, the first of which is 0."""

    def feeder(self) -> Feeder | None:
        """Return the program that draws the key frames; its files are written to the folder."""
        poses = self.studio.folder / "camera-keys.npy"
        whole: NDArray[np.float64] = np.load(self.job.poses, allow_pickle=False)
        np.save(poses, whole[list(self.keys)], allow_pickle=False)
        return self.studio.feeder_of([replace(self.job, poses=poses)], [], name="camera")

    def key_frames(self) -> Stream:
        """Return the frames that the program writes."""
        job = self.job
        return raw_frames(job.pipe, (job.width, job.height), self.studio.rate, alpha=False)

    async def predict(self, files: CameraFiles, report: Report) -> None:
        """Write the key frames that FFmpeg encoded, and those that are predicted from them."""
        with (
            files.keys.open("rb") as file,
            mmap(file.fileno(), 0, access=ACCESS_READ) as encoded,
            files.pictures.open("wb") as pictures,
        ):
            # ValueError if FFmpeg has left some out, or made more.
            for number, key in zip(range(len(self.keys)), key_frames(encoded), strict=True):
                units = moved_frames(key, self.shot(number))
                await asyncio.to_thread(pictures.writelines, units)
                report((number + 1) / len(self.keys))

    def shot(self, number: int) -> Iterator[Vectors]:
        """Yield the motion of each frame after a key frame, up to the next one."""
        ends = (*self.keys[1:], len(self.matrices))
        width, height = self.job.width, self.job.height
        x, y = (BLOCK * (np.arange(-(-side // BLOCK)) + 0.5) for side in (width, height))
        across, down = np.meshgrid(x, y)
        middles = np.stack([across, down, np.ones_like(across)], -1)
        key = self.keys[number]
        for frame in range(key + 1, ends[number]):
            there = middles @ _from_key(self.matrices, key, frame)[:2].T
            yield np.rint(VECTOR_UNITS * (there - middles[..., :2])).astype(np.int64)


def camera_film(studio: Studio) -> CameraFilm | None:
    """Return the way of the camera, if a film shows nothing but a still picture that it nears.

    None for any other film, and where key frames would be too near each other.
    """
    job = _only_picture(studio)
    if job is None:
        return None
    poses: NDArray[np.float64] = np.load(job.poses, allow_pickle=False)
    if len(poses) != studio.compiled.frames:
        return None
    if (poses[:, _OPACITY] != 1).any() or (poses[:, _SIGMA] != 0).any():
        return None
    matrices = np.zeros((len(poses), 3, 3))
    matrices[:, :2], matrices[:, 2, 2] = poses[:, :6].reshape(-1, 2, 3), 1
    keys = _keys(matrices, (job.width, job.height), studio.rate)
    if len(keys) * _LEAST_SECONDS * studio.rate > len(poses):
        return None
    return CameraFilm(studio, job, matrices, keys)


def _only_picture(studio: Studio) -> MovingJob | None:
    """Return the job of what moves, if that is a picture and all that is seen."""
    seen = [layer for layer in studio.compiled.layers if layer.is_visible]
    if len(seen) != 1 or len(studio.moving) != 1 or studio.presenters or studio.transparent:
        return None
    job = studio.moving[0]
    fills = not job.alpha and (job.width, job.height) == studio.size
    is_still = job.material.kind == "picture" and job.cutout is None
    return job if fills and is_still and _is_plain(seen[0]) else None


def _is_plain(layer: Layer) -> bool:
    """Return True if nothing changes the colors of a layer from frame to frame."""
    element = layer.element
    fades = getattr(element, "fade_in", 0.0) or getattr(element, "fade_out", 0.0)
    normal = isinstance(element, VisibleParams) and element.blend is BlendMode.NORMAL
    return normal and not fades and layer.group is None and layer.transition is None


def _from_key(matrices: Matrices, key: int, frame: int) -> NDArray[np.float64]:
    """Return the matrix from pixels of a frame to pixels of its key frame."""
    found: NDArray[np.float64] = matrices[key] @ np.linalg.inv(matrices[frame])
    return found


def _keys(matrices: Matrices, size: tuple[int, int], rate: Fraction) -> tuple[int, ...]:
    """Return the frames that cannot be predicted well from the key frame before."""
    keys, longest = [0], round(KEY_FRAME_SECONDS * rate)
    for frame in range(1, len(matrices)):
        if frame - keys[-1] >= longest or not _shows(_from_key(matrices, keys[-1], frame), size):
            keys.append(frame)
    return tuple(keys)


def _shows(matrix: NDArray[np.float64], size: tuple[int, int]) -> bool:
    """Return True if a key frame shows all of a frame, and its macroblocks nearly as they are."""
    bend = np.abs(matrix[:2, :2] - np.eye(2)).sum(1).max() * BLOCK / 2
    corners = np.array([(x, y, 1) for x in (0, size[0]) for y in (0, size[1])]) @ matrix[:2].T
    beyond = max((-corners).max(), (corners - size).max())
    return bool(bend <= _WITHIN and beyond <= _BEYOND)
