"""Shapes."""

from __future__ import annotations

from typing import cast

from gala.timeline.compilation.layers import WHOLE_PICTURE, Layer
from gala.timeline.document.elements import ShapeElement, ShapeName
from gala_renderer.timeline.drawn import Area, drawn_shape, save_png
from gala_renderer.timeline.elements.moved import Rest, material_size, raw_picture
from gala_renderer.timeline.elements.stationary import DrawnPicture
from gala_renderer.timeline.studio import Shown, Studio


def rest(layer: Layer, studio: Studio, zoom: float) -> Rest | None:
    """Return a whole shape, for a layer that moves."""
    element, placement = cast(ShapeElement, layer.element), layer.placement
    if placement is None:
        return None
    size, scale = material_size(placement.box, zoom)
    picture = drawn_shape(element, Area.whole(*size), studio.short_side * scale)
    material = raw_picture(picture, studio.path(layer, ".rgba"))
    return Rest(material, placement.box, is_opaque=_is_full(element))


def _is_full(element: ShapeElement) -> bool:
    return element.shape is ShapeName.RECTANGLE and not element.radius


def make(layer: Layer, studio: Studio) -> Shown | None:
    """Return a shape, drawn where it is on the frame."""
    element, placement = cast(ShapeElement, layer.element), layer.placement
    area = None if placement is None else Area.of(placement.box, studio.size)
    if area is None:
        return None
    path = studio.path(layer, ".png")
    save_png(drawn_shape(element, area, studio.short_side), path)
    opaque = _is_full(element) and area.part == WHOLE_PICTURE
    return DrawnPicture(layer=layer, area=area, studio=studio, path=path, opaque=opaque)
