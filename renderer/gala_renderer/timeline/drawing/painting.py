"""Paints figures by parts of a pixel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures

from gala_renderer.timeline.drawing.figures import (
    Arc,
    Bar,
    Curve,
    Figure,
    Figures,
    Label,
    Slice,
    settles,
)

Image = NDArray[np.uint8]
Coverage = NDArray[np.float32]
_FINER: Final = 4
"""Lines are drawn that many times larger."""
_SHIFT: Final = 4
"""Bits of a fraction of a pixel in OpenCV's coordinates."""
_AREA_OPACITY: Final = 0.35
_BEYOND: Final = 1e6
_SMALLEST: Final = 0.05
"""Pixels below which nothing is painted."""


class Canvas:
    """A picture in RGBA (straight), on which figures are laid over one another."""

    def __init__(self, width: int, height: int):
        self.pixels: Image = np.zeros((height, width, 4), np.uint8)

    def lay(self, corner: tuple[int, int], coverage: Coverage, color: str) -> None:
        """Lay a color over the pixels from a corner on, as far as they are covered, 0 to 1."""
        rgb = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
        self._blend(corner, np.asarray(rgb, np.float32), coverage)

    def lay_picture(self, corner: tuple[int, int], picture: Image, opacity: float) -> None:
        """Lay a picture in RGBA over the pixels from a corner on."""
        coverage = picture[..., 3].astype(np.float32) * (opacity / 255)
        self._blend(corner, picture[..., :3].astype(np.float32), coverage)

    def _blend(self, corner: tuple[int, int], rgb: NDArray[np.float32], coverage: Coverage) -> None:
        height, width = self.pixels.shape[:2]
        x, y = corner
        left, top = max(0, -x), max(0, -y)
        right, bottom = min(coverage.shape[1], width - x), min(coverage.shape[0], height - y)
        if right <= left or bottom <= top:
            return
        over = coverage[top:bottom, left:right, np.newaxis]
        above = rgb if rgb.ndim == 1 else rgb[top:bottom, left:right]
        below = self.pixels[y + top : y + bottom, x + left : x + right]
        rest = below[..., 3:].astype(np.float32) / 255 * (1 - over)
        whole = over + rest
        mixed = (above * over + below[..., :3] * rest) / np.maximum(whole, 1e-6)
        below[..., :3] = np.rint(mixed)
        below[..., 3:] = np.rint(whole * 255)


def rounded(
    left: float, top: float, width: float, height: float, radius: float
) -> tuple[tuple[int, int], Coverage]:
    """Return the corner and the coverage of a rectangle with round corners."""
    x, y = math.floor(left) - 1, math.floor(top) - 1
    right, bottom = math.ceil(left + width) + 1, math.ceil(top + height) + 1
    radius = min(radius, width / 2, height / 2)
    across = np.abs(np.arange(x, right) + 0.5 - (left + width / 2)) - width / 2 + radius
    down = np.abs(np.arange(y, bottom) + 0.5 - (top + height / 2)) - height / 2 + radius
    outside = np.hypot(np.maximum(across, 0)[np.newaxis], np.maximum(down, 0)[:, np.newaxis])
    inside = np.minimum(np.maximum(across[np.newaxis], down[:, np.newaxis]), 0)
    # Exact for straight edges, also if both are in one pixel.
    box = _overlap(x, right, left, width) * _overlap(y, bottom, top, height)[:, np.newaxis]
    return (x, y), np.minimum(_covered(outside + inside - radius), box)


def _overlap(first: int, last: int, start: float, length: float) -> Coverage:
    """Return how much of each pixel is in a span."""
    pixels = np.arange(first, last)
    inner = np.minimum(pixels + 1, start + length) - np.maximum(pixels, start)
    return np.asarray(np.clip(inner, 0, 1), np.float32)


def _covered(distance: NDArray[np.float64]) -> Coverage:
    return np.clip(0.5 - distance, 0, 1).astype(np.float32)


def frames(figures: Figures, size: tuple[int, int], skipped: int) -> Iterator[Image]:
    """Yield the picture for each frame from ``skipped`` on in which it changes."""
    last = math.ceil(max((settles(one) for one in figures.figures), default=0))
    base, rest = Canvas(*size), list(figures.figures)
    for frame in range(skipped, max(last, skipped) + 1):
        # What no longer changes is painted once.
        while rest and settles(rest[0]) <= frame:
            _paint(base, rest.pop(0), frame)
        canvas = Canvas(*size)
        canvas.pixels[...] = base.pixels
        for figure in rest:
            _paint(canvas, figure, frame)
        yield canvas.pixels


def _paint(canvas: Canvas, figure: Figure, frame: int) -> None:
    match figure:
        case Bar():
            _bar(canvas, figure, frame)
        case Arc():
            _arc(canvas, figure, frame)
        case Slice():
            _slice(canvas, figure, frame)
        case Curve():
            _curve(canvas, figure, frame)
        case Label():
            _label(canvas, figure, frame)


def _bar(canvas: Canvas, bar: Bar, frame: int) -> None:
    grown = bar.growth.at(frame)
    left, top, width, height = bar.left, bar.top, bar.width, bar.height
    if bar.toward in {"up", "down"}:
        top = top if bar.toward == "down" else top + height * (1 - grown)
        height *= grown
    else:
        left = left if bar.toward == "right" else left + width * (1 - grown)
        width *= grown
    if min(width, height) < _SMALLEST:
        return
    corner, coverage = rounded(left, top, width, height, bar.radius)
    canvas.lay(corner, coverage * np.float32(bar.opacity), bar.color)


def _arc(canvas: Canvas, arc: Arc, frame: int) -> None:
    turn = arc.turn * arc.growth.at(frame)
    if turn * arc.radius < _SMALLEST:
        return
    corner, distance, angle = _polar(arc.center, arc.radius, arc.thickness)
    if turn < 1:
        end = 2 * np.pi * turn
        ends = [(arc.radius * math.sin(at), -arc.radius * math.cos(at)) for at in (0.0, end)]
        distance = np.where(angle <= end, distance, _BEYOND)
        for x, y in ends:
            _add_end(distance, (arc.center[0] + x - corner[0], arc.center[1] + y - corner[1]), arc)
    coverage = _covered(distance - arc.thickness / 2)
    canvas.lay(corner, coverage * np.float32(arc.opacity), arc.color)


@lru_cache(maxsize=8)
def _polar(
    center: tuple[float, float], radius: float, thickness: float
) -> tuple[tuple[int, int], NDArray[np.float64], NDArray[np.float64]]:
    """Return the corner of the pixels of a ring, their distance from its middle, and angles."""
    reach = radius + thickness / 2 + 1
    x, y = (math.floor(at - reach) for at in center)
    side = math.ceil(2 * reach) + 2
    across = np.arange(x, x + side) + 0.5 - center[0]
    down = (np.arange(y, y + side) + 0.5 - center[1])[:, np.newaxis]
    distance = np.abs(np.hypot(across, down) - radius)
    return (x, y), distance, np.arctan2(across, -down) % (2 * np.pi)


def _add_end(distance: NDArray[np.float64], at: tuple[float, float], arc: Arc) -> None:
    """Add the round end of an arc at a place to the distances of pixels."""
    reach = arc.thickness / 2 + 2
    left, top = (max(0, math.floor(one - reach)) for one in at)
    part = distance[top : math.ceil(at[1] + reach), left : math.ceil(at[0] + reach)]
    across = left + np.arange(part.shape[1]) + 0.5 - at[0]
    down = (top + np.arange(part.shape[0]) + 0.5 - at[1])[:, np.newaxis]
    np.minimum(part, np.hypot(across, down), out=part)


def _slice(canvas: Canvas, piece: Slice, frame: int) -> None:
    end = min(piece.end, piece.growth.at(frame))
    turn = end - piece.start
    if turn * piece.outer < _SMALLEST:
        return
    x, y = (math.floor(at - piece.outer) - 1 for at in piece.center)
    side = math.ceil(2 * piece.outer) + 3
    across = np.arange(x, x + side, dtype=np.float32) + np.float32(0.5 - piece.center[0])
    down = np.arange(y, y + side, dtype=np.float32)[:, np.newaxis]
    down += np.float32(0.5 - piece.center[1])
    radius = np.hypot(across, down)
    outside = np.maximum(radius - piece.outer, piece.inner - radius)
    if turn < 1:
        # Up to half a turn it is where two half planes meet, else where one of them is.
        both = np.minimum if turn <= 1 / 2 else np.maximum
        edges = both(_from_ray(across, down, piece.start), -_from_ray(across, down, end))
        outside = np.maximum(outside, piece.gap / 2 - edges)
    canvas.lay((x, y), np.clip(0.5 - outside, 0, 1), piece.color)


def _from_ray(across: Coverage, down: Coverage, turn: float) -> Coverage:
    """Return how far pixels are clockwise of a line through the center."""
    angle = 2 * math.pi * turn
    return np.asarray(across * math.cos(angle) + down * math.sin(angle), np.float32)


def _curve(canvas: Canvas, curve: Curve, frame: int) -> None:
    grown = curve.growth.at(frame)
    points = _beginning(np.asarray(curve.points, np.float64), grown)
    reach = curve.thickness + 2
    x = math.floor(points[:, 0].min() - reach)
    y = math.floor(min(points[:, 1].min() - reach, curve.floor))
    right = math.ceil(points[:, 0].max() + reach)
    bottom = math.ceil(max(points[:, 1].max() + reach, curve.floor))
    size = (right - x, bottom - y)
    moved = points - (x, y)
    if len(points) > 1:
        canvas.lay((x, y), _area(moved, curve.floor - y, size), curve.color)
    dots = [one - (x, y) for one in np.asarray(curve.points) if one[0] <= points[-1, 0] + 1e-6]
    canvas.lay((x, y), _stroke(moved, curve.thickness, size, dots), curve.color)


def _beginning(points: NDArray[np.float64], part: float) -> NDArray[np.float64]:
    """Return the first part of a line, 0 to 1 of its width."""
    end = points[0, 0] + (points[-1, 0] - points[0, 0]) * part
    whole = points[points[:, 0] <= end + 1e-9]
    if len(whole) == len(points):
        return points
    height = np.interp(end, points[:, 0], points[:, 1])
    return np.vstack([whole, [end, height]])


def _area(points: NDArray[np.float64], floor: float, size: tuple[int, int]) -> Coverage:
    """Return the coverage of what is between a line and the floor, toward which it fades out."""
    below = [[points[-1, 0], floor], [points[0, 0], floor]]
    filled = np.zeros((size[1], size[0]), np.uint8)
    corners = np.rint(np.vstack([points, below]) * (1 << _SHIFT) - (1 << _SHIFT) / 2)
    cv2.fillPoly(filled, [corners.astype(np.int32)], 255, cv2.LINE_AA, _SHIFT)
    farthest = max(1.0, np.abs(points[:, 1] - floor).max())
    fade = np.clip(np.abs(floor - np.arange(size[1])) / farthest, 0, 1) * _AREA_OPACITY
    whole = filled.astype(np.float32) / 255
    return np.asarray(whole * fade[:, np.newaxis], np.float32)


def _stroke(
    points: NDArray[np.float64],
    thickness: float,
    size: tuple[int, int],
    dots: Sequence[NDArray[np.float64]],
) -> Coverage:
    large = np.zeros((size[1] * _FINER, size[0] * _FINER), np.uint8)
    corners = np.rint(points * _FINER * (1 << _SHIFT)).astype(np.int32)
    width = max(1, round(thickness * _FINER))
    cv2.polylines(large, [corners], False, 255, width, cv2.LINE_8, _SHIFT)
    for dot in dots:
        center = np.rint(dot * _FINER * (1 << _SHIFT)).astype(int)
        radius = round(thickness * _FINER * (1 << _SHIFT))
        cv2.circle(large, (int(center[0]), int(center[1])), radius, 255, -1, cv2.LINE_8, _SHIFT)
    small = cv2.resize(large, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def _label(canvas: Canvas, label: Label, frame: int) -> None:
    opacity = label.appears.at(frame)
    is_over = label.until is not None and frame >= label.until
    if opacity <= 0 or frame < label.first or is_over:
        return
    rest = 1 - label.moves.at(frame)
    left, top = label.left + label.shift[0] * rest, label.top + label.shift[1] * rest
    picture, corner = _picture(label.path), (math.floor(left), math.floor(top))
    if rest:
        picture = _between_pixels(picture, left - corner[0], top - corner[1])
    canvas.lay_picture(corner, picture, opacity)


def _between_pixels(picture: Image, right: float, down: float) -> Image:
    """Return a picture moved by parts of a pixel."""
    matrix = np.asarray([[1, 0, right], [0, 1, down]], np.float64)
    size = (picture.shape[1] + 1, picture.shape[0] + 1)
    return np.asarray(cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


@lru_cache(maxsize=64)
def _picture(path: Path) -> Image:
    with Pictures.open(path) as png:
        return np.asarray(png.convert("RGBA"))
