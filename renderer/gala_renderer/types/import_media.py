"""Plans ``import``: inspects a file and passes it on unchanged."""

from __future__ import annotations

import asyncio
import os
from typing import Final

from gala.media import MediaClass, media_class
from gala.mime import suffix_of
from gala.render_types.import_media import UNKNOWN
from gala_renderer.captions.subtitle_files import read_subtitles
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.engine.resources import EngineResources

NAME: Final = "import"

_DECODED: Final = frozenset({MediaClass.VIDEO, MediaClass.AUDIO, MediaClass.IMAGE})
_SUBTITLES: Final = frozenset({"application/x-subrip", "text/vtt", "text/x-ssa"})


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Inspect the file while planning: one that cannot be decoded never becomes an asset."""
    (file,) = order.files("media")
    await _inspect(file, context)
    name = f"media{suffix_of(file.mime)}"

    async def link(report: Report) -> None:
        # Both paths are in the attempt's folder, so a hard link replaces a copy.
        await asyncio.to_thread(os.link, file.path, context.part(name))
        report(1.0)

    return Plan((PythonStep("keeping", link),), {"media": name})


def depends_on(_order: RenderOrder, _services: EngineResources) -> None:
    """Disable the cache: it would save no work."""


async def _inspect(file: InputFile, context: RenderContext) -> None:
    """Raise ``UnprocessableMedia`` for damaged media and for unknown formats.

    Other files (text, archives) are not decoded.
    """
    if media_class(file.mime) in _DECODED or file.mime == UNKNOWN:
        await context.inspect(file)
    elif file.mime in _SUBTITLES:
        await read_subtitles(file, context)
