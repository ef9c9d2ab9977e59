"""How a layer moves: where it is in each of its frames, and what of the film that covers. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala.timeline.compilation.layers import WHOLE_PICTURE, Box, Layer, Part
from gala.timeline.compilation.sampling import MaskState, State, crop_at, mask_at, state_at
from gala.timeline.document.masks import MaskParams
from gala.timeline.document.placement import MovedParams, VisibleParams
from gala_renderer.timeline.drawing.job import COLUMNS
from gala_renderer.timeline.drawing.matrices import Matrix, corners
from gala_renderer.timeline.graph import Span

_AT_REST: Final = {
    "scale": 1.0,
    "rotation": 0.0,
    "blur": 0.0,
    "motion": None,
    "animation_in": None,
    "animation_out": None,
}
_BLUR_REACH: Final = 3.0
_LOOKS: Final = 50
_CERTAIN: Final = 0.01
"""Pixels by which a picture may miss an edge because of rounding."""


def moves(layer: Layer) -> bool:
    """Return True if a layer is drawn frame by frame: it moves, or its group changes it."""
    if _is_moved(layer):
        return True
    mask = own_mask(layer)
    if mask is not None and mask.is_moved:
        return True
    for group in layer.groups:
        element = group.element
        faded = isinstance(element, MovedParams) and (element.fade_in or element.fade_out)
        if _is_moved(group) or faded or getattr(element, "opacity", 1.0) < 1:
            return True
    return False


def own_mask(part: Part) -> MaskParams | None:
    """Return the mask of an element or a group."""
    return part.element.mask if isinstance(part.element, VisibleParams) else None


def _is_moved(part: Part) -> bool:
    element = part.element
    frames = element.keyframes if isinstance(element, MovedParams) else ()
    if any(set(frame.values) - {"volume"} for frame in frames):
        return True
    return any(getattr(element, name, usual) != usual for name, usual in _AT_REST.items())


@dataclass(frozen=True, slots=True)
class Movement:
    """A layer in each of its frames."""

    rest: Box
    """Its box when nothing moves it."""
    outline: Box
    """What masks and round corners are of: its box, with the blurred copy of fit ``blur``."""
    states: tuple[State, ...]
    windows: tuple[Box, ...]
    """The part of the material that is seen, in parts of its sides."""
    masks: tuple[MaskState, ...] = ()
    """The mask in its box, if it moves in that."""

    @property
    def zoom(self) -> float:
        """How many times larger than at rest it becomes; at most 8."""
        scales = [
            state.width / self.rest.width / window.width
            for state, window in zip(self.states, self.windows, strict=True)
            if self.rest.width
        ]
        return min(8.0, max(scales, default=1.0))

    @property
    def is_windowed(self) -> bool:
        """Return True if only a part of the material is seen."""
        return any(window != WHOLE_PICTURE for window in self.windows)

    def poses(
        self,
        box: Box,
        size: tuple[int, int],
        mask: tuple[int, int],
        cutout: tuple[int, int] | None = None,
    ) -> NDArray[np.float64]:
        """Return the rows of a job, in pixels of the film.

        ``box`` is what the material of ``size`` pixels covers at rest; ``mask`` is the size of
        a picture that covers the outline of the layer, ``cutout`` that of a mask that moves in it.
        """
        rows = np.zeros((len(self.states), COLUMNS))
        for row, state, window in zip(rows, self.states, self.windows, strict=True):
            plane = self._plane(state)
            row[:6] = (plane @ _onto(self._seen(box, window), size))[:2].ravel()
            row[6:8] = min(max(state.opacity, 0.0), 1.0), state.blur
            row[8:14] = (plane @ _onto(self.outline, mask))[:2].ravel()
        if cutout is not None:
            for row, state, moved in zip(rows, self.states, self.masks, strict=True):
                row[14:] = (self._plane(state) @ self._in_box(moved, cutout))[:2].ravel()
        return rows

    def _in_box(self, mask: MaskState, size: tuple[int, int]) -> NDArray[np.float64]:
        """Return the matrix from pixels of a mask to where it is when nothing moves its box."""
        rest, angle = self.outline, math.radians(mask.rotation)
        cosine, sine = math.cos(angle) * mask.scale, math.sin(angle) * mask.scale
        turned = np.array([[cosine, -sine], [sine, cosine]])
        center = rest.left + mask.center[0] * rest.width, rest.top + mask.center[1] * rest.height
        shift = np.asarray(center) - turned @ np.asarray(rest.center)
        whole = np.vstack([np.column_stack([turned, shift]), [0.0, 0.0, 1.0]])
        return np.asarray(whole @ _onto(rest, size))

    def _seen(self, box: Box, window: Box) -> Box:
        """Return what the whole material covers at rest if a part of it covers its box."""
        width, height = box.width / window.width, box.height / window.height
        return Box(box.left - window.left * width, box.top - window.top * height, width, height)

    def _plane(self, state: State) -> NDArray[np.float64]:
        """Return the matrix that moves the film's plane so that the layer at rest is in a state."""
        rest, angle = self.rest, math.radians(state.rotation)
        across = state.width / rest.width if rest.width else 0.0
        down = state.height / rest.height if rest.height else 0.0
        cosine, sine = math.cos(angle), math.sin(angle)
        turned = np.array([[cosine * across, -sine * down], [sine * across, cosine * down]])
        shift = np.asarray(state.center) - turned @ np.asarray(rest.center)
        return np.vstack([np.column_stack([turned, shift]), [0.0, 0.0, 1.0]])


def movement_of(layer: Layer, span: Span) -> Movement | None:
    """Return how a layer moves in the frames of a span; None if it has no place."""
    return _movement_at(layer, range(span.first, span.end), span.rate)


def zoom_of(layer: Layer, rate: Fraction) -> float:
    """Return how many times larger than at rest a layer becomes, as seen in some of its frames."""
    first, last = layer.first_frame, layer.end_frame - 1
    step = max(1, (last - first) // _LOOKS)
    movement = _movement_at(layer, [*range(first, last, step), last], rate)
    return 1.0 if movement is None else movement.zoom


def _movement_at(layer: Layer, frames: Iterable[int], rate: Fraction) -> Movement | None:
    placement = layer.placement
    if placement is None:
        return None
    times = [float(number / rate) for number in frames]
    states = [state_at(layer, time) for time in times]
    mask = own_mask(layer)
    mask = mask if mask is not None and mask.is_moved else None
    return Movement(
        placement.box,
        placement.backdrop or placement.box,
        tuple(state for state in states if state is not None),
        tuple(_window(layer, placement.crop, time) for time in times),
        () if mask is None else tuple(mask_at(layer, mask, time) for time in times),
    )


def _window(layer: Layer, crop: Box, time: float) -> Box:
    """Return the part of the cropped picture that the camera sees."""
    seen = crop_at(layer, time)
    if seen == crop:
        return WHOLE_PICTURE
    return Box(
        (seen.left - crop.left) / crop.width,
        (seen.top - crop.top) / crop.height,
        seen.width / crop.width,
        seen.height / crop.height,
    )


def _onto(box: Box, size: tuple[int, int]) -> NDArray[np.float64]:
    """Return the matrix from pixels of a picture of ``size`` to the box that it covers."""
    across, down = box.width / size[0], box.height / size[1]
    return np.array([[across, 0.0, box.left], [0.0, down, box.top], [0.0, 0.0, 1.0]])


def covered(
    poses: NDArray[np.float64], size: tuple[int, int], mask: tuple[int, int] | None
) -> Iterator[Box]:
    """Yield the box that is covered in each frame in which anything is seen."""
    for row in poses:
        left, top, right, bottom = corners(_matrix(row[:6]), size)
        if mask is not None:
            edges = corners(_matrix(row[8:14]), mask)
            left, top = max(left, edges[0]), max(top, edges[1])
            right, bottom = min(right, edges[2]), min(bottom, edges[3])
        reach = 1 + _BLUR_REACH * row[7]
        if row[6] > 0 and right > left and bottom > top:
            yield Box(left - reach, top - reach, right - left + 2 * reach, bottom - top + 2 * reach)


def covers_all(
    poses: NDArray[np.float64], size: tuple[int, int], mask: tuple[int, int], film: tuple[int, int]
) -> bool:
    """Return True if an opaque picture hides the whole film in each frame."""
    # Turned pictures are left to the program that draws any.
    if (poses[:, [1, 3, 7]] != 0).any() or (poses[:, 6] < 1).any():
        return False
    boxes = [
        corners(_matrix(row[start : start + 6]), picture)
        for row in poses
        for start, picture in ((0, size), (8, mask))
    ]
    left, top, right, bottom = np.asarray(boxes).T
    is_inside = max(left.max(), top.max()) <= _CERTAIN
    return bool(
        is_inside and right.min() >= film[0] - _CERTAIN and bottom.min() >= film[1] - _CERTAIN
    )


def _matrix(row: NDArray[np.float64]) -> Matrix:
    return row.reshape(2, 3)
