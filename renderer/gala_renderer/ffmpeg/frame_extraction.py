"""Single pictures: the frame of a video at a given time, and still pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala.errors import RenderFailed
from gala.render_types.frames import PictureFormat
from gala_renderer.engine.context import RenderContext
from gala_renderer.ffmpeg.color import normalise_colour
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream, seconds_text, user_input
from gala_renderer.ffmpeg.video_source import rate_of
from gala_renderer.probe.media import Media

BEFORE_END: Final = 0.3
"""A time past the end stands for the frame this many seconds before the end."""

_SECONDS: Final = 60.0
_LOOK_BACK: Final = (1.0, 10.0, 60.0)
"""How far back to search for the last frame if the video stream ends early, in seconds."""

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
    rate = float(rate_of(media.require_picture("video")))
    # The frame that is shown then began at most one frame duration earlier.
    attempts = [(max(0.0, at - 1 / rate + 0.0005), 0.0)]
    attempts += [(max(0.0, at - back), back + 1 / rate) for back in _LOOK_BACK]
    for start, length in attempts:
        arguments = first_frame(media, start, length, target, width=width, form=form)
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


def first_frame(
    media: Media,
    start: float,
    length: float,
    target: Path,
    *,
    width: int | None,
    form: PictureFormat,
) -> tuple[str, ...]:
    """Return arguments for the first frame from ``start`` on, or the last one within ``length``."""
    seek = {"ss": seconds_text(start)} if start else {}
    if length:
        seek["t"] = seconds_text(length)
    picture = media.require_picture("video")
    shown = normalise_colour(user_input(media, an=None, **seek).video, picture)
    shown = scaled(shown, width)
    options = {"f": "image2", "update": 1, **({} if length else {"frames:v": 1}), **REPRODUCIBLE}
    return tuple(written(shown, target, form, **options).get_args())


def on_white(media: Media, field: str) -> Stream:
    """Read a picture as BT.709; transparency becomes white."""
    picture = media.require_picture(field)
    shown = user_input(media, an=None).video
    if not picture.alpha:
        return normalise_colour(shown, picture)
    copies = shown.filter("format", "rgba").split()
    white = copies[0].filter("drawbox", c="white", t="fill", replace=1).filter("format", "rgb24")
    whole = ffmpeg.filter([white, copies[1]], "overlay", format="rgb")
    return whole.filter("scale", out_color_matrix="bt709", out_range="tv").filter(
        "format", "yuv420p"
    )


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
