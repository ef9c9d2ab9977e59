"""Films whose pictures repeat: they are encoded once, and repeated by copying. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from gala.timeline.compilation.layers import CompiledTimeline, Layer
from gala.timeline.document.elements import VideoElement
from gala_renderer.probe.media import Media
from gala_renderer.timeline.rounds import steady_frames

_STILL_SECONDS: Final = 10
"""Length of what is repeated where nothing moves."""
_STANDING: Final = frozenset({"image", "text", "shape", "svg"})
_MOVING: Final = frozenset({"keyframes", "motion", "fade_in", "fade_out"})
_MAX_COPIES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Repetition:
    """The frames that repeat, how often they are shown whole, and the frames of the rest."""

    frames: int
    count: int
    rest: int


def repetition_of(compiled: CompiledTimeline, files: Mapping[str, Media]) -> Repetition | None:
    """Return how the pictures of a film repeat; None if they do not, or less than twice.

    They do if each layer is seen from the first to the last frame, and nothing moves but one video
    that is looped.
    """
    if len(compiled.scenes) > 1:
        return None
    shown = [layer for layer in compiled.layers if layer.is_visible]
    moving = [layer for layer in shown if not _stands(layer, files)]
    if not all(_is_whole(layer, compiled) for layer in shown) or len(moving) > 1:
        return None
    frames = _STILL_SECONDS * compiled.frame.fps
    if moving:
        found = _looped_frames(moving[0], compiled, files)
        if found is None:
            return None
        frames = found
    count, rest = divmod(compiled.frames, frames)
    return Repetition(frames, count, rest) if 2 <= count <= _MAX_COPIES else None


def _is_whole(layer: Layer, compiled: CompiledTimeline) -> bool:
    covers = layer.first_frame == 0 and layer.end_frame == compiled.frames
    return covers and layer.transition is None and not _moves(layer)


def _moves(layer: Layer) -> bool:
    part: Any = layer
    while part is not None:
        fields = type(part.element).model_fields
        names = _MOVING.union(name for name in fields if name.startswith("anim"))
        mask = getattr(part.element, "mask", None)
        if any(getattr(part.element, name, None) for name in names) or (mask and mask.keyframes):
            return True
        part = part.group
    return False


def _stands(layer: Layer, files: Mapping[str, Media]) -> bool:
    if layer.source is not None:
        return layer.source.freeze
    picture = files[layer.element.src].picture if layer.element.type == "image" else None
    return layer.element.type in _STANDING and (picture is None or picture.still)


def _looped_frames(
    layer: Layer, compiled: CompiledTimeline, files: Mapping[str, Media]
) -> int | None:
    """Return the frames of one round of a looped video; None if its sound would drift off."""
    source, element = layer.source, layer.element
    if not isinstance(element, VideoElement) or source is None or not source.loop:
        return None
    if source.reverse or source.start or source.end is not None:
        return None
    return steady_frames(layer, files[element.src], Fraction(compiled.frame.fps))


def cut_to(compiled: CompiledTimeline, frames: int) -> CompiledTimeline:
    """Return the first frames of a film whose pictures repeat."""
    length = Fraction(frames, compiled.frame.fps)
    return replace(
        compiled,
        frames=frames,
        length=length,
        layers=tuple(_shorter(layer, frames, length) for layer in compiled.layers),
        scenes=tuple(replace(scene, end=length, end_frame=frames) for scene in compiled.scenes),
    )


def _shorter(layer: Layer, frames: int, length: Fraction) -> Layer:
    group = None if layer.group is None else replace(layer.group, end=length)
    return replace(layer, end=length, end_frame=frames, group=group)


def parts(repetition: Repetition) -> Iterator[tuple[str, int]]:
    """Yield name and frames of each file that is encoded."""
    yield "once.mp4", repetition.frames
    if repetition.rest:
        yield "rest.mp4", repetition.rest


def repeated(repetition: Repetition) -> list[str]:
    """Return the names of the files in the order in which they are seen."""
    return ["once.mp4"] * repetition.count + ["rest.mp4"] * bool(repetition.rest)
