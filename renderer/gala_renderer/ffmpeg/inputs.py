"""From a composition to FFmpeg's arguments: pure, so that most of it is tested without FFmpeg.

Nothing of a user's stands in these arguments but the paths of staged files: texts are pictures by
now, numbers are printed here, colours were checked against ``#rrggbb``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import ffmpeg

from gala.render_types.params.video_encoding import Quality
from gala_renderer.engine.plan import Canvas, Composition, Layer, Overlay, Soundtrack
from gala_renderer.ffmpeg.encoder_options import AAC, AUDIO_RATE, MP4, REPRODUCIBLE, h264, software
from gala_renderer.probe.media import DEMUXERS, MAX_PIXELS, Media

Stream: TypeAlias = Any
"""A node of ffmpeg-python's graph (that package has no types)."""

_PEAK: Final = 0.84
_MIDDLE: Final = ("(W-w)/2", "(H-h)/2")
_BT709: Final = {"out_color_matrix": "bt709", "out_range": "tv"}
_IMAGE_CODECS: Final = {"image/jpeg": "mjpeg", "image/png": "png"}


def encode(
    composition: Composition, *, video: Path, thumbnail: Path, thumbnail_frame: int, threads: int
) -> tuple[str, ...]:
    """Arguments that write the MP4 and, in the same pass, a JPEG of one frame."""
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
    """Arguments that write one frame to stdout as JPEG or PNG."""
    return tuple(one_frame(_pictures(composition), index, mime, "pipe:1").get_args())


def loudness(media: Media, *, seconds: float) -> tuple[str, ...]:
    """Arguments that measure ``seconds`` of sound, looped if need be; stderr tells the result."""
    sound = looped_input(media, seconds, vn=None).audio
    measured = sound.filter("ebur128", framelog="quiet")
    return tuple(ffmpeg.output(measured, "pipe:1", f="null").get_args())


def rewrap(media: Media, *, target: Path) -> tuple[str, ...]:
    """Arguments that copy the streams, as they are, into a Matroska file."""
    source = user_input(media, fflags="+genpts")
    kept = {"c": "copy", "map_metadata": -1, "sn": None, "dn": None}
    return tuple(ffmpeg.output(source, str(target), f="matroska", **kept).get_args())


def one_frame(pictures: Stream, index: int, mime: str, target: str) -> Stream:
    """An output of that one frame as JPEG or PNG."""
    chosen = pictures.trim(start_frame=index, end_frame=index + 1)
    if mime == "image/jpeg":
        # JPEG is full range, and its readers assume BT.601.
        chosen = chosen.filter(
            "scale",
            in_color_matrix="bt709",
            in_range="tv",
            out_color_matrix="bt601",
            out_range="pc",
        ).filter("format", "yuvj420p")
        quality: dict[str, Any] = {"q:v": 3}
    else:
        chosen = chosen.filter("scale", in_color_matrix="bt709", in_range="tv").filter(
            "format", "rgb24"
        )
        quality = {}
    return ffmpeg.output(
        chosen,
        target,
        f="image2pipe",
        **{"c:v": _IMAGE_CODECS[mime], "frames:v": 1},
        **quality,
        **REPRODUCIBLE,
    )


def _pictures(composition: Composition) -> Stream:
    drawn = _moving(composition) if composition.moves else _standing(composition)
    return drawn.filter(
        "setparams",
        color_primaries="bt709",
        color_trc="bt709",
        colorspace="bt709",
        range="tv",
    )


def _standing(composition: Composition) -> Stream:
    """What does not move is drawn once, in RGB, and then repeated; a fade costs its frames only."""
    canvas = composition.canvas
    fade = max((layer.fade_frames for layer in composition.layers), default=0)
    tops = _tops(composition)
    if not 0 < fade < canvas.frames:
        whole = _over_each(_ground(composition), composition.layers, tops[0])
        return repeat(_in_yuv(whole), canvas, canvas.frames)
    grounds = _ground(composition).split()
    whole = _over_each(grounds[0], composition.layers, tops[0])
    fading = _animated(repeat(_in_yuv(grounds[1]), canvas, fade), composition, tops[1])
    return ffmpeg.concat(fading, repeat(_in_yuv(whole), canvas, canvas.frames - fade))


def _moving(composition: Composition) -> Stream:
    canvas = composition.canvas
    if composition.backdrop:
        base = _footage(composition.backdrop, canvas)
    else:
        base = _in_yuv(_plain(composition.colour, canvas))
    drawn = _animated(base, composition, _tops(composition)[0])
    return drawn.trim(end_frame=canvas.frames).filter("format", "yuv420p")


def _ground(composition: Composition) -> Stream:
    canvas = composition.canvas
    base = _plain(composition.colour, canvas).trim(end_frame=1)
    if composition.backdrop is None:
        return base
    picture = cover(user_input(composition.backdrop).video, canvas, "lanczos")
    return _over(base, picture.filter("format", "rgba"), 0, 0, "rgb")


def _tops(composition: Composition) -> tuple[Stream | None, Stream | None]:
    """The user's overlay, as often as it may be needed: a filter feeds one other only."""
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
            picture = _appear(picture, composition.canvas, layer.fade_frames)
        base = _over(base, _with_alpha(picture), layer.x, layer.y, "yuv420")
    return base if top is None else _over(base, _with_alpha(top), *_MIDDLE, "yuv420")


def _in_yuv(picture: Stream) -> Stream:
    return picture.filter("scale", **_BT709).filter("format", "yuv420p")


def repeat(one: Stream, canvas: Canvas, frames: int) -> Stream:
    """One frame, shown for so many."""
    return (
        one.filter("loop", loop=frames - 1, size=1)
        .filter("settb", f"1/{canvas.fps}")
        .filter("setpts", "N")
        .filter("fps", canvas.fps)
        .trim(end_frame=frames)
    )


def _footage(media: Media, canvas: Canvas) -> Stream:
    source = looped_input(media, canvas.seconds, an=None).video
    steady = source.filter("setpts", "PTS-STARTPTS").filter("fps", canvas.fps)
    shown = cover(steady, canvas, "bicubic", **_BT709).filter("format", "yuv420p")
    # A file may hold less than it says: its last frame then stays.
    return shown.filter("tpad", stop=-1, stop_mode="clone")


def _appear(picture: Stream, canvas: Canvas, frames: int) -> Stream:
    # The frame after the last one is repeated by `overlay`, at no cost.
    repeated = repeat(picture, canvas, frames + 1)
    return repeated.filter("fade", type="in", start_frame=0, nb_frames=frames, alpha=1)


def _overlay_picture(overlay: Overlay, canvas: Canvas) -> Stream:
    picture = overlay.media.picture
    if picture is not None and picture.still:
        source = user_input(overlay.media).video
    else:
        source = looped_input(overlay.media, canvas.seconds, an=None).video
        source = source.filter("fps", canvas.fps)
    # The graph takes equal nodes for one; `null` tells this picture from an equal backdrop.
    fit = cover if overlay.cover else contain
    return fit(source.filter("null"), canvas, "lanczos")


def _over(base: Stream, picture: Stream, x: int | str, y: int | str, form: str) -> Stream:
    return ffmpeg.filter(
        [base, picture], "overlay", x=x, y=y, format=form, eof_action="repeat", eval="init"
    )


def _with_alpha(picture: Stream) -> Stream:
    return picture.filter("scale", **_BT709).filter("format", "yuva420p")


def cover(picture: Stream, canvas: Canvas, method: str, **more: str) -> Stream:
    """Fill the canvas, cropped in the middle, never stretched."""
    # Cropped before it is scaled: a picture of odd proportions never grows beyond the canvas.
    # The pixel's own shape counts, within reason.
    shape = f"({canvas.width}/{canvas.height})/clip(sar,0.25,4)"
    return (
        picture.filter("crop", w=f"max(1,min(iw,ih*{shape}))", h=f"max(1,min(ih,iw/({shape})))")
        .filter("scale", w=canvas.width, h=canvas.height, flags=method, **more)
        .filter("setsar", 1)
    )


def contain(picture: Stream, canvas: Canvas, method: str) -> Stream:
    """As large as it fits on the canvas."""
    return picture.filter(
        "scale",
        w=canvas.width,
        h=canvas.height,
        force_original_aspect_ratio="decrease",
        flags=method,
    ).filter("setsar", 1)


def _plain(colour: str, canvas: Canvas) -> Stream:
    source = f"color=c={colour}:s={canvas.width}x{canvas.height}:r={canvas.fps}"
    return ffmpeg.input(source, f="lavfi").video.filter("format", "rgb24")


def _sound(soundtrack: Soundtrack | None, canvas: Canvas) -> Stream:
    seconds = canvas.seconds
    if soundtrack is None:
        silence = f"anullsrc=r={AUDIO_RATE}:cl=stereo"
        return ffmpeg.input(silence, f="lavfi", t=seconds_text(seconds)).audio
    source = looped_input(soundtrack.media, seconds, vn=None).audio
    return (
        source.filter("aresample", AUDIO_RATE)
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


def looped_input(media: Media, seconds: float, **options: Any) -> Stream:
    """The file as often as it takes to last for ``seconds``."""
    if media.demuxer == "webp_anim":
        # It cannot be rewound from outside, but loops by itself.
        options["ignore_loop"] = 0
    elif media.loops(seconds):
        options["stream_loop"] = -1
    return user_input(media, t=seconds_text(seconds + 1), **options)


def user_input(media: Media, **options: Any) -> Stream:
    """A user's file, opened as what it was found to be and as nothing else."""
    return ffmpeg.input(
        str(media.path),
        f=media.demuxer,
        format_whitelist=",".join(DEMUXERS),
        protocol_whitelist="file",
        max_pixels=MAX_PIXELS,
        **options,
    )


def own_input(path: Path) -> Stream:
    """A PNG that we drew."""
    return ffmpeg.input(str(path), f="png_pipe").video


def seconds_text(value: float) -> str:
    """Seconds as FFmpeg reads them, to the microsecond."""
    return f"{value:.6f}"
