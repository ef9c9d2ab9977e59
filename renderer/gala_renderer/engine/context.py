"""What a planner works with: the attempt's folder, FFmpeg, and the inspection of staged files."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from gala.errors import RenderFailed, UnprocessableMedia
from gala_renderer.engine.order import InputFile
from gala_renderer.engine.resources import EngineResources
from gala_renderer.engine.together import together
from gala_renderer.ffmpeg import inputs
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.pictures.conversion import PictureConverter, damaged_profile, not_converted
from gala_renderer.probe.inspector import Inspector
from gala_renderer.probe.media import Media
from gala_renderer.text_layout.font_registry import FontRegistry

_REWRAP_SECONDS: Final = 600.0
_STREAMED: Final = frozenset({"mpegts", "mpeg"})
"""Formats for broadcasting, without an index: FFmpeg starts at the next key frame after a seek, and
repeats short ones for ever without their time stamps advancing."""


class RenderContext:
    """Tools for one attempt.

    ``scratch`` is its private folder, ``threads`` its share of the cores, ``files`` the request's
    files. With ``commands_only`` nothing is encoded: the commands are for people, who may run them
    alone.
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
        commands_only: bool = False,
    ):
        self.ffmpeg = ffmpeg
        self.services = services
        self.scratch = scratch
        self.threads = threads
        self.commands_only = commands_only
        self.part = part
        """Returns the path to which the output file of that name must be written."""
        self._inspector = Inspector(ffmpeg.sandbox, cwd=scratch, threads=threads, files=files)
        self._converter = PictureConverter(ffmpeg, scratch)
        self._prepared: dict[Path, Media] = {}
        self._locks: defaultdict[Path, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._programs = asyncio.Semaphore(threads)
        self.warnings: dict[str, None] = {}
        """What users should know about their files, each once, in order."""
        self._own_fonts: FontRegistry | None = None

    @property
    def threads_beside_drawing(self) -> int:
        """Threads for FFmpeg while a program of GALA's draws its frames, which takes one core."""
        return max(1, self.threads - 1)

    @property
    def fonts(self) -> FontRegistry:
        """The fonts of the attempt: those that are here, and those among its files."""
        return self.services.fonts if self._own_fonts is None else self._own_fonts

    @fonts.setter
    def fonts(self, fonts: FontRegistry) -> None:
        self._own_fonts = fonts

    async def inspect(self, file: InputFile) -> Media:
        """Return what a staged file contains, found out in the sandbox, ready to be rendered from.

        A picture whose colours are not sRGB is converted; a file without an index is copied into a
        container that has one. Raises
        ``UnprocessableMedia``, naming the request's field, if it is damaged, of a format that is
        not accepted, or too large.
        """
        return await self._prepare(file, await self._inspector.inspect(file))

    async def inspect_all(self, files: Sequence[InputFile]) -> list[Media]:
        """Return what each file contains; raise ``UnprocessableMedia`` for the first bad one."""
        found = await self._inspector.inspect_all(files)
        pairs = zip(files, found, strict=True)
        return await together(self._prepare(file, media) for file, media in pairs)

    async def inspect_stored(self, file: InputFile) -> Media:
        """Return what a staged file contains, as it is stored; raise as :meth:`inspect`."""
        return await self._inspector.inspect(file)

    async def inspect_outputs(self, files: Sequence[InputFile]) -> dict[Path, Media]:
        """Return what finished files contain, by path, without those that cannot be inspected."""
        inspector = Inspector(
            self.ffmpeg.sandbox, cwd=self.scratch, threads=self.threads, files=files
        )
        for file in files:
            with contextlib.suppress(UnprocessableMedia):
                await inspector.inspect(file)
        return inspector.known

    @property
    def inspected(self) -> dict[Path, Media]:
        """What is known of the staged files, by path, as they are stored."""
        return self._inspector.known

    async def _prepare(self, file: InputFile, media: Media) -> Media:
        picture = media.picture
        if picture is not None and picture.profile_damaged:
            self.warnings[damaged_profile(file.field)] = None
        to_srgb = picture is not None and picture.to_srgb is not None
        if not to_srgb and media.demuxer not in _STREAMED:
            return media
        async with self._locks[file.path], self._programs:
            prepared = self._prepared.get(file.path)
            # A second start of the render begins with an empty folder.
            if prepared is None or not prepared.path.exists():
                prepare = self._in_srgb if to_srgb else self._rewrap
                prepared = self._prepared[file.path] = await prepare(file, media)
            return prepared

    async def _in_srgb(self, file: InputFile, media: Media) -> Media:
        converted = await self._converter.convert(media)
        if converted is None:
            self.warnings[not_converted(file.field)] = None
        return converted or media

    async def _rewrap(self, file: InputFile, media: Media) -> Media:
        target = self.scratch / f"{media.path.name}.mkv"
        try:
            await self.ffmpeg.run(
                inputs.rewrap(media, target=target),
                cwd=self.scratch,
                limit_seconds=_REWRAP_SECONDS,
                media_seconds=media.length,
                report=lambda _: None,
            )
        except RenderFailed:
            # A codec that Matroska cannot hold: used as it is.
            return media
        return await self._inspector.inspect(replace(file, path=target))
