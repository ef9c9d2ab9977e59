"""Rasterisation of drawings with ThorVG, which belongs to the extra ``avatars``.

The drawings are GALA's own. SVG of users is drawn in the sandbox, by resvg, which knows more of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from thorvg_python.base import Colorspace, Result
from thorvg_python.canvas.sw import SwCanvas
from thorvg_python.engine import Engine
from thorvg_python.paint.picture import Picture

from gala_renderer.avatars.sprites.sprite import NOTHING, Sprite, cropped
from gala_renderer.avatars.yuv import Image


@dataclass(frozen=True, slots=True)
class Drawing:
    """SVG elements, and the box in which they lie: left, top, right, bottom."""

    elements: str
    box: tuple[float, float, float, float]


def rasterized(drawing: Drawing, scale: float) -> Sprite:
    """Return a drawing at so many pixels per unit, without its empty margins."""
    if not drawing.elements:
        return NOTHING
    left, top = (math.floor(side * scale) for side in drawing.box[:2])
    right, bottom = (math.ceil(side * scale) for side in drawing.box[2:])
    width, height = max(right - left, 1), max(bottom - top, 1)
    view = f"{left / scale:.6f} {top / scale:.6f} {width / scale:.6f} {height / scale:.6f}"
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="{view}" preserveAspectRatio="none">{drawing.elements}</svg>'
    )
    return cropped(_drawn(document, width, height), left, top)


@cache
def _engine() -> Engine:
    # In this thread alone: FFmpeg encodes on all cores meanwhile.
    return Engine(threads=0)


def _drawn(document: str, width: int, height: int) -> Image:
    """Return premultiplied RGBA."""
    canvas, picture = SwCanvas(_engine()), Picture(_engine())
    try:
        canvas.set_target(width, height, cs=Colorspace.ABGR8888)
        _check(picture.load_data(document.encode(), "svg", None, copy=True), "read")
        _check(canvas.add(picture), "placed")
        _check(canvas.update(), "placed")
        _check(canvas.draw(clear=True), "drawn")
        _check(canvas.sync(), "drawn")
        pixels = np.ctypeslib.as_array(canvas.buffer_arr).view(np.uint8)
        return pixels.reshape(height, width, 4).copy()
    finally:
        canvas.destroy()


def _check(result: Result, done: str) -> None:
    if result != Result.SUCCESS:
        raise RuntimeError(f"ThorVG: a drawing cannot be {done} ({result.name})")
