"""FFmpeg inputs, single frames, and scaling to a canvas, as nodes of ffmpeg-python's graph.

Everything is pure. The only user data in the arguments are the paths of staged files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, TypeAlias

import ffmpeg

from gala_renderer.engine.plan import Canvas
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.probe.animations import APNG_DEFAULT_FPS
from gala_renderer.probe.media import DEMUXERS, MAX_PIXELS, Media

Stream: TypeAlias = Any
"""A node of ffmpeg-python's graph (that package has no types)."""

_WITH_ALPHA: Final = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""Decoders that read the transparency; FFmpeg's own ones leave it out."""
_IMAGE_CODECS: Final = {"image/jpeg": "mjpeg", "image/png": "png"}


def user_input(media: Media, **options: Any) -> Stream:
    """Open a user's file with the demuxer that the inspection found, and with no other."""
    options |= _decoder(media)
    if media.demuxer == "apng":
        options["default_fps"] = APNG_DEFAULT_FPS
    if media.demuxer == "webp_anim" and "ss" in options:
        options = _without_seeking(**options)
    return ffmpeg.input(
        str(media.path),
        f=media.demuxer,
        format_whitelist=",".join(DEMUXERS),
        protocol_whitelist="file",
        max_pixels=MAX_PIXELS,
        **options,
    )


def _decoder(media: Media) -> dict[str, str]:
    picture = media.picture
    if picture is None or not picture.alpha or picture.codec not in _WITH_ALPHA:
        return {}
    return {f"c:v:{picture.number}": _WITH_ALPHA[picture.codec]}


def video_of(media: Media, source: Stream) -> Stream:
    """Return the video stream that the inspection chose, of an input of the file."""
    return source[f"v:{media.picture.number}" if media.picture else "v"]


def audio_of(media: Media, source: Stream) -> Stream:
    """Return the audio stream that the inspection chose, of an input of the file."""
    return source[f"a:{media.sound.number}" if media.sound else "a"]


def _without_seeking(*, ss: str, **options: Any) -> dict[str, Any]:
    # The demuxer of animated WebP is at its end after a seek. Instead, the frames before the start
    # get negative time stamps: the filters and the encoder begin at 0 and drop them.
    if "t" in options:
        options["t"] = seconds_text(float(options["t"]) + float(ss))
    return {**options, "itsoffset": seconds_text(-float(ss))}


def looped_input(media: Media, seconds: float, **options: Any) -> Stream:
    """Open a user's file, repeated as often as it takes to last for ``seconds``."""
    if media.demuxer == "webp_anim":
        # Its demuxer cannot be rewound, but loops by itself.
        options["ignore_loop"] = 0
    elif media.loops(seconds):
        options["stream_loop"] = -1
    return user_input(media, t=seconds_text(seconds + 1), **options)


def own_input(path: Path) -> Stream:
    """Open a PNG that GALA drew."""
    return ffmpeg.input(str(path), f="png_pipe").video


def rewrap(media: Media, *, target: Path) -> tuple[str, ...]:
    """Return arguments that copy the chosen streams, unchanged, into a Matroska file."""
    source = user_input(media, fflags="+genpts")
    streams = [video_of(media, source)] if media.picture else []
    streams += [audio_of(media, source)] if media.sound else []
    copied = {"c": "copy", "map_metadata": -1}
    return tuple(ffmpeg.output(*streams, str(target), f="matroska", **copied).get_args())


def one_frame(pictures: Stream, index: int, mime: str, target: str) -> Stream:
    """Return an output of the frame number ``index`` as JPEG or PNG."""
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


def repeat(one: Stream, canvas: Canvas, frames: int) -> Stream:
    """Show one frame for ``frames`` frames."""
    return (
        one.filter("loop", loop=frames - 1, size=1)
        .filter("settb", f"1/{canvas.fps}")
        .filter("setpts", "N")
        .filter("fps", canvas.fps)
        .trim(end_frame=frames)
    )


def cover(picture: Stream, canvas: Canvas, method: str, **more: str) -> Stream:
    """Fill the canvas, cropped around the middle, never stretched."""
    # Cropped before scaling: a picture of extreme proportions never grows beyond the canvas.
    # The sample aspect ratio counts, between 0.25 and 4.
    shape = f"({canvas.width}/{canvas.height})/clip(sar,0.25,4)"
    return (
        picture.filter(
            "crop", w=f"max(min(2,iw),min(iw,ih*{shape}))", h=f"max(min(2,ih),min(ih,iw/({shape})))"
        )
        .filter("scale", w=canvas.width, h=canvas.height, flags=method, **more)
        .filter("setsar", 1)
    )


def contain(picture: Stream, canvas: Canvas, method: str) -> Stream:
    """Scale to the largest size that fits on the canvas."""
    return picture.filter(
        "scale",
        w=f"max(1,round(min({canvas.width},{canvas.height}*iw/ih)))",
        h=f"max(1,round(min({canvas.height},{canvas.width}*ih/iw)))",
        flags=method,
    ).filter("setsar", 1)


def seconds_text(value: float) -> str:
    """Format seconds for FFmpeg, to the microsecond."""
    return f"{value:.6f}"
