"""Finds out whether a picture must be converted to sRGB before FFmpeg uses it.

Runs inside :mod:`gala_renderer.probe.program`, so it must start fast and import little: a picture
without a profile costs a look at its header.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from PIL import Image

from gala_renderer.pictures import png
from gala_renderer.pictures.opening import is_picture, opened

NARROWEST: Final = 2
"""Pixels of each side that pictures have at least when they are used."""
_HEIF: Final = "HEIF"
_AVIF: Final = "AVIF"
_PLAIN: Final = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "I", "I;16", "I;16B"})
_MAY_BE_OPAQUE: Final = frozenset({"PNG", "WEBP"})
_BRIGHT: Final = frozenset({"smpte2084", "arib-std-b67"})
_WIDE: Final = frozenset({"bt2020", "smpte431", "smpte432"})


def colour_fields(path: Path, demuxer: str, picture: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be added to the description of a video stream.

    Pillow's findings also replace FFmpeg's for HEIC and AVIF, of which FFmpeg may see one tile, and
    no transparency.
    """
    if not is_picture(path, demuxer):
        return {}
    named = picture.get("colour", {})
    still = picture.get("still", False)
    if named.get("transfer") in _BRIGHT:
        return {"to_srgb": "light"} if still else {}
    with opened(path) as image:
        if image is not None:
            return _fields(image, path, picture)
    # Pillow does not know the format.
    return {"to_srgb": "light"} if still and named.get("primaries") in _WIDE else {}


def _fields(image: Image.Image, path: Path, picture: Mapping[str, Any]) -> dict[str, Any]:
    found = _profile_fields(image, path, picture.get("colour", {}))
    if image.format in _MAY_BE_OPAQUE:
        # FFmpeg reports the form of the samples, and none of the transparency of a palette.
        found |= {"alpha": image.has_transparency_data}
    if image.format in {_HEIF, _AVIF}:
        found |= _iso_fields(image, picture)
    if image.mode not in _PLAIN or (image.format == "TIFF" and image.has_transparency_data):
        # Such as four inks, or colours multiplied by their opacity, of which FFmpeg does not know.
        found |= {"to_srgb": "picture"}
    if min(image.size) < NARROWEST and not getattr(image, "is_animated", False):
        # FFmpeg cannot cut anything out of a single pixel whose colours are in 4:2:0.
        found |= {"to_srgb": "picture"}
    return found


def _iso_fields(image: Image.Image, picture: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"alpha": image.has_transparency_data}
    if image.format == _HEIF or not getattr(image, "is_animated", False):
        found |= {"still": True}
    tiled = sorted(image.size) != sorted((picture["width"], picture["height"]))
    if image.format == _HEIF or tiled:
        found |= {"width": image.width, "height": image.height, "rotation": 0}
    if image.format == _HEIF or tiled or image.has_transparency_data:
        found |= {"to_srgb": "picture"}
    return found


def _profile_fields(image: Image.Image, path: Path, named: Mapping[str, Any]) -> dict[str, Any]:
    if not (image.info.get("icc_profile") or _says_more(image, path, named)):
        return {}
    from gala_renderer.pictures.source_colour import source_colour  # noqa: PLC0415 - loads littlecms

    colour = source_colour(image, path, named)
    found: dict[str, Any] = {"colour_profile": colour.name, "profile_damaged": colour.damaged}
    chunk = png.colour_chunks(path).get(b"iCCP")
    if colour.transform or (chunk and png.embedded_profile(chunk) is None):
        found |= {"to_srgb": "picture"}
    return found


def _says_more(image: Image.Image, path: Path, named: Mapping[str, Any]) -> bool:
    if image.format == "PNG":
        return bool(png.colour_chunks(path))
    return image.format in {_AVIF, _HEIF} and named.get("primaries") is not None
