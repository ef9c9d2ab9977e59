"""Plans ``concatenate``: clips one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, cast

from gala.errors import UnprocessableMedia
from gala.media import Format
from gala.render_types.concatenate import ConcatenateParams, Transition
from gala_renderer.cutting.concat_graph import Join, Take
from gala_renderer.cutting.plan import encoded, spliced_or_encoded
from gala_renderer.cutting.ranges import late_frames, shown_seconds, within_limits
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import Plan
from gala_renderer.ffmpeg.video_source import common_rate, even_size
from gala_renderer.probe.media import Media

NAME: Final = "concatenate"

_XFADES: Final = {
    Transition.CROSSFADE: "fade",
    Transition.FADE_BLACK: "fadeblack",
    Transition.SLIDE: "slideleft",
    Transition.WIPE: "wipeleft",
}


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to copy the video streams and encode the sound once, or to encode all on one canvas."""
    params = cast(ConcatenateParams, order.params)
    clips = await _clips(order.files("clips"), context)
    join = join_of(clips, params, order.format)
    within_limits(join.seconds, order.files("clips")[0].field)
    if join.transition is None and agree(clips, join):
        return spliced_or_encoded(context, join, params)
    return await encoded(context, join, params, None)


async def _clips(files: Sequence[InputFile], context: RenderContext) -> list[Media]:
    clips = await context.inspect_all(files)
    for media, file in zip(clips, files, strict=True):
        if not media.require_picture(file.field).still and media.length <= 0:
            raise UnprocessableMedia(
                f"{file.field}: the duration of this file is unknown.",
                hint="Convert it to a common format such as MP4.",
                field=file.field,
            )
    return clips


def join_of(clips: Sequence[Media], params: ConcatenateParams, form: Format | None) -> Join:
    """Return the clips on the requested canvas, or on that of the first clip."""
    first = clips[0].require_picture("picture")
    rate = Fraction(form.fps) if form else common_rate(clips)
    takes = tuple(
        Take(media=clip, frames=max(1, round(_seconds(clip, params) * rate))) for clip in clips
    )
    shortest = min(take.frames for take in takes)
    overlap = min(round(Fraction(params.transition_seconds) * rate), shortest // 2)
    transition = _XFADES.get(params.transition) if len(takes) > 1 and overlap else None
    return Join(
        takes=takes,
        size=(form.width, form.height) if form else even_size(first),
        rate=rate,
        fit=params.fit,
        transition=transition,
        transition_frames=overlap if transition else 0,
    )


def agree(clips: Sequence[Media], join: Join) -> bool:
    """Return True if the video streams can be concatenated without encoding, on this canvas."""
    pictures = [clip.require_picture("picture") for clip in clips]
    first = pictures[0]
    equal = all(
        picture.digest is not None
        and picture.frames
        and not picture.still
        and (picture.digest, picture.rate, picture.rotation)
        == (first.digest, first.rate, first.rotation)
        and (picture.width, picture.height, picture.sample_aspect)
        == (first.width, first.height, first.sample_aspect)
        for picture in pictures
    ) and not any(late_frames(clip) for clip in clips)
    shown = (first.width, first.height) if first.sample_aspect == 1 else join.size
    return equal and shown == join.size and first.rate == join.rate


def _seconds(clip: Media, params: ConcatenateParams) -> Fraction:
    if clip.require_picture("picture").still:
        return Fraction(params.still_seconds)
    return shown_seconds(clip)
