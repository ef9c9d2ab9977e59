"""Paints a portrait: ground, clothes, head, features, hair, and the marks of the brush."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.drawings.portrait import features, strands
from gala_renderer.avatars.drawings.portrait.ground import RGB, Field, Ground, blend, step
from gala_renderer.avatars.drawings.portrait.sitter import Hairstyle, Sitter
from gala_renderer.avatars.drawings.portrait.surface import half_width, lit, relief
from gala_renderer.avatars.yuv import Image

_BRUSH: Final = 1.1
"""Half the width of a brush mark on the face, in millimetres."""
_DETAILED: Final = (
    ((-31.5, -1.0), (15.0, 9.0)),
    ((31.5, -1.0), (15.0, 9.0)),
    ((0.0, 68.0), (24.0, 9.0)),
)
"""Middle and spread of the eyes and of the mouth."""


def portrait(size: tuple[int, int] = (1080, 1350), sitter: Sitter | None = None) -> Image:
    """Return a painted portrait, sRGB of ``size`` (width, height).

    The same sitter gives the same picture. The person does not exist.
    """
    who = sitter or Sitter()
    ground = Ground.of(size)
    z = relief(ground, who)
    bright = lit(ground, z, who.light)
    picture = _background(ground, who)
    strands.paint_back(picture, ground, who)
    _neck(picture, ground, who)
    _clothes(picture, ground, who)
    _ears(picture, ground, who)
    blend(picture, _skin(ground, bright, who), _face_mask(ground, who))
    features.paint_nose(picture, ground, who)
    features.paint_eyes(picture, ground, bright, who)
    features.paint_lips(picture, ground, bright, who)
    strands.paint_brows(picture, ground, who)
    strands.paint_beard(picture, ground, who)
    strands.paint_hair(picture, ground, who)
    if who.glasses:
        features.paint_glasses(picture, ground)
    return _brushed(picture, ground, who)


def _face_mask(ground: Ground, sitter: Sitter) -> Field:
    width = half_width(ground.y, sitter.jaw)
    return step(0.8, np.asarray(width - np.abs(ground.x), np.float32), 1.4)


def _background(ground: Ground, sitter: Sitter) -> Field:
    """Return a warm ground, lighter beside the side in shadow, with broad marks."""
    glow = ground.bump((70, -10), (130, 150), 0.55)
    marks = 0.05 * ground.noise(sitter.seed + 5, 16) + 0.03 * ground.noise(sitter.seed + 6, 5)
    level = 0.55 + glow + marks
    return np.asarray(np.asarray(sitter.background)[None, None] * level[..., None], np.float32)


def _ramp(sitter: Sitter, bright: Field) -> Field:
    """Return the colour of lit skin: shadows turn red and brown, lights turn pale and warm."""
    skin = np.asarray(sitter.skin)
    stops = np.array([0.0, 0.22, 0.5, 0.78, 1.0])
    colours = np.array([
        skin * (0.20, 0.14, 0.13),
        skin * (0.50, 0.37, 0.33),
        skin * (0.84, 0.74, 0.68),
        skin * (1.04, 1.01, 0.97),
        np.minimum(skin * (1.16, 1.17, 1.15), 1.0),
    ])  # fmt: skip
    channels = [np.interp(bright, stops, colours[:, channel]) for channel in range(3)]
    return np.asarray(np.dstack(channels), np.float32)


def _skin(ground: Ground, bright: Field, sitter: Sitter) -> Field:
    skin = _ramp(sitter, np.clip(bright + 0.02 * ground.noise(sitter.seed, 4), 0, 1))
    blush: RGB = (sitter.skin[0] * 0.98, sitter.skin[1] * 0.62, sitter.skin[2] * 0.56)
    for at, spread, strength in (
        ((-43.0, 30.0), (17.0, 13.0), 0.30),
        ((43.0, 30.0), (17.0, 13.0), 0.30),
        ((0.0, 37.0), (11.0, 8.0), 0.26),
        ((0.0, 101.0), (14.0, 8.0), 0.14),
    ):
        tinted = np.asarray(blush, np.float32) * (0.25 + 0.9 * bright[..., None])
        blend(skin, tinted.astype(np.float32), ground.bump(at, spread, strength))
    shine: RGB = (1.0, 0.95, 0.88)
    towards = float(np.sign(sitter.light[0]))
    blend(skin, shine, ground.bump((14 * towards, -60.0), (20.0, 12.0), 0.10))
    blend(skin, shine, ground.bump((2 * towards, 34.0), (2.6, 3.0), 0.35))
    return skin


def _neck(picture: Field, ground: Ground, sitter: Sitter) -> None:
    half = 38.5 + 6 * sitter.jaw + np.clip((ground.y - 132) / 30, 0, 1.2) ** 2 * 26
    mask = step(0, np.asarray(half - np.abs(ground.x), np.float32), 1.5) * step(60, ground.y, 2)
    across = np.clip(ground.x / 52, -1, 1)
    side = np.sign(sitter.light[0])
    bright = 0.52 + 0.26 * across * side - 0.12 * across**2
    under = np.exp(-((np.clip(ground.y - 112 + 0.15 * ground.x * side, 0, None) / 26) ** 1.6))
    bright = np.clip(bright * (1 - 0.72 * under), 0.06, 1)
    bright = bright + ground.bump((-16, 168), (16, 5), 0.10) - ground.bump((0, 176), (7, 7), 0.10)
    blend(picture, _ramp(sitter, np.asarray(bright, np.float32)), mask)


def _clothes(picture: Field, ground: Ground, sitter: Sitter) -> None:
    """Paint shoulders, and a neckline with a pale edge."""
    x, y = ground.x, ground.y
    shoulder = 150 + 44 * (np.clip(np.abs(x) - 42, 0, None) / 92) ** 1.6
    neckline = 198 - 52 * np.clip(np.abs(x) / 52, 0, 1.05) ** 2.4
    top = np.maximum(shoulder, neckline)
    cloth = step(0, np.asarray(y - top, np.float32), 1.6)
    folds = 0.09 * np.sin(x / 13 + y / 30 + 2 * ground.noise(sitter.seed + 8, 60))
    side = np.clip(x * np.sign(sitter.light[0]) / 150, -1, 1)
    level = 0.62 + 0.42 * side + folds - 0.0025 * (y - 170)
    colour = np.asarray(sitter.clothes)[None, None] * np.clip(level, 0.15, 1.4)[..., None]
    blend(picture, colour.astype(np.float32), cloth)
    edge = np.exp(-(((y - neckline - 3.5) / 2.6) ** 2)) * (neckline >= shoulder - 2)
    blend(picture, (0.82, 0.76, 0.66), np.asarray(edge * 0.68, np.float32))
    shadow = np.exp(-(((y - top + 1.5) / 2) ** 2)) * 0.3
    blend(picture, (0.10, 0.07, 0.06), np.asarray(shadow, np.float32))


def _ears(picture: Field, ground: Ground, sitter: Sitter) -> None:
    if sitter.hairstyle is Hairstyle.LONG:
        return
    for side in (-1, 1):
        dx, dy = (ground.x - side * 73) / 9.5, (ground.y - 18) / 27
        inside = np.asarray(1 - np.hypot(dx + 0.1 * dy * side, dy), np.float32)
        lit_side = 0.62 if side == np.sign(sitter.light[0]) else 0.30
        shape = np.clip(lit_side + 0.25 * np.sin(np.hypot(dx, dy) * 7), 0, 1)
        blend(picture, _ramp(sitter, np.asarray(shape, np.float32)), step(0, inside, 0.08))


def _brushed(picture: Field, ground: Ground, sitter: Sitter) -> Image:
    """Return the picture as if painted with a brush on canvas; eyes and lips keep their detail."""
    radius = max(round(_BRUSH * ground.scale), 1)
    broad = _kuwahara(picture, 2 * radius)
    fine = _kuwahara(picture, radius)
    face = ground.bump((0, 20), (62, 80), 1.0)
    painted = fine + (broad - fine) * np.clip(1.25 - 1.6 * face, 0, 1)[..., None]
    detail = np.zeros_like(face)
    for at, spread in _DETAILED:
        detail = np.maximum(detail, ground.bump(at, spread))
    painted += (picture - painted) * np.clip(1.5 * detail, 0, 0.9)[..., None]
    marks = 0.019 * _marks(ground, sitter.seed + 9) * (1 - 0.4 * face) + 0.008 * _canvas(ground)
    return np.asarray(np.clip((painted + marks[..., None]) * 255 + 0.5, 0, 255), np.uint8)


def _marks(ground: Ground, seed: int) -> Field:
    """Return the ridges that a brush leaves, laid in two directions."""
    grain = ground.noise(seed, 1.0)
    share = step(0, ground.noise(seed + 1, 14), 0.8)
    first, second = _dragged(ground, grain, -40), _dragged(ground, grain, 25)
    return np.asarray(second + (first - second) * share, np.float32)


def _dragged(ground: Ground, field: Field, degrees: float) -> Field:
    """Return a field blurred along a direction."""
    length = max(round(7 * ground.scale), 3) | 1
    kernel = np.zeros((length, length), np.float32)
    middle, reach = length // 2, length / 2
    dx, dy = np.cos(np.radians(degrees)) * reach, np.sin(np.radians(degrees)) * reach
    start, end = (
        (round(middle + sign * float(dx)), round(middle + sign * float(dy))) for sign in (-1, 1)
    )
    cv2.line(kernel, start, end, 1.0, 1)
    return np.asarray(cv2.filter2D(field, -1, kernel / np.sqrt(kernel.sum())), np.float32) * 0.7


def _canvas(ground: Ground) -> Field:
    return np.asarray(np.sin(ground.x * 5.2) * np.sin(ground.y * 5.2), np.float32)


def _kuwahara(picture: Field, radius: int) -> Field:
    """Return a picture whose pixels are the mean of their calmest neighbouring square.

    Edges stay, surfaces become flat marks: the look of a brush.
    """
    size = (radius + 1, radius + 1)
    grey = cv2.cvtColor(np.clip(picture, 0, 1), cv2.COLOR_RGB2GRAY)
    mean = cv2.boxFilter(picture, -1, size)
    level = cv2.boxFilter(grey, -1, size)
    spread = cv2.boxFilter(grey * grey, -1, size) - level * level
    half, extent = radius / 2, (picture.shape[1], picture.shape[0])
    means, weights = np.zeros(picture.shape), np.zeros(grey.shape)
    for dx in (-half, half):
        for dy in (-half, half):
            shift = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
            there = cv2.warpAffine(spread, shift, extent, borderMode=cv2.BORDER_REPLICATE)
            weight = 1 / (np.clip(there, 0, None) + 2e-5) ** 2
            moved = cv2.warpAffine(mean, shift, extent, borderMode=cv2.BORDER_REPLICATE)
            means = means + moved * weight[..., None]
            weights += weight
    return np.asarray(means / weights[..., None], np.float32)
