"""Rasterisation of drawings with resvg, which belongs to the extra ``avatars``."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import resvg_py

from gala_renderer.avatars.sprites.sprite import Sprite, cropped
from gala_renderer.avatars.yuv import Image, premultiplied


@dataclass(frozen=True, slots=True)
class Drawing:
    """SVG elements, and the box in which they lie: left, top, right, bottom."""

    elements: str
    box: tuple[float, float, float, float]


def rasterized(drawing: Drawing, scale: float) -> Sprite:
    """Return a drawing at so many pixels per unit, without its empty margins."""
    left, top = (math.floor(side * scale) for side in drawing.box[:2])
    right, bottom = (math.ceil(side * scale) for side in drawing.box[2:])
    width, height = max(right - left, 1), max(bottom - top, 1)
    view = f"{left / scale:.6f} {top / scale:.6f} {width / scale:.6f} {height / scale:.6f}"
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="{view}" preserveAspectRatio="none">{drawing.elements}</svg>'
    )
    png = resvg_py.svg_to_bytes(svg_string=document, skip_system_fonts=True)
    return cropped(premultiplied(_decoded(png)), left, top)


def _decoded(png: bytes) -> Image:
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.ndim != 3 or picture.shape[2] != 4:
        raise RuntimeError("resvg returned no RGBA picture")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA), np.uint8)
