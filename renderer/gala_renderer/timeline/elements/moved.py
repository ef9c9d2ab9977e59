"""Elements that move: drawn frame by frame, by parts of a pixel, by a program beside FFmpeg."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from gala.errors import EngineMissing
from gala.installation import install_hint
from gala.timeline.compilation.layers import Box, Layer
from gala.timeline.document.placement import MovedParams
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream, seconds_text
from gala_renderer.ffmpeg.video_source import even
from gala_renderer.timeline.drawing.job import Cutout, Mask, Material, MovingJob
from gala_renderer.timeline.drawn import Area, drawn_mask
from gala_renderer.timeline.graph import Branch, Span, raw_frames
from gala_renderer.timeline.masks import drawn_mask_of
from gala_renderer.timeline.movement import Movement, covered, covers_all, movement_of, own_mask
from gala_renderer.timeline.studio import Shown, Studio

_MAX_PIXELS: Final = 24_000_000
"""Of a material."""
_MAX_MASK_PIXELS: Final = 6_000_000
"""Masks are drawn larger than they are, so that they take many times the memory."""
_NEARLY_LOSSLESS: Final = {"c:v": "libx264rgb", "preset": "ultrafast", "crf": 6}


@dataclass(frozen=True, slots=True)
class Rest:
    """An element as it is when nothing moves it."""

    material: Material
    box: Box
    """What of the film the material covers."""
    radius: float = 0.0
    """Of the corners of the layer's box, in parts of its shorter side."""
    is_opaque: bool = False
    first: int | None = None
    """The film's frame with which a video begins; None for that of the layer."""


@dataclass(frozen=True, slots=True)
class Masks:
    """What of a layer that moves is seen."""

    mask: Mask | None
    """Of its box: round corners, a window on a larger picture, a mask that stays there."""
    cutout: Cutout | None
    """A mask that moves within its box."""


@dataclass(frozen=True, slots=True)
class MovedLayer:
    """A layer that moves."""

    layer: Layer
    area: Area
    studio: Studio
    rest: Rest
    masks: Masks
    is_opaque: bool
    """Whether it covers the whole film all the time."""

    def branch(self, span: Span, *, fade_in: float = 0.0, fade_out: float = 0.0) -> Branch:
        """Return its frames of the span, and have the program draw them."""
        layer, area, number = self.layer, self.area, self.studio.number()
        pipe = self.studio.path(layer, f"-{number}.pipe")
        poses = self.studio.path(layer, f"-{number}.npy")
        movement = movement_of(layer, span)
        if movement is not None:
            rows = _poses(movement, self.rest, self.masks)
            rows[:, [2, 10, 16]] -= area.x
            rows[:, [5, 13, 19]] -= area.y
            np.save(poses, rows, allow_pickle=False)
        self.studio.moving.append(
            MovingJob(
                pipe=pipe,
                width=area.width,
                height=area.height,
                alpha=not self.is_opaque,
                material=self.rest.material,
                poses=poses,
                skipped=span.first - (self.rest.first or layer.first_frame),
                mask=None if self.is_opaque else self.masks.mask,
                cutout=self.masks.cutout,
            )
        )
        size = (area.width, area.height)
        shown = span.on_time(raw_frames(pipe, size, span.rate, alpha=not self.is_opaque))
        if self.is_opaque:
            # Drawn without transparency.
            fade_in = max(fade_in, float(getattr(layer.element, "fade_in", 0.0)))
            fade_out = max(fade_out, float(getattr(layer.element, "fade_out", 0.0)))
        return Branch(faded(shown, layer, fade_in, fade_out))


def make_moved(layer: Layer, studio: Studio, rest: Rest, movement: Movement) -> Shown | None:
    """Return a layer that moves; None if it is never on the frame.

    Raise EngineMissing without OpenCV.
    """
    if find_spec("cv2") is None:
        raise EngineMissing("Movement needs OpenCV.", hint=install_hint("avatars"))
    masks = Masks(_mask(layer, studio, rest, movement), _cutout(layer, studio, movement))
    poses, size = _poses(movement, rest, masks), (rest.material.width, rest.material.height)
    mask_size = _mask_size(movement, masks.mask)
    if rest.is_opaque and not rest.radius and own_mask(layer) is None:
        if _fades_only(layer):
            poses[:, 6] = 1.0
        if covers_all(poses, size, mask_size, studio.size):
            return MovedLayer(layer, Area.whole(*studio.size), studio, rest, masks, is_opaque=True)
        poses = _poses(movement, rest, masks)
    boxes = list(covered(poses, size, None if masks.mask is None else mask_size))
    if not boxes:
        return None
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    around = Box(left - 1, top - 1, right - left + 4, bottom - top + 4)
    area = Area.of(around, studio.size)
    if area is None:
        return None
    return MovedLayer(layer, area, studio, rest, masks, is_opaque=False)


def material_size(box: Box, zoom: float) -> tuple[tuple[int, int], float]:
    """Return the even size in pixels of what covers a box at a zoom, and how large that is.

    Very large pictures are made smaller.
    """
    pixels = max(1.0, box.width * box.height)
    scale = min(max(zoom, 1.0), (_MAX_PIXELS / pixels) ** 0.5)
    return (even(box.width * scale), even(box.height * scale)), scale


def raw_picture(picture: Image.Image, path: Path) -> Material:
    """Write a picture in RGBA as raw samples."""
    path.write_bytes(picture.tobytes())
    return Material(
        kind="picture", path=path, width=picture.width, height=picture.height, alpha=True
    )


def raw_file(rgba: Stream, path: Path) -> tuple[str, ...]:
    """Return the arguments that write one picture as raw samples."""
    options = {"f": "rawvideo", "frames:v": 1, **REPRODUCIBLE}
    return tuple(ffmpeg.output(rgba, str(path), **options).get_args())


def clip_file(rgba: Stream, path: Path, *, alpha: bool) -> tuple[str, ...]:
    """Return the arguments that write a video of RGB, with the opacity below it."""
    if alpha:
        copies = rgba.split()
        grey = copies[1].filter("alphaextract").filter("format", "gray").filter("format", "rgb24")
        rgba = ffmpeg.filter([copies[0].filter("format", "rgb24"), grey], "vstack")
    options = {"f": "mp4", **_NEARLY_LOSSLESS, **REPRODUCIBLE}
    return tuple(ffmpeg.output(rgba.filter("format", "rgb24"), str(path), **options).get_args())


def _fades_only(layer: Layer) -> bool:
    """Return True if only fades at its ends change the opacity of a layer."""
    element = layer.element
    frames = element.keyframes if isinstance(element, MovedParams) else ()
    keyed = any("opacity" in frame.values for frame in frames)
    return layer.group is None and not keyed and getattr(element, "opacity", 1.0) >= 1


def _poses(movement: Movement, rest: Rest, masks: Masks) -> NDArray[np.float64]:
    size, cutout = (rest.material.width, rest.material.height), masks.cutout
    cut = None if cutout is None else (cutout.width, cutout.height)
    return movement.poses(rest.box, size, _mask_size(movement, masks.mask), cut)


def _mask_size(movement: Movement, mask: Mask | None) -> tuple[int, int]:
    if mask is not None:
        return mask.width, mask.height
    return max(1, round(movement.outline.width)), max(1, round(movement.outline.height))


def _mask(layer: Layer, studio: Studio, rest: Rest, movement: Movement) -> Mask | None:
    """Return the mask of round corners, or of a window on a larger picture."""
    own = own_mask(layer)
    if own is not None and own.is_moved:
        own = None
    if not rest.radius and not movement.is_windowed and own is None:
        return None
    size = _drawn_size(movement.outline, 1.0)
    path = studio.path(layer, "-mask.gray")
    drawn = drawn_mask(Area.whole(*size), rest.radius)
    if own is not None:
        drawn = ImageChops.multiply(drawn, drawn_mask_of(own, size, studio, layer.pointer))
    path.write_bytes(drawn.tobytes())
    return Mask(path=path, width=size[0], height=size[1])


def _cutout(layer: Layer, studio: Studio, movement: Movement) -> Cutout | None:
    """Return the mask of a layer that moves within its box."""
    own = own_mask(layer)
    if own is None or not own.is_moved:
        return None
    size = _drawn_size(movement.outline, own.largest_scale)
    path = studio.path(layer, "-cutout.gray")
    shown = own.model_copy(update={"invert": False})
    path.write_bytes(drawn_mask_of(shown, size, studio, layer.pointer).tobytes())
    return Cutout(path=path, width=size[0], height=size[1], inverted=own.invert)


def _drawn_size(box: Box, zoom: float) -> tuple[int, int]:
    """Return the size in pixels of a mask over a box that becomes as many times larger."""
    most = (_MAX_MASK_PIXELS / max(1.0, box.width * box.height)) ** 0.5
    scale = min(max(zoom, 1.0), most)
    return even(box.width * scale), even(box.height * scale)


def faded(stream: Stream, layer: Layer, fade_in: float, fade_out: float) -> Stream:
    """Return frames with the fades of transitions; those of the element are drawn."""
    if not fade_in and not fade_out:
        return stream
    stream = stream.filter("format", "yuva420p")
    if fade_in:
        start, length = seconds_text(float(layer.start)), seconds_text(fade_in)
        stream = stream.filter("fade", t="in", alpha=1, st=start, d=length)
    if fade_out:
        start, length = seconds_text(float(layer.end) - fade_out), seconds_text(fade_out)
        stream = stream.filter("fade", t="out", alpha=1, st=start, d=length)
    return stream
