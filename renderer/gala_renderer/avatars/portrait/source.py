"""The layers of a portrait at the size of a placement, in the planes of video."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars import yuv
from gala_renderer.avatars.body import Placement
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, u8
from gala_renderer.avatars.portrait.mouth import lip_masks, rolled
from gala_renderer.avatars.portrait.mouth_shape import MouthShape
from gala_renderer.avatars.portrait.prepared import Prepared

_COARSE: Final = 1.6
"""Enlargement from which a picture has no detail that sampling could lose."""
_LIP_SOFTNESS: Final = 0.012
"""Half the width of the soft edge of lips, in widths of the mouth."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where an image lies in a frame."""

    finer: float
    """Its pixels per pixel of the frame."""
    left: float
    top: float
    """Where its corner lies in the frame."""

    def fine(self, at: Array) -> Array:
        """Return positions in the image of positions in the frame."""
        corner = np.array([self.left, self.top], np.float32) - np.float32(0.5)
        return f32((at - corner) * np.float32(self.finer) - np.float32(0.5))

    def coarse(self, at: Array) -> Array:
        """Return positions in the image at half the size of positions in the frame."""
        corner = np.array([self.left, self.top], np.float32) - np.float32(0.5)
        return f32((at - corner) * np.float32(self.finer / 2) - np.float32(0.5))


@dataclass(frozen=True, slots=True)
class Person(Scale):
    """The planes of a person."""

    light: Bytes
    """Y and opacity."""
    colour: Bytes
    """U, V and opacity at half the size."""


@dataclass(frozen=True, slots=True)
class Lips(Scale):
    """The surroundings of a mouth, once for each lip."""

    upper: Bytes
    """Y, U, V, the upper side, and the opening."""
    lower: Bytes
    """Y, U, V, and the lower side."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the parts of a placement are cut from."""

    person: Person
    planes: Bytes
    """Y, U and V at full size."""

    def crop(self, low: Array, high: Array) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return even rows and columns around a rectangle in pixels of the frame."""
        limit = np.array(self.planes.shape[1::-1])
        first = np.clip(self.person.fine(low) // 2 * 2, 0, limit).astype(int)
        last = np.clip(self.person.fine(high) // 2 * 2 + 2, first, limit).astype(int)
        return (int(first[1]), int(last[1])), (int(first[0]), int(last[0]))

    def positions(self, rows: tuple[int, int], columns: tuple[int, int]) -> Array:
        """Return the positions in the frame of the pixels of a crop, [rows, columns, 2]."""
        person = self.person
        x = person.left - 0.5 + (np.arange(*columns) + 0.5) / person.finer
        y = person.top - 0.5 + (np.arange(*rows) + 0.5) / person.finer
        return f32(np.dstack(np.meshgrid(x, y)))

    def lips(self, shape: MouthShape) -> Lips:
        """Return the surroundings of the mouth, with the masks of both lips."""
        reach = 1.3 * shape.width
        rows, columns = self.crop(f32(shape.centre - reach), f32(shape.centre + reach))
        picture = self.planes[slice(*rows), slice(*columns)]
        at = self.positions(rows, columns)
        softness = max(_LIP_SOFTNESS * shape.width, 0.6)
        upper, lower, opening = lip_masks(shape, at, softness)
        return Lips(
            finer=self.person.finer,
            left=self.person.left + columns[0] / self.person.finer,
            top=self.person.top + rows[0] / self.person.finer,
            upper=u8(np.dstack([rolled(picture, shape, at, upper=True), upper, opening])),
            lower=u8(np.dstack([rolled(picture, shape, at, upper=False), lower])),
        )


def placed(prepared: Prepared, placement: Placement) -> Source:
    """Return the layers at the size of a placement.

    They are twice as fine as the frame, so that sampling between pixels keeps their sharpness,
    unless the picture has no such detail.
    """
    finer = 2.0 if placement.scale < _COARSE else 1.0
    scale = placement.scale * finer
    width, height = (max(round(side * scale / 2) * 2, 2) for side in prepared.size)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    larger = u8(cv2.resize(prepared.person, (width, height), interpolation=how))
    planes = yuv.full_resolution(larger)
    alpha = u8(cv2.resize(prepared.alpha, (width, height), interpolation=how))
    person = Person(
        finer=finer,
        left=placement.x,
        top=placement.y,
        light=np.dstack([planes[..., 0], alpha]),
        colour=halved(np.dstack([planes[..., 1:], alpha])),
    )
    return Source(person, planes)


def halved(planes: Bytes) -> Bytes:
    """Return an image of even size at half the size, each pixel the mean of four."""
    height, width = planes.shape[:2]
    return u8(cv2.resize(planes, (width // 2, height // 2), interpolation=cv2.INTER_AREA))
