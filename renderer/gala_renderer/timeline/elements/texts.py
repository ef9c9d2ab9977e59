"""Texts."""

from __future__ import annotations

from typing import Final, cast

from PIL import Image

from gala.timeline.compilation.layers import WHOLE_PICTURE, Layer
from gala.timeline.document.elements import TextElement
from gala_renderer.ffmpeg import text_overlay
from gala_renderer.timeline.drawn import Area
from gala_renderer.timeline.elements.stationary import DrawnPicture
from gala_renderer.timeline.measured import laid_out, style_of
from gala_renderer.timeline.studio import Shown, Studio

_ACROSS: Final = {"left": 0.0, "center": 0.5, "right": 1.0}


def make(layer: Layer, studio: Studio) -> Shown | None:
    """Return a text, drawn where it is on the frame."""
    element, placement = cast(TextElement, layer.element), layer.placement
    if placement is None:
        return None
    box = placement.box
    text = laid_out(element, (box.width, box.height), studio.short_side, studio.fonts)
    block = text.block
    studio.missing.update(dict.fromkeys(block.missing))
    if text.is_cut:
        studio.warnings[f"{layer.pointer}: the end of the text is cut off"] = None
    padding = style_of(element, studio.short_side).box_padding
    free = box.width - 2 * padding - block.width
    left = box.left + padding + free * _ACROSS[element.align.value]
    top = box.top + (box.height - block.height) / 2
    path = studio.path(layer, ".png")
    corner = (round(left), round(top))
    found = text_overlay.paint_spans(block, text.lines, corner, studio.size, path)
    if found is None:
        return None
    with Image.open(path) as drawn:
        area = Area(*found, *drawn.size, WHOLE_PICTURE)
    return DrawnPicture(layer=layer, area=area, studio=studio, path=path)
