"""What a planner works with: the attempt's folder, FFmpeg, and the inspection of staged files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from gala_renderer.engine.order import InputFile
from gala_renderer.engine.resources import EngineResources
from gala_renderer.ffmpeg import inputs
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.probe.inspector import Inspector
from gala_renderer.probe.media import Media

_REWRAP_SECONDS: Final = 120.0
# FFmpeg repeats short ones of these for ever without their time stamps advancing.
_NOT_LOOPABLE: Final = frozenset({"mpegts", "mpeg"})


class RenderContext:
    """Tools for one attempt.

    ``scratch`` is its private folder, ``threads`` its share of the cores, ``files`` the request's
    files.
    """

    def __init__(
        self,
        *,
        ffmpeg: FFmpeg,
        services: EngineResources,
        scratch: Path,
        part: Callable[[str], Path],
        threads: int,
        files: Sequence[InputFile] = (),
    ):
        self.ffmpeg = ffmpeg
        self.services = services
        self.scratch = scratch
        self.threads = threads
        self.part = part
        """Returns the path to which the output file of that name must be written."""
        self._inspector = Inspector(ffmpeg.sandbox, cwd=scratch, threads=threads, files=files)

    async def inspect(self, file: InputFile) -> Media:
        """Return what a staged file contains, found out in the sandbox.

        Raises ``UnprocessableMedia``, naming the request's field, if it is damaged, of a format
        that is not accepted, or too large.
        """
        return await self._inspector.inspect(file)

    async def inspect_all(self, files: Sequence[InputFile]) -> list[Media]:
        """Return what each file contains; raise ``UnprocessableMedia`` for the first bad one."""
        return await self._inspector.inspect_all(files)

    async def loopable(self, media: Media, *, seconds: float) -> Media:
        """Return the same media in a container that FFmpeg can repeat, if it is too short."""
        if media.demuxer not in _NOT_LOOPABLE or not media.loops(seconds):
            return media
        target = self.scratch / f"{media.path.name}.mkv"
        await self.ffmpeg.run(
            inputs.rewrap(media, target=target),
            cwd=self.scratch,
            limit_seconds=_REWRAP_SECONDS,
            media_seconds=seconds,
            report=lambda _: None,
        )
        return replace(media, path=target, demuxer="matroska")
