"""Plans ``preview``: a GIF with its own palette, or an animated WebP."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import ffmpeg

from gala.errors import InvalidRequest
from gala.render_types.preview import PreviewFormat, PreviewParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg.color import normalise_colour
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream, own_input
from gala_renderer.ffmpeg.part_source import pictures_from
from gala_renderer.ffmpeg.video_source import inspect_video
from gala_renderer.probe.media import Media

NAME: Final = "preview"

_WEBP: Final[dict[str, Any]] = {"c:v": "libwebp_anim", "quality": 70, "compression_level": 4}


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one pass, or two for a GIF: a separate one for the palette keeps memory low."""
    params = cast(PreviewParams, order.params)
    file = order.files("video")[0]
    media = await inspect_video(context, file)
    remaining = media.length - params.start
    if remaining <= 0:
        raise InvalidRequest(
            f"params.start: the video is only {media.length:.3f} seconds long.",
            field="params.start",
        )
    seconds = min(params.duration, remaining)
    shown = shrunk(media, params, seconds)
    if params.preview_format is PreviewFormat.WEBP:
        step = FFmpegStep("encoding", webp(shown, context.part("preview.webp")), seconds)
        return Plan((step,), outputs={"preview": "preview.webp"})
    palette = context.scratch / "palette.png"
    steps = (
        FFmpegStep("finding colours", colours(shown, palette), seconds),
        FFmpegStep("encoding", gif(shown, palette, context.part("preview.gif")), seconds),
    )
    return Plan(steps, outputs={"preview": "preview.gif"})


def shrunk(media: Media, params: PreviewParams, seconds: float) -> Stream:
    """Return the frames of the preview, scaled down."""
    rate = Fraction(params.fps)
    frames = max(1, round(seconds * rate))
    sampled = pictures_from(media, params.start, frames, rate, an=None)
    picture = media.require_picture("video")
    converted = normalise_colour(sampled, picture, background="#ffffff")
    width = f"min({params.width},max(2,iw*sar))"
    small = converted.filter(
        "scale", w=width, h=f"max(1,round(({width})*ih/(iw*sar)))", flags="lanczos"
    )
    return small.filter("setsar", 1)


def colours(shown: Stream, target: Path) -> tuple[str, ...]:
    """Return arguments that write the best 256 colours as a PNG."""
    found = shown.filter("palettegen", stats_mode="diff")
    options = {"f": "image2pipe", "c:v": "png", "frames:v": 1, **REPRODUCIBLE}
    return tuple(ffmpeg.output(found, str(target), **options).get_args())


def gif(shown: Stream, palette: Path, target: Path) -> tuple[str, ...]:
    """Return arguments that write the GIF, which loops for ever."""
    drawn = ffmpeg.filter(
        [shown, own_input(palette)], "paletteuse", dither="sierra2_4a", diff_mode="rectangle"
    )
    return tuple(ffmpeg.output(drawn, str(target), f="gif", loop=0, **REPRODUCIBLE).get_args())


def webp(shown: Stream, target: Path) -> tuple[str, ...]:
    """Return arguments that write the animated WebP, which loops for ever."""
    return tuple(
        ffmpeg.output(shown, str(target), f="webp", loop=0, **_WEBP, **REPRODUCIBLE).get_args()
    )
