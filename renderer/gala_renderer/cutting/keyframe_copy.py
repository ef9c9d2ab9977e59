"""Cuts at key frames: all streams are copied without re-encoding."""

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
from gala_renderer.ffmpeg.inputs import audio_of, seconds_text, user_input, video_of
from gala_renderer.probe.media import Media

_PICTURES: Final = frozenset({"h264", "hevc", "av1", "vp9", "mpeg4"})
_SOUNDS: Final = frozenset({"aac", "mp3", "ac3", "eac3", "opus", "alac"})
"""Audio codecs that players support in MP4."""


def copy_plan(context: RenderContext, media: Media, span: Span, params: VideoParams) -> Plan:
    """Plan to copy the span from the key frame at or before its start.

    If MP4 cannot hold the streams, or the picture starts later than the span, the plan is a
    frame-exact cut instead.
    """
    if media.picture is None or not _fits_mp4(media) or _starts_before_picture(span, media):
        return cut_plan(context, media, [span], params)
    arguments = copied(media, span, target=context.part(VIDEO))
    return Plan(steps=(FFmpegStep("copying", arguments, span.seconds),), outputs={"video": VIDEO})


def _starts_before_picture(span: Span, media: Media) -> bool:
    # From the start of the file on, all of its sound is read.
    return 0 < span.start < media.late_picture or span.end <= media.late_picture


def copied(media: Media, span: Span, *, target: Path) -> tuple[str, ...]:
    """Return FFmpeg's arguments that copy the streams, with the first key frame at time 0."""
    source = user_input(media, ss=seconds_text(span.start), t=seconds_text(span.seconds))
    streams = [video_of(media, source), *([audio_of(media, source)] if media.sound else [])]
    options = {**MP4, "c": "copy", "avoid_negative_ts": "make_zero", **REPRODUCIBLE}
    return tuple(ffmpeg.output(*streams, str(target), **options).get_args())


def _fits_mp4(media: Media) -> bool:
    picture, sound = media.picture, media.sound
    return (
        picture is not None
        and picture.codec in _PICTURES
        and (sound is None or sound.codec in _SOUNDS)
    )
