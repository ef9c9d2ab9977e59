"""Eyes, lips and glasses of a portrait."""

from __future__ import annotations

from typing import Final

import numpy as np

from gala_renderer.avatars.drawings.portrait.ground import RGB, Field, Ground, blend, step
from gala_renderer.avatars.drawings.portrait.sitter import Sitter

EYE_X: Final = 31.5
MOUTH_Y: Final = 68.0
_EYE_HALF: Final = 16.2
_LASH: Final[RGB] = (0.10, 0.06, 0.05)
_WHITE: Final[RGB] = (0.86, 0.82, 0.77)
_INSIDE: Final[RGB] = (0.16, 0.04, 0.05)
_TEETH: Final[RGB] = (0.86, 0.80, 0.72)
_FRAME: Final[RGB] = (0.10, 0.07, 0.06)


def paint_eyes(picture: Field, ground: Ground, bright: Field, sitter: Sitter) -> None:
    """Paint both eyes."""
    for side in (-1, 1):
        _paint_eye(picture, ground, bright, sitter, side)


def _paint_eye(picture: Field, ground: Ground, bright: Field, sitter: Sitter, side: int) -> None:
    t = np.clip((ground.x - side * EYE_X) / _EYE_HALF * side, -1.35, 1.35)
    inside = np.clip(1 - t * t, 0, 1)
    tilt = -1.1 * t
    upper = tilt - 6.3 * inside**0.72 * (1 - 0.10 * t)
    lower = tilt + 4.2 * inside**0.9 * (1 + 0.12 * t) - 0.6 * sitter.smile * inside
    y = ground.y
    opening = step(0, y - upper, 0.5) * step(0, lower - y, 0.5) * step(0.04, inside, 0.06)
    ball = (_shaded_ball(ground, side, sitter) * (0.45 + 0.62 * bright[..., None])).astype("f4")
    under_lid = np.exp(-np.clip(y - upper, 0, None) / 1.6) * 0.55
    blend(ball, (0.14, 0.08, 0.07), np.asarray(under_lid, np.float32))
    _catchlight(ball, ground, side, sitter)
    blend(picture, ball, opening)
    _lids(picture, ground, (t, upper, lower), side)


def _shaded_ball(ground: Ground, side: int, sitter: Sitter) -> Field:
    """Return the eyeball: white, iris with fibres, pupil, and the red corner."""
    dx, dy = ground.x - side * EYE_X, ground.y + 0.6
    ball = np.empty((*ground.x.shape, 3), np.float32)
    ball[:] = _WHITE
    red = np.exp(-(((dx * side + 14.5) / 2.6) ** 2))
    blend(ball, (0.72, 0.42, 0.38), np.asarray(red * 0.8, np.float32))
    radius = np.asarray(np.hypot(dx, dy), np.float32)
    fibres = 0.5 + 0.5 * np.cos(np.arctan2(dy, dx) * 17 + radius * 2)
    iris = np.asarray(sitter.iris, np.float32) * (0.72 + 0.35 * fibres[..., None])
    iris = iris * (1 + 0.5 * np.clip(dy / 6, -0.6, 1))[..., None]
    blend(ball, iris.astype(np.float32), step(0, 6.3 - radius, 0.6))
    ring = np.exp(-(((radius - 6.1) / 0.8) ** 2)) * 0.7
    blend(ball, (0.08, 0.07, 0.07), np.asarray(ring, np.float32))
    blend(ball, (0.03, 0.02, 0.02), step(0, 2.6 - radius, 0.5))
    return ball


def _catchlight(ball: Field, ground: Ground, side: int, sitter: Sitter) -> None:
    at = side * EYE_X + 2.6 * np.sign(sitter.light[0]), -3.0
    spot = np.hypot(ground.x - at[0], (ground.y - at[1]) * 1.1)
    blend(ball, (1.0, 0.98, 0.94), step(0, np.asarray(1.35 - spot, np.float32), 0.7))


def _lids(picture: Field, ground: Ground, curves: tuple[Field, Field, Field], side: int) -> None:
    t, upper, lower = curves
    y = ground.y
    along = step(-1.0, t, 0.15) * step(-1.12, -t, 0.15)
    thick = 0.75 + 0.55 * np.clip(t + 0.6, 0, 1.4)
    lash = np.exp(-(((y - upper + 0.35 * thick) / thick) ** 2)) * along * 0.95
    blend(picture, _LASH, np.asarray(lash, np.float32))
    rim = np.exp(-(((y - lower) / 0.7) ** 2)) * along * 0.45
    blend(picture, (0.40, 0.20, 0.17), np.asarray(rim, np.float32))
    crease = upper - 3.4 - 0.7 * t
    line = np.exp(-(((y - crease) / 0.95) ** 2)) * along * 0.5
    blend(picture, (0.38, 0.20, 0.15), np.asarray(line, np.float32))
    shade = ground.bump((side * (EYE_X - 9), -11), (9, 4.5), 0.22)
    blend(picture, (0.40, 0.22, 0.17), shade)


def paint_lips(picture: Field, ground: Ground, bright: Field, sitter: Sitter) -> None:
    """Paint the lips, and what is seen between them."""
    half = 23.5 + 3.5 * sitter.smile
    t = np.clip(ground.x / half, -1.3, 1.3)
    inside = np.clip(1 - t * t, 0, 1)
    middle = MOUTH_Y + 0.8 - (0.6 + 4.2 * sitter.smile) * t * t
    gap = sitter.parted * inside
    upper_in, lower_in = middle - 0.35 * gap, middle + 0.65 * gap
    bow = 1 - 0.22 * np.exp(-((t / 0.10) ** 2))
    top = upper_in - 7.4 * sitter.fullness * inside**0.85 * bow
    bottom = lower_in + 8.2 * sitter.fullness * inside**0.95
    y = ground.y
    at_mouth = step(0.04, inside, 0.07)
    lip = step(0, y - top, 1.1) * step(0, bottom - y, 1.6) * at_mouth
    colour = np.asarray(sitter.lips, np.float32) * (0.42 + 0.85 * bright[..., None])
    darker = step(0, upper_in - y, 1.0)
    colour = colour * (1 - 0.16 * darker[..., None])
    blend(picture, colour.astype(np.float32), np.asarray(lip * 0.86, np.float32))
    at = half * 0.10 * float(np.sign(sitter.light[0])), 74.5 + 0.6 * sitter.parted
    shine = ground.bump(at, (6, 1.3), 0.30)
    blend(picture, (0.98, 0.84, 0.78), shine)
    if sitter.parted > 0:
        _inside(picture, ground, (upper_in, lower_in), at_mouth)
    line = np.exp(-(((y - middle) / (0.75 + 0.25 * inside)) ** 2)) * step(-1.04, -np.abs(t), 0.1)
    if sitter.parted <= 0:
        blend(picture, (0.22, 0.07, 0.07), np.asarray(line * 0.85, np.float32))
    for side in (-1, 1):
        corner = side * (half + 0.5), MOUTH_Y - 3.4 * sitter.smile
        blend(picture, (0.30, 0.12, 0.10), ground.bump(corner, (1.8, 1.4), 0.5))


def _inside(picture: Field, ground: Ground, edges: tuple[Field, Field], at_mouth: Field) -> None:
    y = ground.y
    hole = step(0, y - edges[0], 0.6) * step(0, edges[1] - y, 0.6) * at_mouth
    blend(picture, _INSIDE, hole)
    across = np.clip(1 - (ground.x / 21) ** 2, 0, 1)
    teeth = hole * step(0, np.asarray(edges[0] + 5.0 * across**0.5 - y, np.float32), 0.8)
    gaps = 1 - 0.12 * np.exp(-(((((ground.x + 4.2) % 8.4) - 4.2) / 0.5) ** 2))
    enamel = np.asarray(_TEETH, np.float32) * (gaps * (0.55 + 0.45 * across))[..., None]
    blend(picture, enamel.astype(np.float32), teeth)


def paint_nose(picture: Field, ground: Ground, sitter: Sitter) -> None:
    """Paint the nostrils and the shade of the wings."""
    for side in (-1, 1):
        at = side * 7.2 * sitter.nose
        blend(picture, (0.22, 0.09, 0.07), ground.bump((at, 43.4), (3.0, 1.25), 0.75))
        wing = ground.bump((side * 16.2 * sitter.nose, 39), (1.4, 4.0), 0.35)
        blend(picture, (0.40, 0.20, 0.15), wing)
    blend(picture, (0.38, 0.18, 0.14), ground.bump((0, 46.0), (9, 1.3), 0.30))


def paint_glasses(picture: Field, ground: Ground) -> None:
    """Paint glasses with thin frames."""
    x, y = ground.x, ground.y - 3
    frame = np.zeros_like(x)
    for side in (-1, 1):
        dx, dy = np.abs(x - side * 33.5) / 25, np.abs(y) / 19
        radius = (dx**2.6 + dy**2.6) ** (1 / 2.6)
        frame = np.maximum(frame, np.exp(-((np.abs(radius - 1) * 21 / 1.3) ** 4)))
        glint = np.exp(-(((x - side * 33.5 + 9 + 0.7 * y) / 4) ** 2)) * (radius < 0.93) * 0.13
        blend(picture, (1.0, 1.0, 1.0), np.asarray(glint, np.float32))
    bridge = np.exp(-(((y + 5 - 0.03 * x * x) / 1.2) ** 4)) * (np.abs(x) < 9.5)
    temple = np.exp(-(((y + 6) / 1.3) ** 4)) * (np.abs(x) > 58) * (np.abs(x) < 73)
    frame = np.maximum(np.maximum(frame, bridge), temple)
    blend(picture, _FRAME, np.asarray(frame * 0.92, np.float32))
