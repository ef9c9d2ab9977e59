"""Hair of a portrait: brows, beard and hairstyles as many strokes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.drawings.portrait.ground import Field, Ground, blend
from gala_renderer.avatars.drawings.portrait.sitter import Hairstyle, Sitter
from gala_renderer.avatars.drawings.portrait.surface import half_width

Curve = Sequence[tuple[float, float]]

_SHIFT: Final = 4
_STRANDS: Final = 420
_GUIDES: Final[dict[Hairstyle, tuple[tuple[Curve, Curve], ...]]] = {
    Hairstyle.LONG: (
        # From the parting along the face, and along the outline.
        (
            ((-12, -76), (-34, -66), (-56, -42), (-67, -8), (-69, 40), (-62, 90), (-66, 150)),
            ((-10, -127), (-46, -118), (-80, -84), (-93, -20), (-97, 60), (-104, 120), (-96, 180)),
        ),
        (
            ((-12, -76), (18, -72), (48, -52), (66, -14), (70, 36), (63, 90), (66, 150)),
            ((-10, -127), (40, -122), (79, -88), (94, -20), (98, 60), (104, 120), (96, 180)),
        ),
    ),
    Hairstyle.SHORT: (
        (
            ((-20, -82), (-40, -76), (-58, -56), (-68, -30), (-71, -4), (-71, 8), (-70, 16)),
            ((-16, -122), (-50, -118), (-76, -88), (-80, -48), (-77, -18), (-75, 4), (-72, 18)),
        ),
        (
            ((-20, -82), (10, -84), (44, -72), (64, -40), (71, -6), (71, 8), (70, 16)),
            ((-16, -122), (30, -126), (70, -98), (80, -50), (77, -18), (75, 4), (72, 18)),
        ),
    ),
    Hairstyle.BUN: (
        (
            ((-4, -80), (-36, -72), (-60, -44), (-69, -12), (-70, 4), (-68, 14), (-66, 20)),
            ((-2, -124), (-50, -118), (-80, -80), (-84, -34), (-80, 0), (-74, 16), (-68, 26)),
        ),
        (
            ((-4, -80), (28, -76), (56, -50), (69, -12), (70, 4), (68, 14), (66, 20)),
            ((-2, -124), (46, -120), (80, -82), (84, -34), (80, 0), (74, 16), (68, 26)),
        ),
    ),
    Hairstyle.BALD: (),
}


def paint_back(picture: Field, ground: Ground, sitter: Sitter) -> None:
    """Paint the mass of hair behind the head."""
    outlines = {
        Hairstyle.LONG: (
            (0, -126), (-46, -117), (-80, -82), (-94, 0), (-102, 120), (-90, 178), (90, 178),
            (102, 120), (94, 0), (80, -82), (46, -117),
        ),
        Hairstyle.BUN: ((0, -158), (-32, -140), (-38, -112), (0, -96), (38, -112), (32, -140)),
    }  # fmt: skip
    outline = outlines.get(sitter.hairstyle)
    if outline is None:
        return
    mask = np.zeros(ground.x.shape, np.uint8)
    points = np.array([ground.pixels(*point) for point in _smooth([*outline, outline[0]], 160)])
    cv2.fillPoly(mask, [_fixed(points)], 255, cv2.LINE_AA, _SHIFT)
    dark = np.asarray(sitter.hair, np.float32) * 0.42
    blend(picture, dark, ground.blurred(np.asarray(mask / 255, np.float32), 1.2))


def paint_hair(picture: Field, ground: Ground, sitter: Sitter) -> None:
    """Paint the hair before the head: strands of many tones under one light, and its shadow."""
    tones, mask = _drawn_strands(ground, sitter)
    shift = (-3.5 * sitter.light[0] * ground.scale, 5.0 * ground.scale)
    moved = cv2.warpAffine(
        mask, np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32), mask.shape[::-1]
    )
    on_face = ground.blurred(np.asarray(moved, np.float32), 3.0) * _inside_face(ground, sitter)
    blend(picture, (0.16, 0.07, 0.05), on_face * 0.5 * (ground.y < 110))
    blend(picture, _hair_colour(ground, sitter, tones), ground.blurred(mask, 0.45))


def _drawn_strands(ground: Ground, sitter: Sitter) -> tuple[Field, Field]:
    """Return the tone of each strand, and where hair is."""
    rng = np.random.default_rng(sitter.seed)
    tones, mask = np.zeros_like(ground.x), np.zeros_like(ground.x)
    # The same tones on both sides, so that strands meet at the parting.
    locks = np.interp(np.linspace(0, 1, _STRANDS), np.linspace(0, 1, 15), rng.random(15))
    single = rng.random(_STRANDS)
    for inner, outer in _GUIDES[sitter.hairstyle]:
        first, last = _smooth(inner, 40), _smooth(outer, 40)
        for index in rng.permutation(_STRANDS):
            share = index / (_STRANDS - 1)
            curve = first + (last - first) * share + _wave(rng, share)
            tone = 0.45 * float(locks[index]) + 0.55 * float(single[index])
            points = [_fixed(np.array([ground.pixels(*point) for point in curve]))]
            thick = max(round(rng.uniform(0.5, 1.5) * ground.scale), 1)
            cv2.polylines(mask, points, False, 1.0, thick + 1, cv2.LINE_AA, _SHIFT)
            cv2.polylines(tones, points, False, tone, thick, cv2.LINE_AA, _SHIFT)
        if sitter.hairstyle is not Hairstyle.SHORT:
            tones *= 1 - ground.bump((first[0][0] + 1, -100), (2.0, 22), 0.3)
    return np.asarray(tones, np.float32), mask


def _wave(rng: np.random.Generator, share: float) -> np.ndarray:
    """Return how a strand strays from its guides, more towards its end."""
    along = np.linspace(0, 1, 40)
    sideways = along * (rng.normal(0, 1.2) + 2.4 * np.sin(along * 8 + 5 * share))
    return np.stack([sideways, 0.3 * sideways], 1)


def _hair_colour(ground: Ground, sitter: Sitter, tones: Field) -> Field:
    """Return the colour of hair: it shines in a band around the crown, towards the light."""
    x, y = ground.x, ground.y
    towards = float(np.sign(sitter.light[0]))
    side = np.clip(0.5 + 0.42 * x * towards / 80, 0, 1)
    band = np.exp(-(((np.hypot(x, y + 20) - 84) / 15) ** 2)) * np.clip(-(y + 20) / 60, 0, 1)
    lower = np.exp(-(((y - 60) / 34) ** 2)) * 0.25
    light = 0.28 + 0.62 * side + (0.95 * band + lower) * side * (0.35 + tones)
    level = (light * (0.42 + 0.85 * tones))[..., None]
    colour = np.asarray(sitter.hair, np.float32) * level * 1.45
    gleam = np.asarray((1.0, 0.86, 0.70), np.float32) * np.clip(level - 0.95, 0, 1) * 0.45
    return np.asarray(np.clip(colour + gleam, 0, 1), np.float32)


def paint_brows(picture: Field, ground: Ground, sitter: Sitter) -> None:
    """Paint the brows hair by hair."""
    colour = np.asarray(sitter.hair, np.float32) * 0.75
    rng = np.random.default_rng(sitter.seed + 1)
    layer = np.zeros(ground.x.shape, np.float32)
    for side in (-1, 1):
        for share in np.linspace(0, 1, 150):
            x = 12 + 42 * share
            y = -18.5 - 5.5 * np.sin(np.pi * share**1.25 * 0.8) + 5.5 * share**2.5
            thick = 2.9 * (0.75 + 0.6 * np.sin(np.pi * min(share * 1.2, 1))) * (1.05 - 0.75 * share)
            thick *= sitter.brows
            y += rng.uniform(-thick, thick)
            length = 4.8 * (1.1 - 0.4 * share)
            lean = np.radians(-62 + 70 * share + rng.normal(0, 9))
            end = x + length * np.cos(lean), y + length * np.sin(lean)
            _hair(layer, ground, (side * x, y), (side * end[0], end[1]), 0.55)
    blend(picture, colour, ground.blurred(layer, 0.35) * 0.8)


def paint_beard(picture: Field, ground: Ground, sitter: Sitter) -> None:
    """Paint a beard: a shade first, then its hairs."""
    if sitter.beard <= 0:
        return
    y = ground.y
    line = 64 - 40 * np.clip((np.abs(ground.x) - 30) / 40, 0, 1)
    moustache = np.clip(ground.bump((0, 57), (19, 4.2), 2.0), 0, 1)
    chin = np.clip((y - line) / 10, 0, 1) * (y > 30) * (y < 128)
    lips = np.clip(ground.bump((0, 70), (19, 5.0), 2.0), 0, 1)
    mask = np.clip(np.maximum(moustache, chin) - lips, 0, 1).astype(np.float32)
    mask = mask * _inside_face(ground, sitter)
    colour = np.asarray(sitter.hair, np.float32)
    blend(picture, colour * 0.62, ground.blurred(mask, 1.5) * 0.72 * sitter.beard)
    _beard_hairs(picture, ground, sitter, mask)


def _inside_face(ground: Ground, sitter: Sitter) -> Field:
    longer = half_width(ground.y - 6, sitter.jaw) + 2
    return np.asarray(np.clip((longer - np.abs(ground.x)) / 3, 0, 1), np.float32)


def _beard_hairs(picture: Field, ground: Ground, sitter: Sitter, mask: Field) -> None:
    rng = np.random.default_rng(sitter.seed + 2)
    layers = [np.zeros(ground.x.shape, np.float32) for _ in range(2)]
    for index in range(int(2600 * sitter.beard)):
        x, y = rng.uniform(-72, 72), rng.uniform(44, 126)
        column, row = ground.pixels(x, y)
        if not (0 <= int(row) < mask.shape[0] and 0 <= int(column) < mask.shape[1]):
            continue
        if mask[int(row), int(column)] < 0.5:
            continue
        length, lean = rng.uniform(3, 7), x / 60 + rng.normal(0, 0.3)
        end = x + length * np.sin(lean), y + length * np.cos(lean)
        _hair(layers[index % 2], ground, (x, y), end, 0.5)
    for layer, tone in zip(layers, (0.45, 1.15), strict=True):
        colour = np.clip(np.asarray(sitter.hair, np.float32) * tone, 0, 1)
        blend(picture, colour, layer * 0.6)


def _hair(
    layer: Field, ground: Ground, start: tuple[float, float], end: tuple[float, float], width: float
) -> None:
    points = _fixed(np.array([ground.pixels(*start), ground.pixels(*end)]))
    thick = max(round(width * ground.scale), 1)
    cv2.line(layer, points[0].tolist(), points[1].tolist(), 1.0, thick, cv2.LINE_AA, _SHIFT)


def _smooth(points: Curve, count: int) -> np.ndarray:
    """Return points along the Catmull-Rom curve through ``points``."""
    given = np.array([points[0], *points, points[-1]], float)
    result = []
    for at in np.linspace(0, len(points) - 1 - 1e-6, count):
        index, t = int(at), at - int(at)
        a, b, c, d = given[index : index + 4]
        result.append(
            b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        )
    return np.array(result)


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.round((points - 0.5) * (1 << _SHIFT)).astype(np.int32)
