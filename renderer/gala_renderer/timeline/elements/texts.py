"""Texts."""

from __future__ import annotations

from typing import Final, cast

from PIL import Image

from gala.timeline.compilation.layers import WHOLE_PICTURE, Box, Layer
from gala.timeline.document.elements import TextElement
from gala_renderer.ffmpeg import text_overlay
from gala_renderer.text_layout.rich_text import Division, FittedText
from gala_renderer.timeline.drawn import Area
from gala_renderer.timeline.elements.animated_texts import animated, division_of, is_animated
from gala_renderer.timeline.elements.moved import Rest, material_size, raw_picture
from gala_renderer.timeline.elements.stationary import DrawnPicture
from gala_renderer.timeline.measured import laid_out, style_of
from gala_renderer.timeline.studio import Shown, Studio

_ACROSS: Final = {"left": 0.0, "center": 0.5, "right": 1.0}


def make(layer: Layer, studio: Studio) -> Shown | None:
    """Return a text, drawn where it is on the frame."""
    placement = layer.placement
    if placement is None:
        return None
    text, corner = placed_text(layer, cast(TextElement, layer.element), studio, 1.0)
    path = studio.path(layer, ".png")
    at = (round(corner[0]), round(corner[1]))
    found = text_overlay.paint_spans(text.block, text.lines, at, studio.size, path)
    if found is None:
        return None
    with Image.open(path) as drawn:
        area = Area(*found, *drawn.size, WHOLE_PICTURE)
    return DrawnPicture(layer=layer, area=area, studio=studio, path=path)


def rest(layer: Layer, studio: Studio, zoom: float) -> Rest | None:
    """Return a whole text, for a layer that moves."""
    placement = layer.placement
    if placement is None:
        return None
    scale = material_size(placement.box, zoom)[1]
    element = cast(TextElement, layer.element)
    if is_animated(element):
        text, corner = placed_text(layer, element, studio, scale, division_of(element))
        return animated(layer, text, corner, studio, scale)
    text, corner = placed_text(layer, element, studio, scale)
    picture = text.block.picture(text.lines)
    margin = text.block.margin
    box = Box(
        (corner[0] - margin) / scale,
        (corner[1] - margin) / scale,
        picture.width / scale,
        picture.height / scale,
    )
    return Rest(raw_picture(picture, studio.path(layer, ".rgba")), box)


def placed_text(
    layer: Layer,
    element: TextElement,
    studio: Studio,
    scale: float,
    division: Division = Division.RUN,
) -> tuple[FittedText, tuple[float, float]]:
    """Return a text of a layer, ``scale`` times as large as in the film, and its lines' corner."""
    short_side = studio.short_side * scale
    box = WHOLE_PICTURE if layer.placement is None else layer.placement.box
    width, height = box.width * scale, box.height * scale
    text = laid_out(element, (width, height), short_side, studio.fonts, division)
    block = text.block
    studio.missing.update(dict.fromkeys(block.missing))
    if text.is_cut:
        studio.warnings[f"{layer.pointer}: the end of the text is cut off"] = None
    padding = style_of(element, short_side).box_padding
    across = width - 2 * padding - block.width
    down = height - 2 * padding - block.height
    return text, (
        box.left * scale + padding + across * _ACROSS[element.align.value],
        box.top * scale + padding + down * element.vertical_align.part,
    )
