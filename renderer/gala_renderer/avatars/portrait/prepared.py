"""What is computed once per model: the layers of its picture and the colours of its mouth."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.faces.face import Face
from gala_renderer.avatars.faces.lips import lip_seam
from gala_renderer.avatars.portrait import glasses, moustache
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32
from gala_renderer.avatars.portrait.layers import layers
from gala_renderer.avatars.portrait.mouth_shape import mouth_shape
from gala_renderer.avatars.portrait.teeth import Colours

_LIGHT: Final = np.array([0.2126, 0.7152, 0.0722])
_GREY: Final = 0.3
"""Shares of the colour of teeth: half from the whites of the eyes, this grey, and skin."""
_PARTED: Final = 0.05
"""Distance between lips, in widths of the mouth, from which they count as parted in the picture."""
_SHARES: Final = ("moustache", "glasses")
"""Fields that are numbers."""


@dataclass(frozen=True)
class Prepared:
    """A portrait ready to be placed."""

    points: Array
    """The 478 points in pixels of the picture, with depth."""
    seam: Array
    """The line where the lips touch, [n, 2]; empty if they are parted in the picture."""
    person: Bytes
    """sRGB."""
    alpha: Bytes
    background: Bytes
    """sRGB."""
    colours: Colours
    moustache: float
    """Whether hair hangs over the upper lip, 0 to 1."""
    glasses: float
    """Whether there are glasses with dark rims, 0 to 1."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.person.shape[1], self.person.shape[0]


def prepare(picture: Bytes, face: Face, mask: Array) -> Prepared:
    """Prepare a portrait of sRGB; ``mask`` is where the person is, 0 to 1."""
    parts = layers(picture, mask, face.points)
    found = lip_seam(picture, face)
    seam = np.zeros((0, 2), np.float32) if found.parted else found.points
    return Prepared(
        points=face.points,
        seam=seam,
        person=parts.person,
        alpha=parts.alpha,
        background=parts.background,
        colours=_colours(picture, face),
        moustache=moustache.amount(picture, face.points, mouth_shape(face.points, seam)),
        glasses=glasses.amount(picture, face.points),
    )


def save(prepared: Prepared, folder: Path) -> None:
    """Write a prepared portrait into an empty folder, one array a file."""
    arrays = {field.name: getattr(prepared, field.name) for field in fields(prepared)}
    colours = arrays.pop("colours")
    arrays |= {"tooth": colours.tooth, "lip": colours.lip}
    arrays |= {name: np.float32(arrays[name]) for name in _SHARES}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)


def load(folder: Path) -> Prepared:
    """Return the portrait that :func:`save` wrote.

    The arrays stay in the files, so that processes which draw the same portrait share the memory.
    """
    names = [field.name for field in fields(Prepared) if field.name != "colours"]
    arrays = {
        name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        for name in [*names, "tooth", "lip"]
    }
    colours = Colours(tooth=arrays.pop("tooth"), lip=arrays.pop("lip"))
    shares = {name: float(arrays.pop(name)) for name in _SHARES}
    return Prepared(
        **arrays, colours=colours, moustache=shares["moustache"], glasses=shares["glasses"]
    )


def _colours(picture: Bytes, face: Face) -> Colours:
    """Return the colours of teeth and lips in the light of the picture."""
    xy = face.points[:, :2]
    whites = np.vstack([
        _within(picture, np.vstack([xy[list(upper)], xy[list(lower)][::-1]]))
        for upper, lower in (
            (named.LEFT_EYE_UPPER, named.LEFT_EYE_LOWER),
            (named.RIGHT_EYE_UPPER, named.RIGHT_EYE_LOWER),
        )
    ])  # fmt: skip
    brightest = _brightest(whites, 0.9)
    skin = np.median(_within(picture, xy[[50, 205, 4, 425, 280]]), 0)
    lips = np.vstack([xy[list(named.LIPS_INNER_LOWER)], xy[list(named.LIPS_OUTER_LOWER)][::-1]])
    light = skin / max(float(skin @ _LIGHT), 1.0)
    tooth = 0.5 * brightest + float(brightest.mean()) * (_GREY + (0.5 - _GREY) * light)
    between = _within(
        picture,
        np.vstack([xy[list(named.LIPS_INNER_UPPER)], xy[list(named.LIPS_INNER_LOWER)][::-1]]),
    )
    own = _brightest(between, 0.7)
    if face.mouth_open > _PARTED and own @ _LIGHT > tooth @ _LIGHT:
        tooth = 0.8 * own + 0.2 * float(own.mean()) * light
    wanted = np.clip(tooth @ _LIGHT, 0.9 * skin @ _LIGHT, 1.15 * skin @ _LIGHT)
    tooth = np.clip(tooth * wanted / max(float(tooth @ _LIGHT), 1.0), 0, 250)
    return Colours(
        tooth=tooth.astype(np.float32),
        lip=np.median(_within(picture, lips), 0).astype(np.float32),
    )


def _brightest(colours: Array, quantile: float) -> Array:
    light = colours @ _LIGHT
    return f32(colours[light >= np.quantile(light, quantile)].mean(0))


def _within(picture: Bytes, outline: Array) -> Array:
    """Return the colours of the pixels within an outline, at least one."""
    area = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(area, [np.rint(outline).astype(np.int32)], 1)
    found = f32(picture[area > 0])
    if len(found):
        return found
    middle = np.clip(outline.mean(0).astype(int), 0, np.array(picture.shape[1::-1]) - 1)
    return f32(picture[middle[1], middle[0]][None])
