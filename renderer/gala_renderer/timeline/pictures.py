"""The pictures of a composition: each layer a branch of the graph, laid over those below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala.render_types.params.framing import Fit
from gala.timeline.compilation.layers import WHOLE_PICTURE, Box, CompiledTimeline, Layer
from gala.timeline.document.elements import (
    ImageElement,
    ShapeElement,
    TextElement,
    VideoElement,
)
from gala_renderer.ffmpeg import scaling, text_overlay, transparency
from gala_renderer.ffmpeg.color import normalise_colour, transparent_rgb
from gala_renderer.ffmpeg.inputs import Stream, own_input, seconds_text, user_input
from gala_renderer.ffmpeg.part_source import pictures_from
from gala_renderer.ffmpeg.video_source import pictures, rate_text
from gala_renderer.probe.media import Media, VideoStream
from gala_renderer.text_layout.font_registry import FontRegistry
from gala_renderer.timeline.drawn import Area, paint_color, paint_mask, paint_shape
from gala_renderer.timeline.measured import laid_out, style_of

_ACROSS: Final = {"left": 0.0, "center": 0.5, "right": 1.0}


@dataclass(frozen=True, slots=True)
class Shown:
    """A layer that is ready to be laid over others: a drawn PNG, or a file with its area."""

    layer: Layer
    area: Area
    drawn: Path | None = None
    media: Media | None = None
    mask: Path | None = None


class LayerPainter:
    """Draws what has to be drawn of the layers into a folder."""

    def __init__(
        self,
        compiled: CompiledTimeline,
        files: Mapping[str, Media],
        fonts: FontRegistry,
        folder: Path,
    ):
        self._compiled = compiled
        self._files = files
        self._fonts = fonts
        self._folder = folder
        self._size = (compiled.frame.width, compiled.frame.height)
        self.missing: dict[str, None] = {}
        """Characters that no font has."""

    def paint(self) -> list[Shown]:
        """Return the layers that are seen, the lowest first."""
        paint_color(self._folder / "background.png", self._compiled.background, self._size)
        found = [self._shown(layer) for layer in self._compiled.layers if layer.is_visible]
        return [shown for shown in found if shown is not None]

    def scene_backgrounds(self) -> list[tuple[Path, int, int]]:
        """Draw the backgrounds of scenes that have their own; return them with their frames."""
        found = []
        for scene in self._compiled.scenes:
            if scene.background != self._compiled.background:
                path = self._folder / f"scene-{scene.number}.png"
                paint_color(path, scene.background, self._size)
                found.append((path, scene.first_frame, scene.end_frame))
        return found

    def _shown(self, layer: Layer) -> Shown | None:
        placement, element = layer.placement, layer.element
        if placement is None:
            return None
        path = self._folder / f"layer-{layer.number}.png"
        if isinstance(element, TextElement):
            return self._text(layer, element, placement.box, path)
        area = Area.of(placement.backdrop or placement.box, self._size)
        if area is None:
            return None
        if isinstance(element, ShapeElement):
            paint_shape(path, element, area, min(self._size))
            return Shown(layer, area, drawn=path)
        if not isinstance(element, VideoElement | ImageElement):
            return None
        mask = path if element.radius else None
        if mask is not None:
            paint_mask(mask, area, element.radius)
        return Shown(layer, area, media=self._files[element.src], mask=mask)

    def _text(self, layer: Layer, element: TextElement, box: Box, path: Path) -> Shown | None:
        short_side = min(self._size)
        block, lines = laid_out(element, box.width, short_side, self._fonts)
        self.missing.update(dict.fromkeys(block.missing))
        padding = style_of(element, short_side).box_padding
        free = box.width - 2 * padding - block.width
        left = box.left + padding + free * _ACROSS[element.align.value]
        top = box.top + (box.height - block.height) / 2
        corner = text_overlay.paint(block, lines, (round(left), round(top)), self._size, path)
        if corner is None:
            return None
        return Shown(layer, Area(*corner, 0, 0, WHOLE_PICTURE), drawn=path)


def picture_stream(
    compiled: CompiledTimeline,
    layers: Sequence[Shown],
    folder: Path,
    backgrounds: Sequence[tuple[Path, int, int]] = (),
) -> Stream:
    """Return the film's pictures, 8-bit 4:2:0 in BT.709, from frame 0 on."""
    rate = Fraction(compiled.frame.fps)
    base = _repeated(_converted(own_input(folder / "background.png"), "yuv420p"), rate)
    shown = base.trim(end_frame=compiled.frames)
    for path, first, end in backgrounds:
        picture = _converted(own_input(path), "yuv420p")
        shown = _over(shown, picture, (0, 0), _Span(first, end, rate), is_still=True)
    for one in layers:
        top, is_still = _branch(one, rate)
        span = _Span(one.layer.first_frame, one.layer.end_frame, rate)
        shown = _over(shown, top, (one.area.x, one.area.y), span, is_still=is_still)
    return shown


@dataclass(frozen=True, slots=True)
class _Span:
    """The frames in which something is seen, from ``first`` to before ``end``."""

    first: int
    end: int
    rate: Fraction

    @property
    def expression(self) -> str:
        """FFmpeg's expression for it, in times between frames: rounding cannot move an edge."""
        half = Fraction(1, 2)
        start, stop = (float((at - half) / self.rate) for at in (self.first, self.end))
        return f"gte(t,{seconds_text(start)})*lt(t,{seconds_text(stop)})"


def _over(
    base: Stream, top: Stream, corner: tuple[int, int], span: _Span, *, is_still: bool
) -> Stream:
    return ffmpeg.filter(
        [base, top],
        "overlay",
        x=corner[0],
        y=corner[1],
        format="yuv420",
        eof_action="repeat" if is_still else "pass",
        eval="init",
        enable=span.expression,
    )


def _branch(one: Shown, rate: Fraction) -> tuple[Stream, bool]:
    """Return the frames of a layer, and whether it is one frame that stands."""
    layer = one.layer
    if one.drawn is not None:
        still, is_still = _converted(own_input(one.drawn), "yuva420p"), True
    else:
        still, is_still = _file_frames(one, rate)
    fades = _fades(layer)
    if is_still and (fades or one.mask is not None):
        still = _at(_repeated(still, rate).trim(end_frame=_frames(layer)), layer, rate)
    elif not is_still:
        still = _at(still, layer, rate)
    if one.mask is not None:
        mask = _repeated(own_input(one.mask).filter("format", "gray"), rate)
        mask = _at(mask.trim(end_frame=_frames(layer)), layer, rate)
        still = transparency.masked(still.filter("format", "yuva420p"), mask)
    opacity = float(getattr(layer.element, "opacity", 1.0))
    if opacity < 1 or fades:
        still = still.filter("format", "yuva420p")
    if opacity < 1:
        still = still.filter("lut", a=f"val*{opacity:.4f}")
    for options in fades:
        still = still.filter("fade", alpha=1, **options)
    return still, is_still and not fades and one.mask is None


def _frames(layer: Layer) -> int:
    return layer.end_frame - layer.first_frame


def _at(stream: Stream, layer: Layer, rate: Fraction) -> Stream:
    """Return the frames of a layer at their times in the film."""
    first = float(layer.first_frame / rate)
    return stream.filter("setpts", f"PTS-STARTPTS+{first:.6f}/TB")


def _fades(layer: Layer) -> list[dict[str, Any]]:
    element, start, end = layer.element, float(layer.start), float(layer.end)
    fade_in = float(getattr(element, "fade_in", 0.0))
    if layer.transition is not None:
        fade_in = max(fade_in, layer.transition.transition.duration)
    fade_out = float(getattr(element, "fade_out", 0.0))
    found: list[dict[str, Any]] = []
    if fade_in:
        found.append({"t": "in", "st": seconds_text(start), "d": seconds_text(fade_in)})
    if fade_out:
        begin = seconds_text(end - fade_out)
        found.append({"t": "out", "st": begin, "d": seconds_text(fade_out)})
    return found


def _converted(drawn: Stream, pixels: str) -> Stream:
    return drawn.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", pixels)


def _repeated(one: Stream, rate: Fraction) -> Stream:
    return one.filter("loop", loop=-1, size=1).filter("settb", f"1/{rate}").filter(
        "setpts", "N"
    ).filter("fps", rate_text(rate))  # fmt: skip


def _file_frames(one: Shown, rate: Fraction) -> tuple[Stream, bool]:
    """Return the frames of a file, fitted to its area, and whether it is a single one."""
    media, layer = one.media, one.layer
    assert media is not None  # noqa: S101 - for the type checker
    picture = media.require_picture(layer.pointer)
    if picture.still:
        # The number keeps it apart from the same picture elsewhere in the graph.
        first = user_input(media, an=None).video.trim(end_frame=1)
        return _fitted(first.filter("setpts", f"{layer.number}-{layer.number}"), picture, one), True
    source = layer.source
    if source is None or source.freeze:
        start = Fraction(0) if source is None else source.start
        return _fitted(pictures_from(media, start, 1, rate), picture, one), True
    frames = _frames(layer)
    if source.loop:
        seconds = float(frames / rate)
        repeated = pictures(media, rate, loop_for=seconds * source.speed, factor=source.speed)
        return _fitted(repeated, None, one).trim(end_frame=frames), False
    played = frames if source.holds_from is None else max(1, round(source.holds_from * rate))
    speed = Fraction(source.speed).limit_denominator(1000)
    shown = pictures_from(media, source.start, min(frames, played), rate / speed)
    shown = shown.filter("settb", f"1/{rate}").filter("setpts", "N")
    held = shown.filter("tpad", stop=max(0, frames - played), stop_mode="clone")
    return _fitted(held, picture, one), False


def _fitted(stream: Stream, picture: VideoStream | None, one: Shown) -> Stream:
    """Return frames in SDR, cropped and scaled to the layer's area."""
    placement, area = one.layer.placement, one.area
    assert placement is not None  # noqa: S101 - for the type checker
    if placement.backdrop is not None:
        shown = stream if picture is None else normalise_colour(stream, picture)
        width, height = _whole_size(area)
        shown = scaling.fitted(shown, width, height, Fit.BLUR)
        return _scaled(shown, area.part, area) if area.part != WHOLE_PICTURE else shown
    crop = _within(placement.crop, area.part)
    if picture is not None and picture.alpha:
        return transparency.layer(
            transparent_rgb(stream, picture),
            lambda frames: _scaled(frames, crop, area, flags=transparency.SMOOTH),
        )
    shown = stream if picture is None else normalise_colour(stream, picture)
    return _scaled(shown, crop, area)


def _whole_size(area: Area) -> tuple[int, int]:
    return (
        2 * round(area.width / area.part.width / 2),
        2 * round(area.height / area.part.height / 2),
    )


def _within(crop: Box, part: Box) -> Box:
    return Box(
        crop.left + part.left * crop.width,
        crop.top + part.top * crop.height,
        part.width * crop.width,
        part.height * crop.height,
    )


def _scaled(stream: Stream, crop: Box, area: Area, flags: str = "bicubic") -> Stream:
    if crop != WHOLE_PICTURE:
        stream = stream.filter(
            "crop",
            w=f"max(1,iw*{crop.width:.6f})",
            h=f"max(1,ih*{crop.height:.6f})",
            x=f"iw*{crop.left:.6f}",
            y=f"ih*{crop.top:.6f}",
        )
    scaled = stream.filter("scale", w=area.width, h=area.height, flags=flags)
    return scaled.filter("setsar", 1)
