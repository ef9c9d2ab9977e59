"""Plans ``speed``: a faster or slower video, at the same frame rate and pitch."""

from __future__ import annotations

from typing import Final, cast

from gala.errors import UnprocessableMedia
from gala.media import MAX_DURATION_MS
from gala.render_types.speed import SpeedParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg import scaling
from gala_renderer.ffmpeg.video_source import (
    Target,
    even_size,
    inspect_video,
    language_of,
    mp4_output,
    pictures,
    rate_of,
    sound,
)
from gala_renderer.probe.media import Media

NAME: Final = "speed"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one pass of FFmpeg."""
    params = cast(SpeedParams, order.params)
    file = order.files("video")[0]
    media = await inspect_video(context, file)
    seconds = media.length / params.factor
    if seconds * 1000 > MAX_DURATION_MS:
        raise UnprocessableMedia(
            f"{file.field}: it would be longer than {MAX_DURATION_MS // 3_600_000} hours.",
            hint="Cut the video, or choose a higher params.factor.",
            field=file.field,
        )
    choice = await context.services.encoders.choose(params.encoder, params.quality)
    rate = rate_of(media.require_picture(file.field))
    target = Target(context.part("video.mp4"), choice.encoding, rate, context.threads)
    return Plan(
        steps=(FFmpegStep("encoding", at_speed(media, params.factor, target), seconds),),
        outputs={"video": "video.mp4"},
        warnings=choice.warnings,
    )


def at_speed(media: Media, factor: float, target: Target) -> tuple[str, ...]:
    """Return the arguments of the pass."""
    picture = media.require_picture("video")
    faster = pictures(media, target.rate, factor=factor)
    shown = scaling.contained(faster, *even_size(picture))
    audio = sound(media)
    if audio is not None:
        audio = sounds.at_tempo(audio, factor)
    seconds = media.length / factor
    return mp4_output(shown, audio, target, seconds=seconds, language=language_of(media))
