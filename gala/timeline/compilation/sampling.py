"""What a layer looks and sounds like at a time: position, size, rotation, opacity, volume."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from gala.render_types.params.motion import MotionName
from gala.timeline.compilation.easings import eased
from gala.timeline.compilation.layers import WHOLE_PICTURE, Box, Layer, Part
from gala.timeline.document.elements import ImageElement, VideoElement
from gala.timeline.document.masks import MASK_VALUES, MaskParams
from gala.timeline.document.movement import CameraMotion, Keyframe, Timed
from gala.timeline.document.placement import MovedParams

_ANY: Final = (-math.inf, math.inf)
_LIMITS: Final = {
    "opacity": (0.0, 1.0),
    "scale": (0.0, math.inf),
    "blur": (0.0, math.inf),
    "volume": (0.0, math.inf),
}
"""What values are kept within where an easing goes further than its keyframes."""
_NO_KEYFRAMES: Final[tuple[Keyframe, ...]] = ()


@dataclass(frozen=True, slots=True)
class State:
    """A layer at a time."""

    center: tuple[float, float]
    """In pixels of the frame."""
    width: float
    height: float
    rotation: float
    """Degrees, clockwise, about the center."""
    opacity: float
    blur: float
    """Radius in pixels."""

    @property
    def box(self) -> Box:
        """The box before rotation."""
        left, top = self.center[0] - self.width / 2, self.center[1] - self.height / 2
        return Box(left, top, self.width, self.height)


def value_at(part: Part, name: str, time: float, otherwise: float) -> float:
    """Return what keyframes make of a value at a second of the film; ``otherwise`` without any."""
    frames = part.element.keyframes if isinstance(part.element, MovedParams) else _NO_KEYFRAMES
    return _value(frames, part, name, time, otherwise)


def _value(frames: Sequence[Timed], part: Part, name: str, time: float, otherwise: float) -> float:
    length = float(part.length)
    timed = sorted(
        (
            (_seconds(frame, length), frame.values[name], frame)
            for frame in frames
            if name in frame.values
        ),
        key=lambda one: one[0],
    )
    found = _between(timed, time - float(part.start), otherwise)
    low, high = _LIMITS.get(name, _ANY)
    return min(max(found, low), high)


def _seconds(frame: Timed, length: float) -> float:
    return frame.time.value * length if frame.time.is_fraction else frame.time.value


def _between(timed: Sequence[tuple[float, float, Timed]], at: float, otherwise: float) -> float:
    if not timed:
        return otherwise
    if at <= timed[0][0]:
        return timed[0][1]
    for (start, first, frame), (end, second, _) in pairwise(timed):
        if start <= at < end:
            return first + (second - first) * eased(frame.easing, (at - start) / (end - start))
    return timed[-1][1]


def fade_at(part: Part, time: float) -> float:
    """Return the factor that fades make of opacity and volume at a second of the film."""
    if not isinstance(part.element, MovedParams):
        return 1.0
    passed, left = time - float(part.start), float(part.end) - time
    begin, finish = part.element.fade_in, part.element.fade_out
    factor = min(1.0, passed / begin) if begin else 1.0
    factor *= min(1.0, left / finish) if finish else 1.0
    return max(factor, 0.0)


def volume_at(layer: Part, time: float) -> float:
    """Return the factor of a layer's sound at a second of the film, without ducking."""
    own = value_at(layer, "volume", time, getattr(layer.element, "volume", 1.0))
    return own * fade_at(layer, time)


@dataclass(frozen=True, slots=True)
class MaskState:
    """A mask at a time, in the box of its element."""

    center: tuple[float, float]
    """In parts of the box's sides."""
    scale: float
    rotation: float
    """Degrees, clockwise."""


def mask_at(part: Part, mask: MaskParams, time: float) -> MaskState:
    """Return a mask of an element at a second of the film."""
    x, y, scale, rotation = (
        _value(mask.keyframes, part, name, time, getattr(mask, name)) for name in MASK_VALUES
    )
    return MaskState((x, y), scale, rotation)


def state_at(layer: Part, time: float) -> State | None:
    """Return a layer at a second of the film; None if it has no place on the frame.

    The movements of the groups that it is in are included.
    """
    own = _own_state(layer, time)
    group = layer.group
    while own is not None and group is not None:
        own = _moved_by(group, own, time)
        group = group.group
    return own


def _own_state(part: Part, time: float) -> State | None:
    placement = part.placement
    if placement is None:
        return None
    box, anchor = placement.box, placement.anchor
    at_x, at_y = _anchor_at(part, time)
    element = part.element
    scale = value_at(part, "scale", time, getattr(element, "scale", 1.0))
    rotation = value_at(part, "rotation", time, getattr(element, "rotation", 0.0))
    blur = value_at(part, "blur", time, getattr(element, "blur", 0.0))
    opacity = value_at(part, "opacity", time, getattr(element, "opacity", 1.0))
    width, height = box.width * scale, box.height * scale
    across, down = _turned((0.5 - anchor[0]) * width, (0.5 - anchor[1]) * height, rotation)
    return State(
        center=(at_x + across, at_y + down),
        width=width,
        height=height,
        rotation=rotation,
        opacity=opacity * fade_at(part, time),
        blur=blur * min(part.frame.width, part.frame.height),
    )


def _anchor_at(part: Part, time: float) -> tuple[float, float]:
    """Return where the anchor of a part is."""
    placement = part.placement
    if placement is None:
        return 0.0, 0.0
    box, within = placement.box, placement.within
    rest_x = (box.left + placement.anchor[0] * box.width - within.left) / within.width
    rest_y = (box.top + placement.anchor[1] * box.height - within.top) / within.height
    return (
        within.left + value_at(part, "x", time, rest_x) * within.width,
        within.top + value_at(part, "y", time, rest_y) * within.height,
    )


def _moved_by(group: Part, state: State, time: float) -> State:
    """Return a state as the group that it is in moves it."""
    placement = group.placement
    moved = _own_state(group, time)
    if placement is None or moved is None:
        return state
    box = placement.box
    scale = moved.width / box.width if box.width else 0.0
    rest = box.center
    across, down = _turned(
        (state.center[0] - rest[0]) * scale, (state.center[1] - rest[1]) * scale, moved.rotation
    )
    return State(
        center=(moved.center[0] + across, moved.center[1] + down),
        width=state.width * scale,
        height=state.height * scale,
        rotation=state.rotation + moved.rotation,
        opacity=state.opacity * moved.opacity,
        blur=state.blur * scale + moved.blur,
    )


def _turned(across: float, down: float, degrees: float) -> tuple[float, float]:
    if not degrees:
        return across, down
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    return across * cosine - down * sine, across * sine + down * cosine


def crop_at(layer: Layer, time: float) -> Box:
    """Return the part of the picture that a layer shows at a second, in parts of its sides."""
    crop = layer.placement.crop if layer.placement is not None else WHOLE_PICTURE
    element = layer.element
    motion = element.motion if isinstance(element, ImageElement | VideoElement) else None
    if motion is None:
        return crop
    progress = min(max((time - float(layer.start)) / float(layer.length), 0.0), 1.0)
    window = _window(motion, progress)
    return Box(
        crop.left + window.left * crop.width,
        crop.top + window.top * crop.height,
        window.width * crop.width,
        window.height * crop.height,
    )


_WAYS: Final = {
    MotionName.PAN_LEFT: (-1, 0),
    MotionName.PAN_RIGHT: (1, 0),
    MotionName.PAN_UP: (0, -1),
    MotionName.PAN_DOWN: (0, 1),
}
"""Where the camera goes: across, down."""
_KEN_BURNS_CENTER: Final = (0.5, 0.35)
"""What the camera goes to: faces are above the middle of most pictures."""


def _window(motion: CameraMotion, progress: float) -> Box:
    """Return the part of the cropped picture that the camera sees."""
    if motion.type in _WAYS:
        side = 1 / (1 + motion.amount)
        across, down = _WAYS[motion.type]
        left = 0.5 + across * (progress - 0.5)
        top = 0.5 + down * (progress - 0.5)
        return Box(left * (1 - side), top * (1 - side), side, side)
    zoom = 1 - progress if motion.type is MotionName.ZOOM_OUT else progress
    side = 1 / (1 + motion.amount * zoom)
    x, y = _KEN_BURNS_CENTER if motion.type is MotionName.KEN_BURNS else (0.5, 0.5)
    return Box(x * (1 - side), y * (1 - side), side, side)
