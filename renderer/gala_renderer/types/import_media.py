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
from gala_renderer.engine.context import Studio
from gala_renderer.engine.order import InputFile, Order
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.engine.resources import Services

NAME: Final = "import"

_DECODED: Final = frozenset({MediaClass.VIDEO, MediaClass.AUDIO, MediaClass.IMAGE})
_SUBTITLES: Final = frozenset({"application/x-subrip", "text/vtt", "text/x-ssa"})


async def plan(order: Order, studio: Studio) -> Plan:
    """The look is taken while planning; what cannot be decoded never becomes an asset."""
    (file,) = order.files("media")
    await _look_into(file, studio)
    name = f"media{suffix_of(file.mime)}"

    async def keep(report: Report) -> None:
        await asyncio.to_thread(_keep, file.path, studio.part(name))
        report(1.0)

    return Plan((PythonStep("keeping", keep),), {"media": name})


def depends_on(_order: Order, _services: Services) -> None:
    """Nothing is kept to answer a repeat with: there is no work that it would save."""


async def _look_into(file: InputFile, studio: Studio) -> None:
    """Raise ``UnprocessableMedia`` for damaged media and for bytes that nobody knows.

    Of other files (text, archives) there is nothing to decode.
    """
    if media_class(file.mime) in _DECODED or file.mime == UNKNOWN:
        await studio.inspect(file)
    elif file.mime in _SUBTITLES:
        await read_subtitles(file, studio)


def _keep(source: Path, target: Path) -> None:
    # Both lie in the attempt's folder, so that a second name costs no copy.
    os.link(source, target)
