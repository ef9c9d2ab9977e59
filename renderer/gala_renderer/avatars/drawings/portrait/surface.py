"""The relief of a head, and how light falls on it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.drawings.portrait.ground import Field, Ground
from gala_renderer.avatars.drawings.portrait.sitter import Sitter

CHIN: Final = 114.0
_WIDEST: Final = -20.0
_TOP: Final = -112.0
_BUMPS: Final = (
    # centre, spread, height, spread below
    ((0.0, -58.0), (40.0, 26.0), 5.0, None),  # forehead
    ((0.0, 35.5), (8.5, 9.0), 8.0, 5.0),  # tip of the nose
    ((0.0, 66.0), (25.0, 20.0), 6.0, None),  # around the teeth
    ((0.0, 55.0), (3.2, 6.0), -1.1, None),  # philtrum
    ((0.0, 84.0), (17.0, 4.5), -3.2, None),  # above the chin
    ((0.0, 101.0), (14.0, 9.0), 5.5, None),  # chin
)
_PAIRS: Final = (
    ((31.0, -3.0), (15.0, 10.0), -8.5, 8.0),  # sockets
    ((14.0, -2.0), (5.0, 9.0), -4.5, None),  # inner corners
    ((27.0, -18.0), (18.0, 5.5), 3.5, None),  # brow ridges
    ((31.0, 0.5), (11.0, 7.0), 5.5, 6.0),  # eyeballs
    ((42.0, 27.0), (17.0, 15.0), 5.5, None),  # cheekbones
    ((46.0, 66.0), (13.0, 16.0), -2.2, None),  # hollows
    ((64.0, -34.0), (11.0, 18.0), -4.0, None),  # temples
    ((27.0, 70.0), (4.5, 5.0), -1.4, None),  # corners of the mouth
)


def half_width(y: Field, jaw: float) -> Field:
    """Return half the width of the face at each height."""
    above = 1 - ((y - _WIDEST) / (_TOP - _WIDEST)) ** 2
    share = np.clip((y - _WIDEST) / (CHIN - _WIDEST), 0, 1)
    below = np.clip(1 - share ** (2.5 + 0.4 * jaw), 0, 1) ** (1 / (2.05 + 0.3 * jaw))
    width = np.where(y < _WIDEST, np.sqrt(np.clip(above, 0, 1)), below)
    return np.asarray(72 * width, np.float32)


def relief(ground: Ground, sitter: Sitter) -> Field:
    """Return how far the face stands out, in millimetres; 0 outside of it."""
    width = half_width(ground.y, sitter.jaw)
    across = np.clip(1 - (ground.x / np.maximum(width, 0.1)) ** 2, 0, 1)
    z = 60 * np.sqrt(across) * np.sqrt(np.clip(width / 72, 0, 1))
    for centre, spread, height, below in _BUMPS:
        z = z + ground.bump(centre, spread, height, below)
    for (x, y), spread, height, below in _PAIRS:
        for side in (-1, 1):
            z = z + ground.bump((side * x, y), spread, height, below)
    z = z + _nose(ground, sitter) + _lips(ground, sitter) + _folds(ground, sitter)
    return ground.blurred(np.asarray(z, np.float32), 1.0)


def _nose(ground: Ground, sitter: Sitter) -> Field:
    z = np.zeros_like(ground.x)
    for share in np.linspace(0, 1, 9):
        width = (6.0 + 3.0 * share) * sitter.nose
        z += ground.bump((0, -14 + 46 * float(share)), (width, 6.5), 1.7 + 2.5 * float(share))
    for side in (-1, 1):
        z += ground.bump((side * 12.5 * sitter.nose, 39.5), (5.5, 6.0), 5.0, 3.6)
    return z


def _lips(ground: Ground, sitter: Sitter) -> Field:
    full, half = sitter.fullness, 23.5 + 3 * sitter.smile
    arch = -3.0 * sitter.smile * (ground.x / half) ** 2
    dy = ground.y - 68 - arch
    near = np.exp(-((ground.x / (half * 0.8)) ** 4))
    upper = 2.6 * np.exp(-0.5 * ((dy + 4) / 2.4) ** 2)
    lower = 3.6 * np.exp(-0.5 * ((dy - 5.5) / 3.2) ** 2)
    line = -2.6 * np.exp(-0.5 * (dy / 1.1) ** 2)
    return np.asarray(full * near * (upper + lower + line), np.float32)


def _folds(ground: Ground, sitter: Sitter) -> Field:
    """Return what age and a smile dig: folds beside the nose, bags under the eyes."""
    depth = 0.5 + 2.2 * sitter.age + 0.8 * sitter.smile
    z = np.zeros_like(ground.x)
    for side in (-1, 1):
        for share in np.linspace(0, 1, 7):
            t = float(share)
            z -= ground.bump((side * (18 + 14 * t), 38 + 27 * t), (2.6, 4.0), depth * (1 - t * 0.5))
        z -= ground.bump((side * 28, 13), (11, 1.8), 1.4 * sitter.age)
        z += ground.bump((side * 28, 9.5), (11, 2.2), 1.8 * sitter.age)
    for y in (-74.0, -60.0, -47.0):
        z -= ground.bump((0, y), (34, 1.4), 0.9 * max(sitter.age - 0.3, 0))
    return z


def lit(ground: Ground, z: Field, light: tuple[float, float]) -> Field:
    """Return how bright a relief is, 0 to 1, with the shadows that it throws on itself."""
    dx = cv2.Sobel(z, cv2.CV_32F, 1, 0, scale=ground.scale / 8)
    dy = cv2.Sobel(z, cv2.CV_32F, 0, 1, scale=ground.scale / 8)
    length = np.sqrt(dx * dx + dy * dy + 1)
    towards = np.array([light[0], light[1], 0.75])
    towards /= np.linalg.norm(towards)
    facing = (-dx * towards[0] - dy * towards[1] + towards[2]) / length
    bright = np.clip((facing + 0.25) / 1.25, 0, 1)
    return np.asarray(bright * (1 - 0.55 * _cast(ground, z, towards)), np.float32)


def _cast(ground: Ground, z: Field, towards: np.ndarray) -> Field:
    """Return where a relief stands in its own shadow, softly."""
    shadow = np.zeros_like(z)
    size = z.shape[1], z.shape[0]
    across = float(np.hypot(towards[0], towards[1]))
    for distance in np.arange(2.0, 36.0, 2.5):
        dx, dy = (float(towards[i]) / across * distance * ground.scale for i in (0, 1))
        shift = np.array([[1, 0, -dx], [0, 1, -dy]], np.float32)
        nearer = cv2.warpAffine(z, shift, size, borderMode=cv2.BORDER_REPLICATE)
        ray = z + distance * float(towards[2]) / across
        np.maximum(shadow, np.clip((nearer - ray) / 3.0, 0, 1), out=shadow)
    return ground.blurred(shadow, 1.6)
