"""Cuts at key frames: every stream is copied as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import ffmpeg

from gala.render_types.params.video_encoding import VideoParams
from gala_renderer.cutting.plan import VIDEO, cut_plan
from gala_renderer.cutting.ranges import Span
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg.encoder_options import MP4, REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import seconds_text, user_input
from gala_renderer.probe.media import Media

_PICTURES: Final = frozenset({"h264", "hevc", "av1", "vp9", "mpeg4"})
_SOUNDS: Final = frozenset({"aac", "mp3", "ac3", "eac3", "opus", "alac"})
"""What players expect in MP4."""


def copy_plan(context: RenderContext, media: Media, span: Span, params: VideoParams) -> Plan:
    """The part from the key frame at or before its start, copied; exact if MP4 cannot hold it."""
    if media.picture is None or not _fits_mp4(media):
        return cut_plan(context, media, [span], params)
    arguments = copied(media, span, target=context.part(VIDEO))
    return Plan(steps=(FFmpegStep("copying", arguments, span.seconds),), outputs={"video": VIDEO})


def copied(media: Media, span: Span, *, target: Path) -> tuple[str, ...]:
    """Arguments that copy the streams, the first key frame becoming time 0."""
    source = user_input(media, ss=seconds_text(span.start), t=seconds_text(span.seconds))
    streams = [source["v:0"], *([source["a:0"]] if media.sound else [])]
    options = {**MP4, "c": "copy", "avoid_negative_ts": "make_zero", **REPRODUCIBLE}
    return tuple(ffmpeg.output(*streams, str(target), **options).get_args())


def _fits_mp4(media: Media) -> bool:
    picture, sound = media.picture, media.sound
    return (
        picture is not None
        and picture.codec in _PICTURES
        and (sound is None or sound.codec in _SOUNDS)
    )
