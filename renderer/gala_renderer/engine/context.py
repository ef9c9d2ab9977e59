"""What a type's making works with: the attempt's folder, FFmpeg, and a look into staged files."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from gala.errors import UnprocessableMedia
from gala_renderer.engine.order import InputFile
from gala_renderer.engine.resources import EngineResources
from gala_renderer.ffmpeg import inputs
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.probe.media import DEMUXERS, MAX_INPUT_SECONDS, MAX_PIXELS, Media, media_from

_INSPECTOR: Final = str(Path(__file__).parent.parent / "probe" / "program.py")
_INSPECT_SECONDS: Final = 30.0
_MEASURE_SECONDS: Final = 120.0
_MEASURED_AT_MOST: Final = 600.0
# FFmpeg repeats short ones of these for ever without their time advancing.
_ENDLESS_WHEN_LOOPED: Final = frozenset({"mpegts", "mpeg"})


class RenderContext:
    """Tools for one attempt. ``scratch`` is its private folder, ``threads`` its share of cores."""

    def __init__(
        self,
        *,
        ffmpeg: FFmpeg,
        services: EngineResources,
        scratch: Path,
        part: Callable[[str], Path],
        threads: int,
    ):
        self.ffmpeg = ffmpeg
        self.services = services
        self.scratch = scratch
        self.threads = threads
        self.part = part
        """Where the output file of that name must be written."""

    async def inspect(self, file: InputFile) -> Media:
        """Look into a staged file, in a sandbox.

        Raises ``UnprocessableMedia``, naming the request's field, for a file that is damaged, of a
        format that is not read here, or too large.
        """
        said: list[str] = []
        command = [
            sys.executable, "-I", _INSPECTOR,
            str(file.path), str(MAX_PIXELS), ",".join(DEMUXERS),
        ]  # fmt: skip
        try:
            finished = await self.ffmpeg.sandbox.run(
                command, cwd=self.scratch, seconds=_INSPECT_SECONDS, on_line=said.append
            )
        except TimeoutError as error:
            raise _refused(file, "it takes too long to read") from error
        if not finished.ok or not said:
            raise _refused(file, "it could not be read within the limits of this server")
        return _media(file, json.loads(said[-1]))

    async def inspect_all(self, files: Sequence[InputFile]) -> list[Media]:
        """Look into many, some at once; when one is refused, no look goes on."""
        found: list[Media] = []
        for at in range(0, len(files), self.threads):
            looks = [
                asyncio.create_task(self.inspect(file)) for file in files[at : at + self.threads]
            ]
            try:
                found += await asyncio.gather(*looks)
            finally:
                for look in looks:
                    look.cancel()
                await asyncio.wait(looks)
        return found

    async def loopable(self, media: Media, *, seconds: float) -> Media:
        """The same media, in a container that can be played again and again if it is too short."""
        if media.demuxer not in _ENDLESS_WHEN_LOOPED or not media.loops(seconds):
            return media
        target = self.scratch / f"{media.path.name}.mkv"
        await self.ffmpeg.run(
            inputs.rewrap(media, target=target),
            cwd=self.scratch,
            limit_seconds=_MEASURE_SECONDS,
            media_seconds=seconds,
            report=lambda _: None,
        )
        return replace(media, path=target, demuxer="matroska")

    async def loudness(self, media: Media, *, seconds: float) -> float | None:
        """Integrated loudness (LUFS) of the part that will be heard; ``None`` for silence."""
        measured = min(seconds, _MEASURED_AT_MOST)
        return await self.ffmpeg.integrated_loudness(
            inputs.loudness(media, seconds=measured),
            cwd=self.scratch,
            limit_seconds=_MEASURE_SECONDS,
        )


def _media(file: InputFile, answer: dict[str, Any]) -> Media:
    if "refused" in answer:
        raise _refused(file, answer["refused"])
    found = answer["media"]
    seconds = found.get("seconds")
    if seconds is not None and seconds > MAX_INPUT_SECONDS:
        raise _refused(file, f"it is longer than {MAX_INPUT_SECONDS / 3600:.0f} hours")
    return media_from(file.path, found)


def _refused(file: InputFile, reason: str) -> UnprocessableMedia:
    return UnprocessableMedia(
        f"{file.field}: this file cannot be used: {reason}.",
        hint="Is it whole? If so, convert it to a usual format such as MP4, JPEG, PNG or MP3.",
        field=file.field,
    )
