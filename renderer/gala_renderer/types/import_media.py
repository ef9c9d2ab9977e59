"""Makes ``import``: looks into a file and hands its very bytes on."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
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
    """The look is taken while planning; what cannot be decoded never becomes an asset."""
    (file,) = order.files("media")
    await _look_into(file, context)
    name = f"media{suffix_of(file.mime)}"

    async def keep(report: Report) -> None:
        await asyncio.to_thread(_keep, file.path, context.part(name))
        report(1.0)

    return Plan((PythonStep("keeping", keep),), {"media": name})


def depends_on(_order: RenderOrder, _services: EngineResources) -> None:
    """Nothing is kept to answer a repeat with: there is no work that it would save."""


async def _look_into(file: InputFile, context: RenderContext) -> None:
    """Raise ``UnprocessableMedia`` for damaged media and for bytes that nobody knows.

    Of other files (text, archives) there is nothing to decode.
    """
    if media_class(file.mime) in _DECODED or file.mime == UNKNOWN:
        await context.inspect(file)
    elif file.mime in _SUBTITLES:
        await read_subtitles(file, context)


def _keep(source: Path, target: Path) -> None:
    # Both lie in the attempt's folder, so that a second name costs no copy.
    os.link(source, target)
