"""Finds out how a picture's colours are meant, and whether they have to be converted to sRGB.

Runs in the sandbox: profiles are untrusted bytes, which littlecms parses.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final, TypeAlias

from PIL import Image, ImageCms

from gala_renderer.pictures import icc, png

Transform: TypeAlias = ImageCms.ImageCmsTransform

# What browsers and most editors do: colours that both spaces have stay exact, black stays black.
_INTENT: Final = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS: Final = ImageCms.Flags.BLACKPOINTCOMPENSATION
_SPACES: Final = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}
_STEPS: Final = (0, 51, 102, 153, 204, 255)
_SAME: Final = 1
"""Levels by which a space may differ from sRGB without being converted."""
_SRGB_GAMMA: Final = 45455
_CICP_PRIMARIES: Final = {
    1: "bt709", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020", 11: "smpte431",
    12: "smpte432",
}  # fmt: skip
_CICP_CURVES: Final = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 8: "linear", 13: "iec61966-2-1",
    14: "bt2020-10", 15: "bt2020-12",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceColour:
    """The colour space of a picture: its name, and how to convert from it.

    ``mode`` is Pillow's name for the form in which ``transform`` takes the pixels; both are
    ``None`` for sRGB. ``damaged`` means that there is a profile that cannot be used.
    """

    name: str | None = None
    transform: Transform | None = None
    mode: str | None = None
    damaged: bool = False


def source_colour(image: Image.Image, path: Path, named: Mapping[str, Any]) -> SourceColour:
    """Return the colour space of a picture that was opened, but maybe not decoded.

    ``named`` has the ``primaries`` and ``transfer`` that FFmpeg found, if any.
    """
    if image.format == "PNG":
        profile, damaged = _of_png(path)
    elif image.info.get("icc_profile"):
        profile, damaged = image.info["icc_profile"], False
    elif image.format in {"AVIF", "HEIF"}:
        profile, damaged = _named(named.get("primaries"), named.get("transfer")), False
    else:
        profile, damaged = None, False
    if profile is None:
        return SourceColour(damaged=damaged)
    return _usable(profile, image) or SourceColour(damaged=True)


def _of_png(path: Path) -> tuple[bytes | None, bool]:
    """Return the profile by the order of precedence of the PNG specification."""
    chunks = png.colour_chunks(path)
    stored = chunks.get(b"iCCP")
    embedded = png.embedded_profile(stored) if stored else None
    damaged = stored is not None and embedded is None
    if (cicp := chunks.get(b"cICP")) and len(cicp.data) == 4:
        primaries, curve = (
            _CICP_PRIMARIES.get(cicp.data[0]),
            _CICP_CURVES.get(cicp.data[1]),
        )
        if primaries and curve:
            return _named(primaries, curve), damaged
    if embedded is not None:
        return embedded, False
    if b"sRGB" in chunks or b"gAMA" not in chunks:
        return None, damaged
    return _of_gamma(chunks[b"gAMA"].data, chunks.get(b"cHRM")), damaged


def _of_gamma(gama: bytes, chrm: png.Chunk | None) -> bytes | None:
    if len(gama) != 4 or not (gamma := int.from_bytes(gama)):
        return None
    corners = icc.SRGB_PRIMARIES
    if chrm is not None and len(chrm.data) == 32:
        numbers = [number / 100_000 for number in struct.unpack(">8I", chrm.data)]
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        corners = icc.Chromaticities(*pairs)
    # sRGB is written like this by programs that do not know a better way.
    if gamma == _SRGB_GAMMA and _near(corners, icc.SRGB_PRIMARIES):
        return None
    return icc.rgb_profile(corners, (100_000 / gamma,))


def _near(one: icc.Chromaticities, other: icc.Chromaticities) -> bool:
    return all(
        abs(a - b) < 0.002
        for left, right in zip(one, other, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def _named(primaries: str | None, transfer: str | None) -> bytes | None:
    corners = icc.PRIMARIES.get(primaries or "bt709")
    curve = icc.CURVES.get(transfer or "iec61966-2-1")
    if corners is None or curve is None:
        return None
    if _near(corners, icc.SRGB_PRIMARIES) and curve is icc.SRGB_CURVE:
        return None
    return icc.rgb_profile(corners, curve)


def _usable(profile: bytes, image: Image.Image) -> SourceColour | None:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = _mode(source, image)
        if mode is None:
            return None
        transform = ImageCms.buildTransform(
            source, ImageCms.createProfile("sRGB"), mode, "RGB", _INTENT, _FLAGS
        )
        name = ImageCms.getProfileDescription(source).strip()[:80] or None
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None
    if _is_srgb(transform, mode):
        return SourceColour(name)
    return SourceColour(name, transform, mode)


def _mode(profile: ImageCms.ImageCmsProfile, image: Image.Image) -> str | None:
    """Return the form in which the profile takes the pixels; ``None`` if it is for others."""
    form = _SPACES.get(profile.profile.xcolor_space)
    grey = image.mode in {"1", "L", "LA", "I", "F", "La"} or image.mode.startswith("I;16")
    if grey:
        return form if form in {"L", "RGB"} else None
    if image.mode in {"CMYK", "LAB"}:
        return form if form == image.mode else None
    return form if form == "RGB" else None


def _is_srgb(transform: Transform, mode: str) -> bool:
    if mode == "RGB":
        colours = [(r, g, b) for r in _STEPS for g in _STEPS for b in _STEPS]
    elif mode == "L":
        colours = [(level,) * 3 for level in range(256)]
    else:
        return False
    before = Image.new("RGB", (len(colours), 1))
    before.putdata(colours)
    after = ImageCms.applyTransform(before.convert(mode), transform)
    if after is None:
        return False
    pairs = zip(before.tobytes(), after.tobytes(), strict=True)
    return all(abs(one - other) <= _SAME for one, other in pairs)
