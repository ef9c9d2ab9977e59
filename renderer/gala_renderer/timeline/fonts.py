"""The fonts of a composition: those that are here, and those of its own files."""

from __future__ import annotations

from collections.abc import Mapping

from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import pointer
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.own_fonts.opening import own_fonts
from gala_renderer.text_layout.font_registry import FontRegistry


async def fonts_of(
    context: RenderContext, params: TimelineParams, files: Mapping[str, InputFile]
) -> FontRegistry:
    """Return the fonts that the texts of a composition can name; ``files`` are its own by source.

    Raise UnprocessableMedia with the JSON pointer of a file that is no font.
    """
    return await own_fonts(context, params.fonts, files, lambda place: pointer(("fonts", *place)))
