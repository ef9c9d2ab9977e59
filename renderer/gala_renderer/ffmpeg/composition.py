"""Compositions of ``hello_render``: layers on a backdrop, and FFmpeg's arguments to encode them.

Everything is pure, so that most of it is tested without FFmpeg. The only user data in the arguments
are the paths of staged files: texts have been drawn as PNGs, numbers are formatted here, and
colours were validated as ``#rrggbb``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ffmpeg

from gala.render_types.params.video_encoding import Quality
from gala_renderer.engine.plan import Canvas
from gala_renderer.ffmpeg import transparency
from gala_renderer.ffmpeg.audio_filters import finite
from gala_renderer.ffmpeg.color import normalise_colour, opaque, transparent_rgb
from gala_renderer.ffmpeg.encoder_options import AAC, AUDIO_RATE, MP4, REPRODUCIBLE, h264, software
from gala_renderer.ffmpeg.inputs import (
    Stream,
    audio_of,
    contain,
    cover,
    looped_input,
    one_frame,
    own_input,
    repeat,
    seconds_text,
    user_input,
    video_of,
)
from gala_renderer.probe.media import Media

_PEAK: Final = 0.84
_MIDDLE: Final = ("(W-w)/2", "(H-h)/2")
_BT709: Final = {"out_color_matrix": "bt709", "out_range": "tv"}


@dataclass(frozen=True, slots=True)
class Layer:
    """A transparent PNG drawn by GALA, its corner at ``x``, ``y``, and its fade-in."""

    path: Path
    x: int
    y: int
    fade_frames: int = 0


@dataclass(frozen=True, slots=True)
class Overlay:
    """A user's picture or video in the middle of the frame, above everything else."""

    media: Media
    cover: bool


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """Sound, looped or cut to the length; gain in decibels, fades in seconds."""

    media: Media
    gain_db: float
    fade_in: float
    fade_out: float


@dataclass(frozen=True, slots=True)
class Composition:
    """A video of layers on a backdrop; silent if it has no soundtrack."""

    canvas: Canvas
    colour: str
    """The background colour as ``#rrggbb``."""
    backdrop: Media | None = None
    layers: tuple[Layer, ...] = ()
    overlay: Overlay | None = None
    soundtrack: Soundtrack | None = None

    @property
    def moves(self) -> bool:
        """True if a picture changes from frame to frame, fades aside."""
        moving = [self.backdrop, self.overlay.media if self.overlay else None]
        return any(m is not None and m.picture is not None and not m.picture.still for m in moving)


def encode(
    composition: Composition, *, video: Path, thumbnail: Path, thumbnail_frame: int, threads: int
) -> tuple[str, ...]:
    """Return arguments that write the MP4 and, in the same pass, a JPEG of one frame."""
    canvas = composition.canvas
    shown = _pictures(composition).split()
    movie = ffmpeg.output(
        shown[0],
        _sound(composition.soundtrack, canvas),
        str(video),
        **MP4,
        **h264(software(Quality.PREVIEW), fps=canvas.fps, threads=threads),
        **AAC,
        **{"frames:v": canvas.frames, "t": seconds_text(canvas.seconds)},
        **REPRODUCIBLE,
    )
    still = one_frame(shown[1], thumbnail_frame, "image/jpeg", str(thumbnail))
    return tuple(ffmpeg.merge_outputs(movie, still).get_args())


def frame(composition: Composition, *, index: int, mime: str) -> tuple[str, ...]:
    """Return arguments that write one frame to stdout as JPEG or PNG."""
    return tuple(one_frame(_pictures(composition), index, mime, "pipe:1").get_args())


def _pictures(composition: Composition) -> Stream:
    drawn = _moving(composition) if composition.moves else _static(composition)
    return drawn.filter(
        "setparams",
        color_primaries="bt709",
        color_trc="bt709",
        colorspace="bt709",
        range="tv",
    )


def _static(composition: Composition) -> Stream:
    """Draw what does not move once, in RGB, and repeat it; a fade only costs its own frames."""
    canvas = composition.canvas
    fade = max((layer.fade_frames for layer in composition.layers), default=0)
    overlays = _overlays(composition)
    if not 0 < fade < canvas.frames:
        whole = _over_each(_background(composition), composition.layers, overlays[0])
        return repeat(_in_yuv(whole), canvas, canvas.frames)
    backgrounds = _background(composition).split()
    whole = _over_each(backgrounds[0], composition.layers, overlays[0])
    fading = _animated(repeat(_in_yuv(backgrounds[1]), canvas, fade), composition, overlays[1])
    return ffmpeg.concat(fading, repeat(_in_yuv(whole), canvas, canvas.frames - fade))


def _moving(composition: Composition) -> Stream:
    canvas = composition.canvas
    if composition.backdrop:
        base = _video_backdrop(composition.backdrop, canvas, composition.colour)
    else:
        base = _in_yuv(_plain(composition.colour, canvas))
    drawn = _animated(base, composition, _overlays(composition)[0])
    return drawn.trim(end_frame=canvas.frames).filter("format", "yuv420p")


def _background(composition: Composition) -> Stream:
    canvas = composition.canvas
    base = _plain(composition.colour, canvas).trim(end_frame=1)
    if composition.backdrop is None:
        return base
    source = user_input(composition.backdrop).video
    found = composition.backdrop.require_picture("bg")
    picture = cover(opaque(source, found, composition.colour), canvas, "lanczos")
    return _over(base, picture.filter("format", "rgba"), 0, 0, "rgb")


def _overlays(composition: Composition) -> tuple[Stream | None, Stream | None]:
    """Return the user's overlay once per use, at most twice: a filter feeds only one other."""
    if composition.overlay is None:
        return None, None
    picture = _overlay_picture(composition.overlay, composition.canvas).filter("format", "rgba")
    if composition.moves or not any(layer.fade_frames for layer in composition.layers):
        return picture, None
    copies = picture.split()
    return copies[0], copies[1]


def _over_each(base: Stream, layers: Sequence[Layer], top: Stream | None) -> Stream:
    for layer in layers:
        base = _over(base, own_input(layer.path), layer.x, layer.y, "rgb")
    return base if top is None else _over(base, top, *_MIDDLE, "rgb")


def _animated(base: Stream, composition: Composition, top: Stream | None) -> Stream:
    for layer in composition.layers:
        picture = own_input(layer.path)
        if layer.fade_frames:
            picture = _faded_in(picture, composition.canvas, layer.fade_frames)
        base = _over(base, _with_alpha(picture), layer.x, layer.y, "yuv420")
    if top is None or composition.overlay is None:
        return base
    transparent = composition.overlay.media.require_picture("overlay").alpha
    shown = transparency.layer(top) if transparent else _with_alpha(top)
    return _over(base, shown, *_MIDDLE, "yuv420")


def _in_yuv(picture: Stream) -> Stream:
    return picture.filter("scale", **_BT709).filter("format", "yuv420p")


def _video_backdrop(media: Media, canvas: Canvas, colour: str) -> Stream:
    source = video_of(media, looped_input(media, canvas.seconds, an=None))
    steady = source.filter("setpts", "PTS-STARTPTS").filter("fps", canvas.fps)
    normal = normalise_colour(steady, media.require_picture("bg"), background=colour)
    shown = cover(normal, canvas, "bicubic")
    # A file may be shorter than its header says: its last frame is then held.
    return shown.filter("tpad", stop=-1, stop_mode="clone")


def _faded_in(picture: Stream, canvas: Canvas, frames: int) -> Stream:
    # `overlay` repeats the frame after the fade, at no cost.
    repeated = repeat(picture, canvas, frames + 1)
    return repeated.filter("fade", type="in", start_frame=0, nb_frames=frames, alpha=1)


def _overlay_picture(overlay: Overlay, canvas: Canvas) -> Stream:
    picture = overlay.media.require_picture("overlay")
    if picture.still:
        source = user_input(overlay.media).video
    else:
        source = video_of(overlay.media, looped_input(overlay.media, canvas.seconds, an=None))
        source = source.filter("fps", canvas.fps)
    # ffmpeg-python merges equal nodes; `null` keeps this picture apart from an equal backdrop.
    source = source.filter("null")
    fit = cover if overlay.cover else contain
    if picture.alpha:
        straight = transparent_rgb(source, picture)
        return transparency.scaled(straight, lambda one: fit(one, canvas, transparency.SMOOTH))
    shown = source if picture.still else normalise_colour(source, picture)
    return fit(shown, canvas, "lanczos")


def _over(base: Stream, picture: Stream, x: int | str, y: int | str, form: str) -> Stream:
    return ffmpeg.filter(
        [base, picture], "overlay", x=x, y=y, format=form, eof_action="repeat", eval="init"
    )


def _with_alpha(picture: Stream) -> Stream:
    return picture.filter("scale", **_BT709).filter("format", "yuva420p")


def _plain(colour: str, canvas: Canvas) -> Stream:
    source = f"color=c={colour}:s={canvas.width}x{canvas.height}:r={canvas.fps}"
    return ffmpeg.input(source, f="lavfi").video.filter("format", "rgb24")


def _sound(soundtrack: Soundtrack | None, canvas: Canvas) -> Stream:
    seconds = canvas.seconds
    if soundtrack is None:
        silence = f"anullsrc=r={AUDIO_RATE}:cl=stereo"
        return ffmpeg.input(silence, f="lavfi", t=seconds_text(seconds)).audio
    source = audio_of(soundtrack.media, looped_input(soundtrack.media, seconds, vn=None))
    return (
        finite(source, soundtrack.media.sound)
        .filter("aresample", AUDIO_RATE)
        .filter("aformat", channel_layouts="stereo")
        .filter("volume", f"{soundtrack.gain_db:.2f}dB")
        .filter("alimiter", limit=_PEAK, level=0)
        .filter("apad")
        .filter("atrim", end=seconds_text(seconds))
        .filter("afade", type="in", d=seconds_text(soundtrack.fade_in))
        .filter(
            "afade",
            type="out",
            st=seconds_text(seconds - soundtrack.fade_out),
            d=seconds_text(soundtrack.fade_out),
        )
    )
