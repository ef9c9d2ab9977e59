"""Shapes."""

from __future__ import annotations

from typing import cast

from gala.timeline.compilation.layers import WHOLE_PICTURE, Layer
from gala.timeline.document.elements import ShapeElement, ShapeName
from gala_renderer.timeline.drawn import Area, paint_shape
from gala_renderer.timeline.elements.stationary import DrawnPicture
from gala_renderer.timeline.studio import Shown, Studio


def make(layer: Layer, studio: Studio) -> Shown | None:
    """Return a shape, drawn where it is on the frame."""
    element, placement = cast(ShapeElement, layer.element), layer.placement
    area = None if placement is None else Area.of(placement.box, studio.size)
    if area is None:
        return None
    path = studio.path(layer, ".png")
    paint_shape(path, element, area, studio.short_side)
    plain = element.shape is ShapeName.RECTANGLE and not element.radius
    opaque = plain and area.part == WHOLE_PICTURE
    return DrawnPicture(layer=layer, area=area, studio=studio, path=path, opaque=opaque)
