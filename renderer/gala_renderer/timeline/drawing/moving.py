"""Draws the frames of layers that move.

Libraries that only some materials need are imported when they are used: a program is started for
each scene in which something moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice, repeat
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Frame
from gala_renderer.avatars.frame_writer import FrameBuffer
from gala_renderer.avatars.yuv import PixelBox, convert, premultiplied, write_transparent
from gala_renderer.program_jobs import read_job
from gala_renderer.timeline.drawing.job import Mask, Material, MovingJob, Sequence
from gala_renderer.timeline.drawing.matrices import Matrix, corners, moved
from gala_renderer.timeline.drawing.warping import Image, Pyramid, blurred

_OPACITY, _SIGMA, _MASK, _CUTOUT = 6, 7, 8, 14
"""Columns of poses."""
_NOTHING: Final = PixelBox(0, 0, 0, 0)
_NO_SIZE: Final = 1e-9
_BLUR_REACH: Final = 3.0
"""Standard deviations that a blur is seen around a picture."""


def frames(job: MovingJob) -> Iterator[NDArray[np.uint8]]:
    """Yield each frame's bytes; they change when the next one is drawn."""
    poses: NDArray[np.float64] = np.load(job.poses, allow_pickle=False)
    buffer = FrameBuffer(job.width, job.height, alpha=job.alpha)
    painter = _Transparent(job, buffer.frame) if job.alpha else _Opaque(buffer.frame)
    before: NDArray[np.float64] | None = None
    pictures = pictures_of(job)
    for pose in poses:
        picture = next(pictures, None)
        if picture is not None:
            painter.take(picture)
        # What stands still is not drawn again.
        if picture is not None or before is None or not np.array_equal(before, pose):
            painter.paint(pose)
        before = pose
        yield buffer.data


def pictures_of(job: MovingJob) -> Iterator[Image | None]:
    """Yield RGBA for each frame; None, or nothing more, where it is that of the frame before."""
    material, skipped = job.material, job.skipped
    return _MATERIALS[material.kind](material, skipped)


def _picture(material: Material, skipped: int) -> Iterator[Image]:
    del skipped
    raw = np.fromfile(material.path, np.uint8)
    return iter([raw.reshape(material.height, material.width, 4)])


def _figures(material: Material, skipped: int) -> Iterator[Image]:
    from gala_renderer.timeline.drawing import figures, painting  # noqa: PLC0415 - see above

    found = read_job(figures.Figures, material.path.read_bytes())
    return painting.frames(found, (material.width, material.height), skipped)


def _text(material: Material, skipped: int) -> Iterator[Image | None]:
    from gala_renderer.timeline.drawing import text_painting, text_parts  # noqa: PLC0415 - above

    found = read_job(text_parts.AnimatedText, material.path.read_bytes())
    return text_painting.frames(found, (material.width, material.height), skipped)


def _waves(material: Material, skipped: int) -> Iterator[Image]:
    from gala_renderer.timeline.drawing import wave_job, waves  # noqa: PLC0415 - see above

    wave = read_job(wave_job.Wave, material.path.read_bytes())
    return waves.frames(wave, (material.width, material.height), skipped)


def _lottie(material: Material, skipped: int) -> Iterator[Image | None]:
    from gala_renderer.timeline.drawing import lottie  # noqa: PLC0415 - an extra of its own

    animation = read_job(lottie.Lottie, material.path.read_bytes())
    return lottie.frames(animation, (material.width, material.height), skipped)


def _following(material: Material, skipped: int) -> Iterator[Image | None]:
    from PIL import Image as Pictures  # noqa: PLC0415 - see above

    for path, frames in read_job(Sequence, material.path.read_bytes()).pictures:
        if frames > skipped:
            with Pictures.open(path) as png:
                yield np.asarray(png.convert("RGBA"))
            yield from repeat(None, frames - skipped - 1)
        skipped = max(0, skipped - frames)


def _video(material: Material, skipped: int) -> Iterator[Image]:
    return islice(_decoded(material), skipped, None)


def _decoded(material: Material) -> Iterator[Image]:
    import av  # noqa: PLC0415 - see above

    with av.open(str(material.path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for frame in container.decode(video=0):
            rgb = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            alpha = np.full(rgb.shape[:2], 255, np.uint8)
            if material.alpha:
                alpha, rgb = rgb[material.height :, :, 1], rgb[: material.height]
            yield np.dstack([rgb, alpha])


_MATERIALS: Final[Mapping[str, Callable[[Material, int], Iterator[Image | None]]]] = {
    "picture": _picture,
    "video": _video,
    "sequence": _following,
    "pages": _following,
    "figures": _figures,
    "text": _text,
    "wave": _waves,
    "lottie": _lottie,
}
"""Pictures of each kind of material, without the first ones."""


def _matrix(pose: NDArray[np.float64], first: int = 0) -> Matrix:
    return pose[first : first + 6].reshape(2, 3)


class _Opaque:
    """Draws a picture that covers the frame all the time, plane by plane."""

    def __init__(self, frame: Frame):
        self._frame = frame
        self._planes: list[Pyramid] = []

    def take(self, rgba: Image) -> None:
        """Use another picture; its sides are even."""
        rgb = np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), np.uint8)
        self._planes = [Pyramid(plane) for plane in convert(rgb)]

    def paint(self, pose: NDArray[np.float64]) -> None:
        """Draw it in a pose."""
        matrix, half = _matrix(pose), _matrix(pose).copy()
        half[:, 2] /= 2
        frame = self._frame
        for plane, pyramid in zip((frame.y, frame.u, frame.v), self._planes, strict=True):
            use = matrix if plane is frame.y else half
            size = (plane.shape[1], plane.shape[0])
            plane[...] = pyramid.warped(use, size, edge=cv2.BORDER_REPLICATE)


class _Transparent:
    """Draws a picture anywhere on a transparent frame, and clears where it was."""

    def __init__(self, job: MovingJob, frame: Frame):
        self._frame = frame
        self._size = (job.width, job.height)
        self._mask = None if job.mask is None else _mask(job.mask)
        self._mask_size = None if job.mask is None else (job.mask.width, job.mask.height)
        self._cutout = job.cutout
        self._cut = None if job.cutout is None else _mask(job.cutout)
        self._box = _NOTHING
        self._pyramid = Pyramid(np.zeros((2, 2, 4), np.uint8))
        self._picture_size = (2, 2)

    def take(self, rgba: Image) -> None:
        """Use another picture."""
        self._pyramid = Pyramid(premultiplied(rgba))
        self._picture_size = (rgba.shape[1], rgba.shape[0])

    def paint(self, pose: NDArray[np.float64]) -> None:
        """Draw it in a pose."""
        alpha = self._frame.alpha
        if alpha is None:
            raise ValueError("transparent pixels need a frame with alpha")
        self._box.of(alpha)[...] = 0
        self._box = self._covered(pose)
        if self._box.empty or pose[_OPACITY] <= 0:
            return
        write_transparent(self._frame, self._box, self._drawn(pose, self._box))

    def _covered(self, pose: NDArray[np.float64]) -> PixelBox:
        left, top, right, bottom = corners(_matrix(pose), self._picture_size)
        if self._mask_size is not None:
            edges = corners(_matrix(pose, _MASK), self._mask_size)
            left, top = max(left, edges[0]), max(top, edges[1])
            right, bottom = min(right, edges[2]), min(bottom, edges[3])
        reach = 1 + _BLUR_REACH * float(pose[_SIGMA])
        return PixelBox.around(left - reach, top - reach, right + reach, bottom + reach, self._size)

    def _drawn(self, pose: NDArray[np.float64], box: PixelBox) -> Image:
        """Return premultiplied RGBA of a box of the frame."""
        size = (box.width, box.height)
        matrix = moved(_matrix(pose), -box.left, -box.top)
        drawn = self._pyramid.warped(matrix, size, edge=cv2.BORDER_CONSTANT)
        if self._mask is not None:
            matrix = moved(_matrix(pose, _MASK), -box.left, -box.top)
            shown = self._mask.warped(matrix, size, edge=cv2.BORDER_CONSTANT)
            drawn = _times(drawn, shown)
        if self._cut is not None and self._cutout is not None:
            matrix = moved(_matrix(pose, _CUTOUT), -box.left, -box.top)
            shown = _cut(self._cut, matrix, size, inverted=self._cutout.inverted)
            drawn = _times(drawn, shown)
        if pose[_SIGMA] > 0:
            drawn = blurred(drawn, float(pose[_SIGMA]))
        if pose[_OPACITY] < 1:
            drawn = np.asarray(cv2.convertScaleAbs(drawn, alpha=float(pose[_OPACITY])), np.uint8)
        return drawn


def _mask(mask: Mask) -> Pyramid:
    return Pyramid(np.fromfile(mask.path, np.uint8).reshape(mask.height, mask.width))


def _cut(mask: Pyramid, matrix: Matrix, size: tuple[int, int], *, inverted: bool) -> Image:
    """Return in grey what a cutout leaves of a frame of ``size``."""
    shown = np.zeros((size[1], size[0]), np.uint8)
    # OpenCV would show a single pixel of a mask of no size everywhere.
    if abs(float(np.linalg.det(matrix[:, :2]))) > _NO_SIZE:
        shown = mask.warped(matrix, size, edge=cv2.BORDER_CONSTANT)
    return np.asarray(255 - shown if inverted else shown, np.uint8)


def _times(rgba: Image, grey: Image) -> Image:
    whole = cv2.merge([grey] * 4)
    return np.asarray(cv2.multiply(rgba, whole, scale=1 / 255), np.uint8)
