"""Plans ``import``: inspects a file and passes it on unchanged."""

from __future__ import annotations

import asyncio
import os
from typing import Final

from gala.errors import UnprocessableMedia, UnsupportedMedia
from gala.media import MediaClass, media_class
from gala.mime import suffix_of
from gala.render_types.import_media import UNKNOWN
from gala.sniff.text import SUBTITLES
from gala_renderer.captions.subtitle_files import read_subtitles
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.engine.resources import EngineResources

NAME: Final = "import"

_JSON: Final = "application/json"
_DECODED: Final = frozenset({MediaClass.VIDEO, MediaClass.AUDIO, MediaClass.IMAGE})


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
    """Raise ``UnprocessableMedia`` for damaged media and unknown formats.

    Archives and documents are not decoded. Raise ``UnsupportedMedia`` for a text that is not
    subtitles: most often, it is an error that a server sent instead of the file.
    """
    if media_class(file.mime) in _DECODED or file.mime == UNKNOWN:
        await context.inspect(file)
    elif media_class(file.mime) is MediaClass.TEXT or file.mime == _JSON:
        await _inspect_text(file, context)


async def _inspect_text(file: InputFile, context: RenderContext) -> None:
    try:
        await read_subtitles(file, context)
    except UnprocessableMedia as error:
        if file.mime in SUBTITLES:
            raise
        raise UnsupportedMedia(
            f"{file.field}: The file is text ({file.mime}) and no subtitles; {NAME} stores video,"
            " audio, images and subtitles.",
            hint="Open the URL in a browser to see what its server sends; it may need a login.",
            field=file.field,
            mime=file.mime,
            rule="not_media",
        ) from error
