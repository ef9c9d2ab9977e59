"""The thick line that many drawings have at the upper lid; it goes down with the lid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gala_renderer.avatars.portrait.arrays import Array, f32
from gala_renderer.avatars.portrait.eye_shape import EyeShape, Surroundings
from gala_renderer.avatars.portrait.fields import smooth
from gala_renderer.avatars.portrait.warp import sampled_field

_ALONG: Final = np.linspace(0.12, 0.88, 39, dtype=np.float32)
_DOWN: Final = np.linspace(-0.12, 0.1, 45, dtype=np.float32)
"""Where it is looked for: along the lid, and from above to below it, in widths of the eye."""
_DARK: Final = 0.35
"""The most light of the line, relative to that of the skin."""
_THINNEST, _THICKEST = 0.035, 0.12
"""Thickness in widths of the eye: thinner are the lashes of photos, which move with their lid."""
_COMMON: Final = 0.75
"""The part of the lid that has the line at least."""


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line of one colour and thickness."""

    colour: Array
    thickness: float
    """In pixels of the frame."""

    def share(self, over: Array, u: Array, soft: float) -> Array:
        """Return where it is, 0 to 1, by the distance above the edge of the lid."""
        band = smooth(-soft, soft, over) * smooth(-soft, soft, self.thickness - over)
        return f32(band * smooth(0.0, 0.08, u) * smooth(0.0, 0.08, 1 - u))


def drawn_line(shape: EyeShape, around: Surroundings, skin: Array) -> DrawnLine | None:
    """Return the line of an eye; None if it has none, as in photos and paintings."""
    u, down = np.meshgrid(_ALONG, _DOWN, indexing="ij")
    v = shape.at(shape.upper, f32(u)) + f32(down * shape.width)
    colours = sampled_field(around.picture, around.index(*shape.pixels(f32(u), f32(v))))
    dark = colours[..., 0] < 16 + _DARK * (skin[0] - 16)
    # The first dark run from above: below it may be a dark iris.
    first = dark & (np.cumsum(np.diff(dark, axis=1, prepend=False), 1) == 1)
    runs = first.sum(1) * float(_DOWN[1] - _DOWN[0])
    found = (runs > _THINNEST) & ~dark[:, 0]
    if found.mean() < _COMMON:
        return None
    thickness = min(float(np.median(runs[found])), _THICKEST) * shape.width
    return DrawnLine(f32(np.median(colours[first], 0)), thickness)
