"""Sprites of a simple face, drawn by the tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

SIZE: Final = (160, 240)
MOUTH_PLACE: Final = (80, 112)
"""The middle of the mouths in pixels of the base."""
_MOUTHS: Final = {"mouth_x": (28, 3), "mouth_a": (30, 5), "mouth_c": (26, 14), "mouth_d": (28, 26)}
"""Width and height of each mouth."""
BODY_COLOR: Final = (40, 110, 200)


def draw_sprites(*, anchored: bool = False) -> dict[str, Image.Image]:
    """Return a body with four mouths and two pairs of eyes; mouths on small canvases if
    ``anchored``."""
    base = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    pen = ImageDraw.Draw(base)
    pen.rounded_rectangle((10, 150, 150, 260), 30, BODY_COLOR)
    pen.ellipse((35, 25, 125, 145), (240, 200, 170))
    sprites = {"base": base}
    for name, size in _MOUTHS.items():
        canvas = (60, 40) if anchored else SIZE
        middle = (30, 20) if anchored else MOUTH_PLACE
        sprites[name] = _ellipse(canvas, middle, size, (140, 20, 30))
    for name, height in (("eyes_open", 14), ("eyes_closed", 3)):
        sprites[name] = _ellipse(SIZE, (60, 75), (22, height), (250, 250, 250))
        sprites[name].alpha_composite(_ellipse(SIZE, (100, 75), (22, height), (250, 250, 250)))
    return sprites


def save_sprites(sprites: Mapping[str, Image.Image], folder: Path) -> dict[str, Path]:
    """Write each sprite to ``<name>.png``; return the paths."""
    folder.mkdir(exist_ok=True)
    paths = {name: folder / f"{name}.png" for name in sprites}
    for name, path in paths.items():
        sprites[name].save(path)
    return paths


def _ellipse(
    canvas: tuple[int, int],
    middle: tuple[int, int],
    size: tuple[int, int],
    colour: tuple[int, int, int],
) -> Image.Image:
    picture = Image.new("RGBA", canvas, (0, 0, 0, 0))
    left, top = middle[0] - size[0] // 2, middle[1] - size[1] // 2
    ImageDraw.Draw(picture).ellipse((left, top, left + size[0], top + size[1]), colour)
    return picture
