"""Has the splicing program put a file together, and says beforehand whether it is worth trying."""

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
_ANEW: Final = {
    Quality.DRAFT: ("ultrafast", 20),
    Quality.PREVIEW: ("ultrafast", 17),
    Quality.PRODUCTION: ("veryfast", 14),
}
"""x264's preset and CRF for frames among copied ones: finer than whole videos, so that no seam
shows, and quick rather than small, because they are few."""


@dataclass(frozen=True, slots=True)
class SpliceOutcome:
    """How it went: frames encoded and copied, or why it could not be done."""

    encoded: int = 0
    copied: int = 0
    unsafe: str | None = None


def why_not(media: Media) -> str | None:
    """Why this video is better encoded anew than spliced, as far as is known before trying."""
    picture = media.picture
    if picture is None or media.demuxer not in _CONTAINERS:
        return "it is not in MP4 or Matroska"
    if picture.codec != "h264" or picture.profile not in _PROFILES:
        return "it is not H.264 as every player shows it"
    if not picture.steady:
        return "its frame rate is not steady"
    return "it is interlaced" if picture.interlaced else None


def copies_sound(media: Media) -> bool:
    """Whether packets of its sound can be taken as they are, exact to the sample."""
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
) -> SpliceRequest:
    """The program's request; all clips are of one frame rate."""
    first = clips[0][0].require_picture("picture")
    preset, crf = _ANEW[quality]
    return SpliceRequest(
        clips=tuple(
            Clip(str(media.path), media.demuxer, tuple((one.first, one.last) for one in frames))
            for media, frames in clips
        ),
        rate=rate_of(first),
        target=str(target),
        sound=str(sound) if sound else None,
        copy_sound=copy_sound,
        preset=preset,
        crf=crf,
        threads=context.threads,
        demuxers=",".join(DEMUXERS),
        max_pixels=MAX_PIXELS,
    )


async def splice(
    context: RenderContext,
    request: SpliceRequest,
    report: Report,
    *,
    sound: Awaitable[None] | None = None,
) -> SpliceOutcome:
    """Put it together in a sandbox; the target is gone again if it could not be done.

    ``sound`` makes the request's sound file; meanwhile the program looks at the frames.
    """
    asked = context.scratch / "splice.json"
    asked.write_text(request.to_json())
    told: dict[str, Any] = {}

    def on_line(line: str) -> None:
        told.update(json.loads(line))
        if "progress" in told:
            report(told.pop("progress"))

    command = [sys.executable, "-I", _PROGRAM, str(asked)]
    sandbox = context.ffmpeg.sandbox
    async with (
        asyncio.timeout(_LIMIT_SECONDS),
        sandbox.start(command, cwd=context.scratch, stdin=True) as running,
    ):
        if sound is not None:
            await sound
        assert running.stdin is not None  # noqa: S101 - it was asked for
        # The end of its input tells the program that the sound is there.
        running.stdin.close()
        async for line in running.stdout:
            on_line(line.decode())
        finished = await running.finish()
    if finished.ok and "done" in told:
        return SpliceOutcome(**told["done"])
    await asyncio.to_thread(Path(request.target).unlink, missing_ok=True)
    return SpliceOutcome(unsafe=told.get("unsafe", "its streams could not be read through"))
