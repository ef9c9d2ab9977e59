"""Plans ``reframe``: a video in another size and shape."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, cast

from gala.errors import InvalidRequest
from gala.media import MAX_SIDE
from gala.render_types.reframe import CropBox, ReframeParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import scaling
from gala_renderer.ffmpeg.video_source import (
    Size,
    Target,
    even,
    even_size,
    inspect_video,
    language_of,
    mp4_output,
    pictures,
    rate_of,
    sound,
)
from gala_renderer.probe.media import Media, VideoStream

NAME: Final = "reframe"
_MIN_SIDE: Final = 16


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one pass of FFmpeg."""
    params = cast(ReframeParams, order.params)
    file = order.files("video")[0]
    media = await inspect_video(context, file)
    picture = media.require_picture(file.field)
    if params.crop:
        _check(params.crop, picture)
    rate = Fraction(order.format.fps) if order.format else rate_of(picture)
    choice = await context.services.encoders.choose(params.encoder, params.quality)
    target = Target(context.part("video.mp4"), choice.encoding, rate, context.threads)
    arguments = reframed(media, params, _size(order, params, picture), target)
    return Plan(
        steps=(FFmpegStep("encoding", arguments, media.length),),
        outputs={"video": "video.mp4"},
        warnings=choice.warnings,
    )


def reframed(media: Media, params: ReframeParams, size: Size, target: Target) -> tuple[str, ...]:
    """Return the arguments of the pass."""
    shown = pictures(media, target.rate, background=params.color)
    if params.crop:
        box = params.crop
        shown = scaling.cropped(shown, (box.x, box.y, box.width, box.height))
    fitted = scaling.fitted(shown, *size, params.fit, colour=params.color)
    return mp4_output(
        fitted, sound(media), target, seconds=media.length, language=language_of(media)
    )


def _check(box: CropBox, picture: VideoStream) -> None:
    if box.x + box.width > picture.width or box.y + box.height > picture.height:
        raise InvalidRequest(
            f"params.crop: the box ends at {box.x + box.width} x {box.y + box.height}, outside the"
            f" video, which is {picture.width} x {picture.height}.",
            field="params.crop",
        )


def _size(order: RenderOrder, params: ReframeParams, picture: VideoStream) -> Size:
    if params.width and params.height:
        return params.width, params.height
    whole = (params.crop.width, params.crop.height) if params.crop else even_size(picture)
    shape = whole[0] / whole[1]
    if params.width:
        return params.width, _side(params.width / shape)
    if params.height:
        return _side(params.height * shape), params.height
    if order.format:
        return order.format.width, order.format.height
    return _side(whole[0]), _side(whole[1])


def _side(value: float) -> int:
    return min(MAX_SIDE, max(_MIN_SIDE, even(value)))
