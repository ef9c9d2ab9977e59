"""A presenter that is a finished video."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.bodies import ClipSpec
from gala_renderer.avatars.body import (
    Box,
    Frame,
    Painter,
    Placement,
    Plane,
    Redraw,
    usual_head_top,
)
from gala_renderer.avatars.pose import Pose


class ClipBody:
    """Shows the video's frames one after another, whatever the pose: it was made for the voice."""

    def __init__(self, spec: ClipSpec) -> None:
        self._spec = spec

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the video in pixels."""
        return self._spec.width, self._spec.height

    @property
    def face(self) -> Box:
        """The face in the portrait."""
        return Box(*self._spec.face)

    @property
    def head_top(self) -> float:
        """Where hair usually ends above such a face."""
        return usual_head_top(self.face)

    @property
    def must_cover(self) -> bool:
        """True: the video has no transparency."""
        return True

    def own_background(self, size: tuple[int, int], placement: Placement) -> None:
        """Return None: the video covers the frame."""

    def painter(
        self,
        size: tuple[int, int],  # noqa: ARG002 - a protocol
        placement: Placement,
        background: NDArray[np.uint8] | None,  # noqa: ARG002 - a protocol
    ) -> ClipPainter:
        """Return a painter that shows the next frame of the video at each call."""
        return ClipPainter(self._spec, placement)


class ClipPainter(Painter):
    """Scales and crops the frames of a video."""

    def __init__(self, spec: ClipSpec, placement: Placement) -> None:
        self._frames = islice(_decoded(spec), spec.first, None)
        self._size = spec.width, spec.height
        self._placement = placement

    def plan(self, pose: Pose, frame: Frame) -> Redraw:  # noqa: ARG002 - a protocol
        """Plan to show the next frame; the last one stays if there is none."""
        return partial(self._draw, next(self._frames, None), frame)

    def _draw(self, planes: tuple[Plane, Plane, Plane] | None, frame: Frame) -> None:
        if planes is None:
            return
        for number, (source, target) in enumerate(
            zip(planes, (frame.y, frame.u, frame.v), strict=True)
        ):
            self._show(source, target, 1 if number == 0 else 2)
        if frame.alpha is not None:
            frame.alpha[...] = 255

    def _show(self, source: Plane, target: Plane, step: int) -> None:
        """Write a plane, in which one sample stands for ``step`` pixels on each side."""
        place = self._placement
        height, width = target.shape
        across = max(round(self._size[0] * place.scale / step), width)
        down = max(round(self._size[1] * place.scale / step), height)
        how = cv2.INTER_AREA if place.scale < 1 else cv2.INTER_CUBIC
        scaled = cv2.resize(source, (across, down), interpolation=how)
        left = min(max(round(-place.x / step), 0), across - width)
        top = min(max(round(-place.y / step), 0), down - height)
        target[...] = scaled[top : top + height, left : left + width]


def _decoded(spec: ClipSpec) -> Iterator[tuple[Plane, Plane, Plane]]:
    """Yield Y, U and V of each frame."""
    width, height = spec.width, spec.height
    luma, chroma = width * height, width * height // 4
    with av.open(str(spec.path)) as container:
        for frame in container.decode(video=0):
            samples = np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8).ravel()
            yield (
                samples[:luma].reshape(height, width),
                samples[luma : luma + chroma].reshape(height // 2, width // 2),
                samples[luma + chroma :].reshape(height // 2, width // 2),
            )
