"""Single pictures: the frame of a video at a given time, and still pictures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala.errors import RenderFailed
from gala.render_types.frames import PictureFormat
from gala_renderer.engine.context import RenderContext
from gala_renderer.ffmpeg.color import normalise_colour
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream, seconds_text, user_input, video_of
from gala_renderer.ffmpeg.part_source import pictures_from
from gala_renderer.ffmpeg.video_source import rate_of
from gala_renderer.probe.media import Media

BEFORE_END: Final = 0.3
"""A time past the end stands for the frame this many seconds before the end."""

_SECONDS: Final = 60.0
_LOOK_BACK: Final = (1.0, 10.0, 60.0)
"""How far back to search for the last frame if the video stream ends early, in seconds."""

_ROUNDING: Final = 0.0005
"""Seconds by which time stamps are rounded."""

_WHITE: Final = "#ffffff"
_JPEG: Final[dict[str, Any]] = {"c:v": "mjpeg", "q:v": 2}
_PNG: Final[dict[str, Any]] = {"c:v": "png"}


def within(seconds: float, at: float) -> float:
    """Return the time; 0.3 s before the end of a video of ``seconds`` if it is past the end."""
    return at if at < seconds else max(0.0, seconds - BEFORE_END)


async def write_frame(
    context: RenderContext,
    media: Media,
    at: float,
    target: Path,
    *,
    width: int | None = None,
    form: PictureFormat = PictureFormat.JPEG,
) -> None:
    """Write the frame shown at ``at`` seconds, or the last frame if the stream ends earlier.

    Raises ``RenderFailed`` if no frame can be decoded there.
    """
    rate = rate_of(media.require_picture("video"))
    attempts = [frame_at(media, at, rate, target, width=width, form=form)]
    attempts += [
        last_frame(
            media, max(0.0, at - back), back + float(1 / rate), target, width=width, form=form
        )
        for back in _LOOK_BACK
    ]
    for arguments in attempts:
        await context.ffmpeg.run(
            arguments,
            cwd=context.scratch,
            limit_seconds=_SECONDS,
            media_seconds=1.0,
            report=lambda _: None,
        )
        if _was_written(target):
            return
    raise RenderFailed(f"No frame can be decoded at {at:.3f} seconds.")


def _was_written(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def frame_at(
    media: Media,
    at: float,
    rate: Fraction,
    target: Path,
    *,
    width: int | None,
    form: PictureFormat,
) -> tuple[str, ...]:
    """Return arguments for the frame that is shown at ``at`` seconds."""
    if media.require_picture("video").steady and at < media.length and not media.holds_frames:
        # It began at most one frame duration earlier.
        start = max(0.0, at - float(1 / rate) + _ROUNDING)
        seek = {"ss": seconds_text(start)} if start else {}
        shown = video_of(media, user_input(media, an=None, **seek))
    else:
        # A frame is shown from half a frame before its time on.
        shown = pictures_from(media, max(0.0, at - float(1 / (2 * rate))), 1, rate, an=None)
    return _picture_file(media, shown, target, width, form, **{"frames:v": 1})


def last_frame(
    media: Media,
    start: float,
    length: float,
    target: Path,
    *,
    width: int | None,
    form: PictureFormat,
) -> tuple[str, ...]:
    """Return arguments for the last frame within ``length`` seconds from ``start`` on."""
    seek = {"ss": seconds_text(start), "t": seconds_text(length)}
    shown = video_of(media, user_input(media, an=None, **seek))
    return _picture_file(media, shown, target, width, form)


def _picture_file(
    media: Media, shown: Stream, target: Path, width: int | None, form: PictureFormat, **more: int
) -> tuple[str, ...]:
    found = media.require_picture("video")
    picture = scaled(normalise_colour(shown, found, background=_WHITE), width)
    options = {"f": "image2", "update": 1, **more, **REPRODUCIBLE}
    return tuple(written(picture, target, form, **options).get_args())


def on_white(media: Media, field: str) -> Stream:
    """Read a picture as BT.709; transparency becomes white."""
    shown = user_input(media, an=None).video
    return normalise_colour(shown, media.require_picture(field), background=_WHITE)


def scaled(shown: Stream, width: int | None) -> Stream:
    """Scale to square pixels, ``width`` wide at most."""
    wide = "max(1,round(iw*clip(sar,0.25,4)))"
    if width is not None:
        wide = f"min({width},{wide})"
    high = f"max(1,round(({wide})*ih/(iw*clip(sar,0.25,4))))"
    return shown.filter("scale", w=wide, h=high, flags="lanczos").filter("setsar", 1)


def written(shown: Stream, target: Path, form: PictureFormat, **options: Any) -> Stream:
    """Return an output that writes BT.709 frames as JPEG or PNG."""
    if form is PictureFormat.PNG:
        rgb = shown.filter("scale", in_color_matrix="bt709", in_range="tv").filter(
            "format", "rgb24"
        )
        return ffmpeg.output(rgb, str(target), **_PNG, **options)
    # JPEG is full range, and its readers assume BT.601.
    matrices = {"in_color_matrix": "bt709", "in_range": "tv"}
    full = shown.filter("scale", **matrices, out_color_matrix="bt601", out_range="pc")
    return ffmpeg.output(full.filter("format", "yuvj420p"), str(target), **_JPEG, **options)
