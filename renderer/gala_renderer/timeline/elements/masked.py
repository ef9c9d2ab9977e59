"""Elements that stay where they are, with masks."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image, ImageChops

from gala_renderer.timeline.drawn import save_png
from gala_renderer.timeline.elements.stationary import Stationary
from gala_renderer.timeline.masks import area_mask
from gala_renderer.timeline.movement import own_mask
from gala_renderer.timeline.studio import Shown, Studio


def masked_still(shown: Shown | None, studio: Studio) -> Shown | None:
    """Return a layer that does not move with its mask."""
    mask = None if shown is None else own_mask(shown.layer)
    if mask is None or not isinstance(shown, Stationary):
        return shown
    drawn = area_mask(shown.layer, mask, shown.area, studio)
    if shown.mask is not None:
        with Image.open(shown.mask) as other:
            drawn = ImageChops.multiply(drawn, other.convert("L"))
    path = studio.path(shown.layer, "-masks.png")
    save_png(drawn, path)
    return replace(shown, mask=path)
