"""The layers of a portrait at the size of a placement, in the planes of video."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars import yuv
from gala_renderer.avatars.body import Placement
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, u8
from gala_renderer.avatars.portrait.ending import Ends, ended
from gala_renderer.avatars.portrait.moustache import with_moustache
from gala_renderer.avatars.portrait.mouth import lip_masks, rolled
from gala_renderer.avatars.portrait.mouth_shape import MouthShape
from gala_renderer.avatars.portrait.prepared import Prepared
from gala_renderer.avatars.portrait.warp import scaled
from gala_renderer.avatars.scaling import bordered
from gala_renderer.avatars.scaling import scaled as exactly_scaled

_COARSE: Final = 1.6
"""Enlargement from which a picture has no detail that sampling could lose."""
_BLOCK: Final = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Row and column of the pixels of a block."""
_CORRECTIONS: Final = (*[cv2.INTER_CUBIC] * 3, cv2.INTER_NEAREST)
"""How what is missing is enlarged: smoothly, and the small rest exactly."""
_PARTS: Final = np.int16(16)
"""Steps per level in which layers are corrected."""
_LIP_SOFTNESS: Final = 0.012
"""Half the width of the soft edge of lips, in widths of the mouth."""


_AROUND_LIPS: Final = ((-1.0, 1.0), (-0.65, 0.8))
"""What open lips are cut from, across and down, in widths of the mouth."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where an image lies in a frame."""

    finer: int
    """Its pixels per pixel of the frame."""
    left: float
    top: float
    """Where its corner lies in the frame."""

    def fine(self, at: Array) -> Array:
        """Return positions in the image of positions in the frame."""
        offset = 0.5 * self.finer - 0.5
        corner = offset - self.left * self.finer, offset - self.top * self.finer
        return scaled(at, self.finer, corner)


@dataclass(frozen=True, slots=True)
class Person(Scale):
    """The planes of a person, for blocks of two by two pixels of the frame.

    A block is sampled as a whole: neighbouring pixels move alike.
    """

    light: Bytes
    """Y of the four pixels of a block that begins here: two above, two below."""
    plane: Bytes
    """Y alone."""
    free: Bytes
    """How much is seen of what is behind, for each pixel: 255 is all."""
    free_blocks: Bytes
    """The same of the four pixels of a block, as ``light``."""
    colour: Bytes
    """U, V, what is seen of what is behind, and nothing, at half the size."""
    pairs: Bytes
    """U and V of a pixel of ``colour``, and those of the next one in the frame."""
    multiplied: bool
    """Whether Y, U and V are multiplied by the opacity, ready to be added to what is behind."""

    def blocks(self, at: Array) -> Array:
        """Return positions in ``light`` of middles of blocks in the frame."""
        return self.fine(at) - np.float32(self.finer / 2)

    def pixels(self, blocks: Array) -> Array:
        """Return positions in ``free`` of positions that :meth:`blocks` returned."""
        return blocks + np.float32(self.finer / 2)

    def halves(self, blocks: Array) -> Array:
        """Return positions in ``colour`` of positions that :meth:`blocks` returned."""
        return blocks * np.float32(0.5) + np.float32(self.finer / 4 - 0.25)

    def quarters(self, blocks: Array) -> Array:
        """Return positions in ``pairs`` of positions that :meth:`blocks` returned."""
        offset = self.finer / 4 - 0.25
        return scaled(blocks, 0.5, (offset - self.finer / 2, offset))

    def redraw(self, rows: tuple[int, int], columns: tuple[int, int], planes: Bytes) -> None:
        """Replace Y, U and V in even rows and columns of the image."""
        free = self.free[slice(*rows), slice(*columns)]
        if self.multiplied and free.any():
            opacity = u8(cv2.bitwise_not(free))
            planes = _merged(*(_times(u8(plane), opacity) for plane in cv2.split(planes)))
        self._redraw_light(rows, columns, planes[..., 0])
        (top, bottom), (left, right) = ((begin // 2, end // 2) for begin, end in (rows, columns))
        tint = halved(np.ascontiguousarray(planes[..., 1:]))
        self.colour[top:bottom, left:right, :2] = tint
        self.pairs[top:bottom, left:right, :2] = tint
        first, end = (max(each - self.finer, 0) for each in (left, right))
        self.pairs[top:bottom, first:end, 2:] = tint[:, first + self.finer - left :]

    def _redraw_light(self, rows: tuple[int, int], columns: tuple[int, int], light: Bytes) -> None:
        self.plane[slice(*rows), slice(*columns)] = light
        for number, (down, across) in enumerate(_BLOCK):
            top, left = rows[0] - down * self.finer, columns[0] - across * self.finer
            inner = light[max(-top, 0) :, max(-left, 0) :]
            bottom, right = rows[1] - down * self.finer, columns[1] - across * self.finer
            self.light[max(top, 0) : bottom, max(left, 0) : right, number] = inner


@dataclass(frozen=True, slots=True)
class Lips(Scale):
    """The surroundings of a mouth, once for each lip."""

    upper: Bytes
    """Y, U, V, and the upper side."""
    lower: Bytes
    """Y, U, V, and the lower side."""
    opening: Bytes
    """Where there is something to look into between the lips, for the upper one."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the parts of a placement are cut from."""

    person: Person
    planes: Bytes
    """Y, U and V of the person at full size."""

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

    def lips(self, shape: MouthShape, moustache: float) -> Lips:
        """Return the surroundings of the mouth, with the masks of both lips.

        ``moustache`` is how much hair hangs over the upper lip, 0 to 1.
        """
        u, v = np.meshgrid(_AROUND_LIPS[0], _AROUND_LIPS[1])
        corners = shape.directions(f32(u * shape.width), f32(v * shape.width)).reshape(-1, 2)
        low, high = corners.min(0), corners.max(0)
        rows, columns = self.crop(f32(shape.centre + low), f32(shape.centre + high))
        picture = self.planes[slice(*rows), slice(*columns)]
        at = self.positions(rows, columns)
        softness = max(_LIP_SOFTNESS * shape.width, 0.6)
        upper, lower, opening = lip_masks(shape, at, softness)
        above = rolled(picture, shape, at, upper=True)
        if moustache:
            above, upper = with_moustache(picture, (above, upper), shape, at, moustache)
        return Lips(
            finer=self.person.finer,
            left=self.person.left + columns[0] / self.person.finer,
            top=self.person.top + rows[0] / self.person.finer,
            upper=_merged(above, upper),
            opening=opening,
            lower=_merged(rolled(picture, shape, at, upper=False), lower),
        )


def placed(
    prepared: Prepared,
    placement: Placement,
    size: tuple[int, int],
    margin: float,
    *,
    multiplied: bool,
) -> Source:
    """Return the layers at the size of a placement, as far as frames of ``size`` can show them.

    ``margin`` is how far outside of the frame there may be what moves into it, in pixels. The
    layers are twice as fine as the frame, so that sampling between pixels keeps their sharpness,
    unless the picture has no such detail. See :class:`Person` for ``multiplied``.
    """
    scale = placement.scale
    finer = 2 if scale < _COARSE else 1
    rows = _seen(placement.y, scale, size[1], prepared.size[1], margin)
    columns = _seen(placement.x, scale, size[0], prepared.size[0], margin)
    grid = _PixelGrid.over(columns, rows, placement)
    picture = yuv.full_resolution(np.ascontiguousarray(prepared.person[rows, columns]))
    opacity = grid.layer(np.ascontiguousarray(prepared.alpha[rows, columns]), finer, sharp=False)
    ends = Ends.of(placement, size, prepared.size)
    opacity = ended(opacity, ends, prepared.size[0] * scale * finer, finer)
    light = grid.layer(u8(cv2.extractChannel(picture, 0)), finer, sharp=True)
    colour = cv2.resize(grid.resampled(picture[..., 1:].copy(), 1), light.shape[::-1])
    planes = [light, *map(u8, cv2.split(colour))]
    drawn = [_times(plane, opacity) for plane in planes] if multiplied else planes
    free = u8(cv2.bitwise_not(opacity))
    colour = _merged(*map(halved, (*drawn[1:], free, np.zeros_like(free))))
    person = Person(
        finer=finer,
        left=grid.left,
        top=grid.top,
        light=_blocks(drawn[0], finer),
        plane=drawn[0],
        free=free,
        free_blocks=_blocks(free, finer),
        colour=colour,
        pairs=_pairs(colour, finer),
        multiplied=multiplied,
    )
    return Source(person, _merged(*planes))


def _times(plane: Bytes, opacity: Bytes) -> Bytes:
    return u8(cv2.multiply(plane, opacity, scale=1 / 255))


def _merged(*planes: Bytes) -> Bytes:
    """Return an image of all their channels; NumPy's ``dstack`` takes ten times as long."""
    return u8(cv2.merge(planes))


@dataclass(frozen=True, slots=True)
class _PixelGrid:
    """Pixels of a frame that show a part of a picture, so that nothing at rest lies between two."""

    scale: float
    left: int
    top: int
    offset: tuple[float, float]
    """Where the part begins in the first pixel, less than 1."""
    size: tuple[int, int]
    """Width and height, both even."""

    @classmethod
    def over(cls, columns: slice, rows: slice, placement: Placement) -> _PixelGrid:
        """Return the pixels for rows and columns of a picture."""
        scale = placement.scale
        x, y = placement.x + columns.start * scale, placement.y + rows.start * scale
        left, top = math.floor(x), math.floor(y)
        across, down = (part.stop - part.start for part in (columns, rows))
        width = math.ceil((across * scale + x - left) / 2) * 2
        height = math.ceil((down * scale + y - top) / 2) * 2
        return cls(scale, left, top, (x - left, y - top), (width, height))

    def layer(self, plane: Bytes, finer: int, *, sharp: bool) -> Bytes:
        """Return one plane with ``finer`` pixels for each one of the frame, in both directions.

        The mean of those that make a pixel is that pixel, so that what does not move is as sharp
        as the picture itself. What is missing is added smoothly first ("iterative back-projection",
        Irani and Peleg, 1991), or edges that move had steps.
        """
        exact = self.resampled(plane, 1)
        if finer == 1:
            return exact
        wanted = exact.astype(np.int16) * _PARTS
        found = self.resampled(plane, finer, sharp=sharp).astype(np.int16) * _PARTS
        wide = found.shape[1], found.shape[0]
        for how in _CORRECTIONS:
            mean = cv2.resize(found, self.size, interpolation=cv2.INTER_AREA)
            found += np.asarray(cv2.resize(wanted - mean, wide, interpolation=how), np.int16)
            np.clip(found, 0, 255 * _PARTS, out=found)
        return u8(cv2.convertScaleAbs(found, alpha=1 / _PARTS))

    def resampled(self, part: Bytes, finer: int, *, sharp: bool = True) -> Bytes:
        """Return the part in ``finer`` times the size, its edge continued."""
        scale = self.scale * finer
        if scale < 1:
            width, height = (max(round(side * scale), 1) for side in part.shape[1::-1])
            part = u8(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA))
            scale = 1.0
        how = cv2.INTER_LANCZOS4 if self.scale < _COARSE and sharp else cv2.INTER_CUBIC
        size = self.size[0] * finer, self.size[1] * finer
        x, y = (each * finer for each in self.offset)
        matrix = np.array([[scale, 0, x], [0, scale, y]])
        found = exactly_scaled(bordered(part), matrix, size, interpolation=how)
        if found is not None:
            return found
        # Here, pixels are counted from the middle of the first one.
        matrix[:, 2] += 0.5 * scale - 0.5
        return u8(cv2.warpAffine(part, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE))


def _seen(offset: float, scale: float, side: int, whole: int, margin: float) -> slice:
    """Return the rows or columns of a picture that a frame can show."""
    first = int(np.clip((-margin - offset) // scale, 0, max(whole - 2, 0)))
    return slice(first, int(np.clip((side + margin - offset) // scale + 2, first + 1, whole)))


def _blocks(plane: Bytes, step: int) -> Bytes:
    """Return for each pixel itself and those ``step`` to the right, below, and to both."""
    height, width = plane.shape
    padded = u8(cv2.copyMakeBorder(plane, 0, step, 0, step, cv2.BORDER_REPLICATE))
    return _merged(
        *(padded[down * step :, across * step :][:height, :width] for down, across in _BLOCK)
    )


def _pairs(colour: Bytes, step: int) -> Bytes:
    """Return U and V of each pixel, and of the one ``step`` to the right."""
    tint = np.ascontiguousarray(colour[..., :2])
    moved = cv2.copyMakeBorder(tint, 0, 0, 0, step, cv2.BORDER_REPLICATE)[:, step:]
    return _merged(tint, u8(moved))


def unfolded(blocks: Bytes, plane: Bytes) -> None:
    """Write blocks of two by two pixels into a plane."""
    rows = np.ascontiguousarray(blocks).view(np.uint16)
    plane[0::2].view(np.uint16)[...] = rows[..., 0]
    plane[1::2].view(np.uint16)[...] = rows[..., 1]


def halved(planes: Bytes) -> Bytes:
    """Return an image of even size at half the size, each pixel the mean of four."""
    height, width = planes.shape[:2]
    return u8(cv2.resize(planes, (width // 2, height // 2), interpolation=cv2.INTER_AREA))
