"""Frames that a program draws, and a logo, as layers of a video. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala_renderer.engine.plan import Canvas
from gala_renderer.ffmpeg import scaling, transparency
from gala_renderer.ffmpeg.color import normalise_colour, transparent_rgb
from gala_renderer.ffmpeg.inputs import Stream, own_input, user_input
from gala_renderer.ffmpeg.overlay import Rectangle
from gala_renderer.probe.media import Media

_TAGS: Final = {
    "color_primaries": "bt709",
    "color_trc": "bt709",
    "colorspace": "bt709",
    "range": "tv",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLayer:
    """Frames that a program draws and writes to a pipe, shown in ``box`` of the canvas.

    With ``alpha`` they have transparency, straight. ``sparse`` ones come in IVF, each with its
    number, without those that repeat the one before. ``mask``, ``border`` and ``shadow`` are PNGs
    as :mod:`gala_renderer.ffmpeg.overlay` paints them.
    """

    pipe: Path
    box: Rectangle
    alpha: bool = False
    sparse: bool = False
    mask: Path | None = None
    border: Path | None = None
    shadow: Path | None = None

    def covers(self, canvas: Canvas) -> bool:
        """Return True if nothing below the layer can be seen."""
        same = (self.box.width, self.box.height) == (canvas.width, canvas.height)
        return same and not self.alpha and self.mask is None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoLayer:
    """A picture that is shown in ``box`` of the canvas all the time."""

    media: Media
    box: Rectangle
    opacity: float = 1.0


def frames_of(layer: DrawnLayer, canvas: Canvas) -> Stream:
    """Return the frames of the layer: 8-bit 4:2:0 BT.709, with transparency if it has a mask."""
    raw = _input(layer, canvas)
    shown = raw.filter("setparams", **_TAGS).filter("setsar", 1)
    if layer.mask is None:
        return shown
    mask = own_input(layer.mask).filter("format", "gray")
    return transparency.masked(shown.filter("format", "yuva420p"), _repeated(mask, canvas))


def _input(layer: DrawnLayer, canvas: Canvas) -> Stream:
    if layer.sparse:
        return ffmpeg.input(str(layer.pipe), f="ivf", thread_queue_size=2).video
    return ffmpeg.input(
        str(layer.pipe),
        f="rawvideo",
        pixel_format="yuva420p" if layer.alpha else "yuv420p",
        video_size=(layer.box.width, layer.box.height),
        framerate=canvas.fps,
        thread_queue_size=2,
    ).video


def over_background(base: Stream, layer: DrawnLayer, canvas: Canvas) -> Stream:
    """Overlay the layer, with its shadow and border, on a background at the canvas's rate."""
    box, shown = layer.box, base
    if layer.shadow is not None:
        shown = overlaid(shown, _drawn(layer.shadow, canvas), 0, 0)
    shown = overlaid(shown, frames_of(layer, canvas), box.x, box.y)
    if layer.border is not None:
        shown = overlaid(shown, _drawn(layer.border, canvas), box.x, box.y)
    return shown


def with_logo(base: Stream, logo: LogoLayer, canvas: Canvas) -> Stream:
    """Overlay the logo."""
    picture = logo.media.require_picture("inputs.logo_asset_id")
    source, box = user_input(logo.media, an=None).video, logo.box
    if picture.alpha:
        rgb = transparent_rgb(source, picture)
        drawn = transparency.layer(rgb, transparency.smoothly(box.width, box.height))
    else:
        drawn = scaling.covering(normalise_colour(source, picture), box.width, box.height)
        drawn = drawn.filter("format", "yuva420p")
    if logo.opacity < 1:
        drawn = drawn.filter("lut", a=f"val*{logo.opacity:.4f}")
    return overlaid(base, _repeated(drawn.trim(end_frame=1), canvas), box.x, box.y)


def overlaid(base: Stream, top: Stream, x: int, y: int) -> Stream:
    """Overlay ``top`` on ``base``, which keeps its transparency if it has any."""
    return ffmpeg.filter(
        [base, top], "overlay", x=x, y=y, format="auto", eof_action="repeat", eval="init"
    )


def _drawn(path: Path, canvas: Canvas) -> Stream:
    drawn = own_input(path).filter("scale", out_color_matrix="bt709", out_range="tv")
    return _repeated(drawn.filter("format", "yuva420p"), canvas)


def _repeated(one: Stream, canvas: Canvas, **more: Any) -> Stream:
    return one.filter("loop", loop=-1, size=1, **more).filter("fps", canvas.fps)
