"""Run the splicing program, and decide beforehand whether splicing is worth trying."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gala.render_types.params.video_encoding import Quality
from gala_renderer.cutting.ranges import Frames
from gala_renderer.cutting.splice_request import Clip, SpliceRequest
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.video_source import rate_of
from gala_renderer.probe.media import DEMUXERS, MAX_PIXELS, Media

_PROGRAM: Final = str(Path(__file__).with_name("splice_program.py"))
_LIMIT_SECONDS: Final = 4 * 60 * 60.0
"""The attempt's own deadline comes first."""
_CONTAINERS: Final = ("mov", "matroska")
_PROFILES: Final = ("Constrained Baseline", "Baseline", "Main", "High")
_REENCODING: Final = {
    Quality.DRAFT: ("ultrafast", 20),
    Quality.PREVIEW: ("ultrafast", 17),
    Quality.PRODUCTION: ("veryfast", 14),
}
"""x264's preset and CRF for frames between copied ones: better than for whole videos, so that no
seam is visible, and fast rather than small, because they are few."""


@dataclass(frozen=True, slots=True)
class SpliceOutcome:
    """The result of a splice: the numbers of frames encoded and copied, or why it failed."""

    encoded: int = 0
    copied: int = 0
    unsafe: str | None = None


def why_not(media: Media) -> str | None:
    """Return why this video cannot be spliced, as far as the metadata shows, or None."""
    picture = media.picture
    if picture is None or media.demuxer not in _CONTAINERS:
        return "it is not in MP4 or Matroska"
    if picture.codec != "h264" or picture.profile not in _PROFILES:
        return "it is not H.264 of a common profile"
    if not picture.steady:
        return "its frame rate is not steady"
    if media.holds_frames:
        return "its picture starts after its sound, or ends before it"
    return "it is interlaced" if picture.interlaced else None


def copies_sound(media: Media) -> bool:
    """Return True if the sound's packets can be copied with sample accuracy."""
    sound = media.sound
    if sound is None or media.demuxer != "mov":
        return False
    return (sound.codec, sound.profile) == ("aac", "LC")


def request_for(
    context: RenderContext,
    clips: Sequence[tuple[Media, Sequence[Frames]]],
    *,
    target: Path,
    quality: Quality,
    sound: Path | None,
    copy_sound: bool = False,
    language: str | None = None,
) -> SpliceRequest:
    """Return the program's request; all clips must have the same frame rate."""
    first = clips[0][0].require_picture("picture")
    preset, crf = _REENCODING[quality]
    return SpliceRequest(
        clips=tuple(_clip(media, frames) for media, frames in clips),
        rate=rate_of(first),
        target=str(target),
        sound=str(sound) if sound else None,
        copy_sound=copy_sound,
        language=language,
        preset=preset,
        crf=crf,
        threads=context.threads,
        demuxers=",".join(DEMUXERS),
        max_pixels=MAX_PIXELS,
    )


def _clip(media: Media, frames: Sequence[Frames]) -> Clip:
    return Clip(
        str(media.path),
        media.demuxer,
        tuple((one.first, one.last) for one in frames),
        video=media.picture.number if media.picture else 0,
        audio=media.sound.number if media.sound else 0,
    )


async def splice(
    context: RenderContext,
    request: SpliceRequest,
    report: Report,
    *,
    sound: Awaitable[None] | None = None,
) -> SpliceOutcome:
    """Splice in a sandbox; the target is removed if that fails.

    ``sound`` writes the request's sound file, while the program already reads the frames.
    """
    request_file = context.scratch / "splice.json"
    request_file.write_text(request.to_json())
    events: dict[str, Any] = {}

    def on_line(line: str) -> None:
        events.update(json.loads(line))
        if "progress" in events:
            report(events.pop("progress"))

    command = [sys.executable, "-I", _PROGRAM, str(request_file)]
    sandbox = context.ffmpeg.sandbox
    async with (
        asyncio.timeout(_LIMIT_SECONDS),
        sandbox.start(command, cwd=context.scratch, stdin=True) as running,
    ):
        if sound is not None:
            await sound
        assert running.stdin is not None  # noqa: S101 - requested above
        # The end of its input tells the program that the sound file is complete.
        running.stdin.close()
        finished = await running.finish_reading(on_line)
    if finished.ok and "done" in events:
        return SpliceOutcome(**events["done"])
    await asyncio.to_thread(Path(request.target).unlink, missing_ok=True)
    return SpliceOutcome(unsafe=events.get("unsafe", "its streams could not be read"))
