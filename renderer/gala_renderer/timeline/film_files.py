"""The files that a composition names: inspected, or read if they are no media."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from gala.errors import InvalidRequest
from gala.render_types.timeline import MEDIA
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.lottie_files import LottieFile, read_animation
from gala.timeline.sources import FONT, LUT, named_files, sources_of
from gala_renderer.captions.subtitle_files import Subtitle, read_subtitles
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.probe.media import Media
from gala_renderer.timeline.cubes import Cube, read_look
from gala_renderer.timeline.fonts import fonts_of
from gala_renderer.timeline.writing import frame_of


@dataclass(slots=True)
class FilmFiles:
    """The files of a composition, by source."""

    context: RenderContext
    given: dict[str, InputFile] = field(default_factory=dict)
    """All of them."""
    media: dict[str, Media] = field(default_factory=dict)
    """Pictures, videos and sounds."""
    subtitles: dict[str, tuple[Subtitle, ...]] = field(default_factory=dict)
    drawings: dict[str, Path] = field(default_factory=dict)
    """SVGs."""
    animations: dict[str, LottieFile] = field(default_factory=dict)
    """By key: a file may have several."""
    cubes: dict[str, Cube] = field(default_factory=dict)
    """Tables of colors."""
    warnings: list[str] = field(default_factory=list)

    async def inspect(self, order: RenderOrder, params: TimelineParams) -> None:
        """Inspect all files. Raise UnprocessableMedia naming the element of one that is wrong."""
        sources, files = sources_of(params), order.files(MEDIA)
        if len(sources) != len(files):
            name = f"inputs.{order.type.input_field(MEDIA)}"
            raise InvalidRequest(
                f"{name}: the composition names {len(sources)} files; there are {len(files)}.",
                field=name,
            )
        self.given = dict(zip(sources, files, strict=True))
        self.context.fonts = await fonts_of(self.context, params, self.given)
        fonts = {file.source for file in named_files(params) if file.type == FONT}
        named = {source: file for source, file in self.given.items() if source not in fonts}
        lotties = []
        rate = Fraction(frame_of(params, order.canvas_format).fps)
        for file in named_files(params):
            if file.source in named and file.type == "caption":
                await self._read(file.source, named.pop(file.source), rate)
            elif file.source in named and file.type == "lottie":
                lotties.append(file)
            elif file.source in named and file.type == LUT:
                path = named.pop(file.source).path
                self.cubes[file.source] = await asyncio.to_thread(read_look, file, path)
            elif file.source in named and file.type == "svg":
                self.drawings[file.source] = named.pop(file.source).path
        for file in lotties:
            path = self.given[file.source].path
            named.pop(file.source, None)
            if file.key not in self.animations:
                self.animations[file.key] = await asyncio.to_thread(read_animation, file, path)
        found = await self.context.inspect_all(list(named.values()))
        self.media = dict(zip(named, found, strict=True))

    async def _read(self, source: str, file: InputFile, rate: Fraction) -> None:
        """Read a file of subtitles."""
        found = await read_subtitles(file, self.context, rate=rate)
        self.subtitles[source] = found.subtitles
        self.warnings += found.warnings
