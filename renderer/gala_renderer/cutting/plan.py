"""Plans for cuts: spliced where that is safe, otherwise re-encoded as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

import ffmpeg

from gala.errors import UnprocessableMedia
from gala.render_types.params.video_encoding import VideoParams
from gala_renderer.cutting.batched_concat import MOST_AT_ONCE, grouped, sound_in_groups
from gala_renderer.cutting.concat_graph import (
    Join,
    Take,
    as_stored,
    joined_pictures,
    joined_sound,
    take_sound,
)
from gala_renderer.cutting.ranges import Frames, Span, whole_frames
from gala_renderer.cutting.splice import copies_sound, request_for, splice, why_not
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.engine.plan import FFmpegStep, Plan, PythonStep, Report
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg.encoder_options import AAC, MP4, REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream, audio_of
from gala_renderer.ffmpeg.part_source import part_input, seek_before
from gala_renderer.ffmpeg.video_source import Target, even_size, mp4_output, rate_of
from gala_renderer.probe.media import Media

VIDEO: Final = "video.mp4"
AUDIO: Final = "audio.m4a"

_MONO: Final = {"ac": 1, "b:a": "80k"}
_SOUND_SHARE: Final = 0.3
"""The share of a splice's progress that encoding the sound takes."""
_LIMIT_SECONDS: Final = 4 * 60 * 60.0
"""The attempt's own deadline comes first."""


async def to_cut(context: RenderContext, file: InputFile) -> Media:
    """Inspect a staged video or sound. Raise ``UnprocessableMedia`` if it has no duration."""
    media = await context.inspect(file)
    still = media.picture is not None and media.picture.still
    if still or (media.picture is None and media.sound is None) or media.length <= 0:
        raise UnprocessableMedia(
            f"{file.field}: The file has no duration, so it cannot be cut.",
            hint="Choose a video or an audio file.",
            field=file.field,
        )
    return media


def cut_plan(
    context: RenderContext, media: Media, spans: Sequence[Span], params: VideoParams
) -> Plan:
    """Plan to join these parts of the file in order."""
    if media.picture is None:
        return _sound_plan(context, media, spans)
    return spliced_or_encoded(context, _join(media, whole_frames(media, spans)), params)


def spliced_or_encoded(context: RenderContext, join: Join, params: VideoParams) -> Plan:
    """Plan to splice the takes; if that is unsafe, re-encode them with a warning."""
    reason = next((why for take in join.takes if (why := why_not(take.media))), None)
    if reason is not None:
        return Plan(steps=(), then=lambda: encoded(context, join, params, reason))
    stored = as_stored(join)
    copied = len(stored.takes) == 1 and copies_sound(stored.takes[0].media)
    sound = () if copied else _sound_steps(context, stored)
    request = request_for(
        context,
        _clips(stored),
        target=context.part(VIDEO),
        quality=params.quality,
        sound=_sound_file(context) if sound else None,
        copy_sound=copied,
        language=stored.language,
    )
    unsafe: list[str] = []

    async def work(report: Report) -> None:
        encoding_sound = _encode_sound(context, sound, report) if sound else None
        share = _SOUND_SHARE if sound else 0.0
        outcome = await splice(
            context, request, lambda done: report(share + (1 - share) * done), sound=encoding_sound
        )
        if outcome.unsafe is not None:
            unsafe.append(outcome.unsafe)

    async def then() -> Plan:
        if unsafe:
            return replace(await encoded(context, join, params, unsafe[0]), afresh=True)
        return Plan(steps=(), outputs={"video": VIDEO})

    return Plan(steps=(PythonStep("splicing", work),), then=then, then_weight=0.01)


async def encoded(
    context: RenderContext, join: Join, params: VideoParams, reason: str | None
) -> Plan:
    """Plan to re-encode the whole join; ``reason`` becomes a warning in the job's log."""
    chosen = await context.services.encoders.choose(params.encoder, params.quality)
    target = Target(context.part(VIDEO), chosen.encoding, join.rate, context.threads)
    why = (f"encoded whole, because {reason}",) if reason else ()
    return Plan(
        steps=_encoding(context, join, target),
        outputs={"video": VIDEO},
        warnings=(*chosen.warnings, *why),
    )


def _encoding(context: RenderContext, join: Join, target: Target) -> tuple[FFmpegStep, ...]:
    if len(join.takes) > MOST_AT_ONCE and not join.transition:
        return grouped(join, target, context.scratch)
    shown, sound = joined_pictures(join), joined_sound(join)
    arguments = mp4_output(shown, sound, target, seconds=join.seconds, language=join.language)
    return (FFmpegStep("encoding", arguments, join.seconds),)


def _join(media: Media, frames: Sequence[Frames]) -> Join:
    picture = media.require_picture("picture")
    rate = rate_of(picture)
    takes = tuple(
        Take(media=media, start=Fraction(one.first) / rate, frames=one.count) for one in frames
    )
    return Join(takes=takes, size=even_size(picture), rate=rate)


def _clips(stored: Join) -> list[tuple[Media, list[Frames]]]:
    """Return each file once with the frames of its takes, counted from the first stored one."""
    clips: list[tuple[Media, list[Frames]]] = []
    for take in stored.takes:
        first = round((take.start - Fraction(take.media.late_picture)) * stored.rate)
        frames = Frames(first, first + take.frames - 1)
        if clips and clips[-1][0] is take.media:
            clips[-1][1].append(frames)
        else:
            clips.append((take.media, [frames]))
    return clips


async def _encode_sound(
    context: RenderContext, steps: Sequence[FFmpegStep], report: Report
) -> None:
    for at, step in enumerate(steps):
        start_share, share = _SOUND_SHARE * at / len(steps), _SOUND_SHARE / len(steps)
        await context.ffmpeg.run(
            step.arguments,
            cwd=context.scratch,
            limit_seconds=_LIMIT_SECONDS,
            media_seconds=step.seconds,
            report=partial(_report_part, report, start_share, share),
        )


def _report_part(report: Report, start_share: float, share: float, done: float) -> None:
    report(start_share + share * done)


def _sound_steps(context: RenderContext, join: Join) -> tuple[FFmpegStep, ...]:
    mono = all(take.media.sound is None or take.media.sound.channels == 1 for take in join.takes)
    if not any(take.media.sound for take in join.takes):
        return ()
    parts = [take_sound(take, join, at, mono=mono) for at, take in enumerate(join.takes)]
    lengths = [float(take.frames / join.rate) for take in join.takes]
    return _sound_encoded(context, parts, lengths, _sound_file(context), mono=mono)


def _sound_encoded(
    context: RenderContext,
    parts: Sequence[Stream],
    lengths: Sequence[float],
    target: Path,
    *,
    mono: bool,
) -> tuple[FFmpegStep, ...]:
    """Return the steps that join these sounds in order and encode them to one file."""
    steps: tuple[FFmpegStep, ...] = ()
    if len(parts) > MOST_AT_ONCE:
        steps, sound_stream = sound_in_groups(parts, lengths, context.scratch)
    else:
        sound_stream = sounds.joined(parts)
    arguments = sound_file(sound_stream, target, mono=mono)
    seconds = sum(lengths)
    return (*steps, FFmpegStep("encoding the sound", arguments, seconds, seconds))


def _sound_file(context: RenderContext) -> Path:
    return context.scratch / "sound.m4a"


def _sound_plan(context: RenderContext, media: Media, spans: Sequence[Span]) -> Plan:
    sound = media.require_sound("sound")
    parts = []
    for at, span in enumerate(spans):
        # ffmpeg-python merges equal nodes; different durations keep equal spans separate.
        start = Fraction(span.start)
        source = part_input(
            media, start, Fraction(span.seconds), Fraction(1), extra=1 + at / 1000, vn=None
        )
        early = float(start - seek_before(media, start, Fraction(1)).seconds)
        sound_stream = sounds.cut(sounds.stereo(audio_of(media, source), sound), early)
        parts.append(sounds.fitted(sound_stream, span.seconds))
    lengths = [span.seconds for span in spans]
    steps = _sound_encoded(context, parts, lengths, context.part(AUDIO), mono=False)
    return Plan(steps=steps, outputs={"audio": AUDIO})


def sound_file(sound_stream: sounds.Stream, target: Path, *, mono: bool = False) -> tuple[str, ...]:
    """Return FFmpeg's arguments that encode a sound as AAC in MP4."""
    encoding = {**AAC, **_MONO} if mono else AAC
    return tuple(
        ffmpeg.output(sound_stream, str(target), **MP4, **encoding, **REPRODUCIBLE).get_args()
    )
