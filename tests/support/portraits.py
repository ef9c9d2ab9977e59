"""Portraits and drawings of people who do not exist, and of a cat, for tests of faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala.presenter_looks import CHARACTERS, CharacterName
from gala_renderer.avatars.body import Placement
from gala_renderer.avatars.drawings.character import character
from gala_renderer.avatars.drawings.portrait.painting import portrait
from gala_renderer.avatars.drawings.portrait.sitter import Hairstyle, Sitter
from gala_renderer.avatars.drawings.svg import Drawing, rasterized
from gala_renderer.avatars.pose import Pose
from tests.support.planes import new_frame, rgb

Picture = NDArray[np.uint8]
SIZE: Final = (576, 720)
TILT: Final = 20.0
"""Degrees by which the tilted head is turned, clockwise."""

_SITTERS: Final[Mapping[str, Sitter]] = {
    "young": Sitter(
        skin=(0.47, 0.30, 0.22), hair=(0.10, 0.07, 0.06), iris=(0.25, 0.15, 0.09),
        lips=(0.52, 0.24, 0.23), clothes=(0.62, 0.38, 0.14), background=(0.36, 0.34, 0.36),
        hairstyle=Hairstyle.BUN, fullness=1.3, nose=1.2, smile=0.5, age=0.05, seed=2,
    ),
    "old": Sitter(
        skin=(0.84, 0.64, 0.54), hair=(0.72, 0.70, 0.67), iris=(0.36, 0.44, 0.52),
        lips=(0.66, 0.38, 0.36), clothes=(0.22, 0.20, 0.19), hairstyle=Hairstyle.SHORT,
        fullness=0.75, nose=1.25, brows=1.4, jaw=0.4, age=1.0, seed=3,
    ),
    "beard": Sitter(
        skin=(0.78, 0.56, 0.43), hair=(0.16, 0.10, 0.07), iris=(0.28, 0.18, 0.10),
        clothes=(0.20, 0.30, 0.22), hairstyle=Hairstyle.SHORT, beard=1.0, nose=1.15,
        brows=1.5, jaw=0.7, age=0.4, seed=4,
    ),
    "glasses": Sitter(
        skin=(0.90, 0.72, 0.60), hair=(0.55, 0.38, 0.20), iris=(0.30, 0.42, 0.55),
        clothes=(0.50, 0.18, 0.20), background=(0.40, 0.38, 0.34), hairstyle=Hairstyle.BUN,
        glasses=True, age=0.3, seed=5,
    ),
    "tilted": Sitter(
        skin=(0.38, 0.24, 0.17), hair=(0.08, 0.06, 0.05), iris=(0.20, 0.12, 0.08),
        lips=(0.42, 0.20, 0.19), clothes=(0.75, 0.72, 0.66), background=(0.42, 0.36, 0.28),
        hairstyle=Hairstyle.BALD, fullness=1.3, nose=1.35, brows=1.2, jaw=0.8, age=0.55, seed=6,
    ),
    "small": Sitter(seed=9, hair=(0.62, 0.42, 0.20)),
    "dark": Sitter(
        skin=(0.85, 0.65, 0.52), hair=(0.25, 0.14, 0.08), clothes=(0.30, 0.10, 0.12),
        light=(0.8, -0.3), hairstyle=Hairstyle.SHORT, brows=1.3, jaw=0.5, seed=8,
    ),
    "smile": Sitter(
        skin=(0.83, 0.62, 0.47), hair=(0.12, 0.09, 0.08), iris=(0.24, 0.15, 0.10),
        clothes=(0.28, 0.40, 0.42), background=(0.42, 0.30, 0.26), smile=0.9, parted=6.0, seed=7,
    ),
}  # fmt: skip

_SHOWS_THROUGH: Final = 60
"""Half of the difference that a background makes where nothing is in front of it."""

PORTRAITS: Final = tuple(_SITTERS)
"""Ages, skins, glasses, a beard, a tilted head, a small face, dark light, parted lips."""


@cache
def painted(name: str) -> Picture:
    """Return one of :data:`PORTRAITS`, sRGB."""
    picture = portrait(SIZE, _SITTERS[name])
    if name == "tilted":
        return _turned(picture)
    if name == "small":
        return _in_a_room(picture)
    if name == "dark":
        return np.asarray((picture * np.float32(0.28)).round(), np.uint8)
    return picture


@cache
def person_in(name: str) -> NDArray[np.bool_]:
    """Return where the person is in :func:`painted`, but for those turned or in a room."""
    black, white = (
        portrait(SIZE, replace(_SITTERS[name], background=(grey,) * 3)).astype(int)
        for grey in (0.0, 1.0)
    )
    return np.asarray(np.abs(white - black).max(-1) < _SHOWS_THROUGH)


def _turned(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height * 0.45), -TILT, 0.9)
    turned = cv2.warpAffine(
        picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(turned, np.uint8)


def _in_a_room(picture: Picture) -> Picture:
    """Return a picture in which the face is a tenth of the height."""
    small = cv2.resize(picture, (260, 325), interpolation=cv2.INTER_AREA)
    room = np.empty((1200, 1600, 3), np.uint8)
    room[:] = np.linspace((52, 58, 66), (120, 112, 98), 1600)[None]
    cv2.rectangle(room, (120, 140), (520, 700), (176, 196, 205), -1)
    cv2.rectangle(room, (700, 900), (1600, 1200), (84, 60, 44), -1)
    room[585:910, 980:1240] = small
    return room


@dataclass(frozen=True, slots=True)
class DrawnFace:
    """A drawing in which no face may be found, and where its face is."""

    picture: Picture
    points: Mapping[str, tuple[float, float]]


DRAWINGS: Final = ("cartoon", "cat", "lines")


@cache
def drawn(name: str) -> DrawnFace:
    """Return one of :data:`DRAWINGS`."""
    return {"cartoon": _cartoon, "cat": _cat, "lines": _lines}[name]()


def _cartoon() -> DrawnFace:
    size, scale = (600, 640), 0.5
    frame = new_frame(size)
    background = np.full((size[1], size[0], 3), (226, 214, 190), np.uint8)
    body = character(CHARACTERS[CharacterName.SOL])
    body.painter(size, Placement(scale, 0, 0), background).paint(Pose(), frame)
    points = {
        "left_eye": (512, 545), "left_eye_left": (464, 538), "left_eye_right": (555, 551),
        "left_eye_top": (512, 507), "left_eye_bottom": (512, 570),
        "right_eye": (688, 545), "right_eye_left": (645, 551), "right_eye_right": (736, 538),
        "right_eye_top": (688, 507), "right_eye_bottom": (688, 570),
        "left_brow": (512, 462), "right_brow": (688, 462), "nose": (600, 612),
        "mouth_left": (542, 672), "mouth_right": (658, 672), "mouth_top": (600, 666),
        "mouth_middle": (600, 675), "mouth_bottom": (600, 692),
        "chin": (600, 778), "forehead": (600, 338),
        "left_cheek": (402, 545), "right_cheek": (798, 545),
    }  # fmt: skip
    return DrawnFace(rgb(frame), {name: (x * scale, y * scale) for name, (x, y) in points.items()})


def _cat() -> DrawnFace:
    eyes = "".join(
        f'<ellipse cx="{x}" cy="290" rx="50" ry="44" fill="#d9e27a" stroke="#2a211c"'
        f' stroke-width="6"/><ellipse cx="{x}" cy="290" rx="16" ry="38" fill="#141010"/>'
        f'<circle cx="{x - 14}" cy="274" r="9" fill="#fff"/>'
        for x in (210, 390)
    )
    whiskers = "".join(
        f'<path d="M{300 + s * 70} {y}L{300 + s * 240} {y + dy}"/>'
        for s in (-1, 1)
        for y, dy in ((390, -26), (402, 4), (414, 34))
    )
    elements = (
        '<rect width="600" height="640" fill="#8fb6a8"/>'
        '<path d="M120 640C120 520 200 480 300 480S480 520 480 640Z" fill="#c97f3d"/>'
        '<path d="M110 250L96 60L240 140ZM490 250L504 60L360 140Z" fill="#d98d45"/>'
        '<path d="M130 210L122 100L210 150ZM470 210L478 100L390 150Z" fill="#e9b3a0"/>'
        '<ellipse cx="300" cy="310" rx="220" ry="195" fill="#e09a52"/>'
        '<path d="M300 120v70M250 128l14 60M350 128l-14 60" stroke="#b56a2c" stroke-width="16"'
        ' stroke-linecap="round"/>'
        '<ellipse cx="300" cy="400" rx="104" ry="78" fill="#f6e2c8"/>'
        f'{eyes}<path d="M276 350H324L300 378Z" fill="#c9605c"/>'
        '<path d="M300 378V402M240 412Q272 436 300 404Q328 436 360 412" fill="none"'
        ' stroke="#3a2a22" stroke-width="6" stroke-linecap="round"/>'
        f'<g stroke="#fff6e8" stroke-width="4" stroke-linecap="round">{whiskers}</g>'
    )
    points = {
        "left_eye": (210, 290), "left_eye_left": (160, 290), "left_eye_right": (260, 290),
        "left_eye_top": (210, 246), "left_eye_bottom": (210, 334),
        "right_eye": (390, 290), "right_eye_left": (340, 290), "right_eye_right": (440, 290),
        "right_eye_top": (390, 246), "right_eye_bottom": (390, 334),
        "nose": (300, 362), "mouth_left": (240, 412), "mouth_right": (360, 412),
        "mouth_top": (300, 398), "mouth_middle": (300, 416), "mouth_bottom": (300, 436),
        "chin": (300, 490), "forehead": (300, 150),
        "left_cheek": (84, 310), "right_cheek": (516, 310),
    }  # fmt: skip
    return DrawnFace(_flat(elements), points)


def _lines() -> DrawnFace:
    eyes = "".join(
        f'<path d="M{x - 42} 290Q{x} 256 {x + 42} 290Q{x} 314 {x - 42} 290Z"/>'
        f'<circle cx="{x}" cy="286" r="17"/><circle cx="{x}" cy="286" r="6" fill="#222"/>'
        f'<path d="M{x - 50} 236Q{x} 208 {x + 50} 234"/>'
        for x in (212, 388)
    )
    elements = (
        '<rect width="600" height="640" fill="#f7f3ea"/>'
        '<g fill="none" stroke="#222" stroke-width="5" stroke-linecap="round"'
        ' stroke-linejoin="round">'
        '<path d="M120 270C120 400 180 540 300 560C420 540 480 400 480 270"/>'
        '<path d="M120 270C100 120 200 60 300 60S500 120 480 270C460 200 420 160 380 150'
        'C320 190 200 180 160 190C140 210 126 240 120 270Z"/>'
        '<path d="M230 548V640M370 548V640"/>'
        f'{eyes}<path d="M304 300C306 350 330 380 318 396Q300 406 282 396"/>'
        '<path d="M226 452Q264 440 300 448Q336 440 374 452Q300 496 226 452Z"/>'
        '<path d="M226 452Q300 470 374 452"/></g>'
    )
    points = {
        "left_eye": (212, 288), "left_eye_left": (170, 290), "left_eye_right": (254, 290),
        "left_eye_top": (212, 273), "left_eye_bottom": (212, 302),
        "right_eye": (388, 288), "right_eye_left": (346, 290), "right_eye_right": (430, 290),
        "right_eye_top": (388, 273), "right_eye_bottom": (388, 302),
        "left_brow": (212, 222), "right_brow": (388, 222), "nose": (300, 390),
        "mouth_left": (226, 452), "mouth_right": (374, 452), "mouth_top": (300, 448),
        "mouth_middle": (300, 461), "mouth_bottom": (300, 474),
        "chin": (300, 560), "forehead": (300, 165),
        "left_cheek": (122, 300), "right_cheek": (478, 300),
    }  # fmt: skip
    return DrawnFace(_flat(elements), points)


def _flat(elements: str) -> Picture:
    """Return an opaque drawing as RGB."""
    return np.ascontiguousarray(rasterized(Drawing(elements, (0, 0, 600, 640)), 1.0).rgba[..., :3])
