"""Loads bodies made of sprites."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import cv2
import imagesize
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gala.errors import InvalidRequest, UnprocessableMedia
from gala_renderer.avatars.body import Box
from gala_renderer.avatars.sprites.sprite_body import SpriteBody
from gala_renderer.avatars.sprites.sprite_set import LARGEST, NAMES, SpriteSet
from gala_renderer.avatars.yuv import Image

SIDECAR: Final = "sprites.json"
_MAX_SIDECAR: Final = 64 * 1024

_Number = Annotated[float, Field(allow_inf_nan=False)]


class SpriteGeometry(BaseModel):
    """Where sprites lie, in pixels of ``base``: the content of ``sprites.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    anchors: dict[str, tuple[_Number, _Number]] = {}
    face: tuple[_Number, _Number, _Number, _Number] | None = None
    """Left, top (hairline), right and bottom (chin) of the face."""
    neck: tuple[_Number, _Number] | None = None


def load(source: Path | Mapping[str, Image], geometry: SpriteGeometry | None = None) -> SpriteBody:
    """Return a body made of the PNG files of a folder, or of straight RGBA by name.

    A folder may contain ``sprites.json`` with the geometry. Files are decoded in this process;
    untrusted ones have to be decoded in the sandbox and passed as arrays. Raise InvalidRequest or
    UnprocessableMedia, which name the sprite and the remedy.
    """
    if isinstance(source, Path):
        geometry = geometry or _geometry(source / SIDECAR)
        source = {path.stem.lower(): _decoded(path) for path in sorted(source.glob("*.png"))}
    place = geometry or SpriteGeometry()
    return SpriteBody(SpriteSet(source, place.anchors, _face(place), place.neck))


def _face(geometry: SpriteGeometry) -> Box | None:
    if geometry.face is None:
        return None
    box = Box(*geometry.face)
    if box.width <= 0 or box.height <= 0:
        raise InvalidRequest(
            "face: the box is empty; give left, top, right and bottom in pixels", field="face"
        )
    return box


def _geometry(path: Path) -> SpriteGeometry:
    if not path.is_file():
        return SpriteGeometry()
    try:
        with path.open("rb") as file:
            return SpriteGeometry.model_validate(json.loads(file.read(_MAX_SIDECAR)))
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(
            f"{SIDECAR}: {_reason(error)}; it may contain anchors, face and neck", field=SIDECAR
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return "not valid JSON"


def _decoded(path: Path) -> Image:
    """Return straight RGBA; unknown names and too large pictures are not decoded."""
    name = path.stem.lower()
    width, height = imagesize.get(path)
    if name not in NAMES or max(width, height) > LARGEST:
        return np.broadcast_to(np.zeros(4, np.uint8), (max(height, 1), max(width, 1), 4))
    picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise UnprocessableMedia(f"Sprite {name}: not a PNG that can be decoded; save it again")
    if picture.ndim != 3 or picture.shape[2] != 4:
        return np.asarray(picture)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA))
