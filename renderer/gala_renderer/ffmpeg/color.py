"""Conversion of any video to SDR: BT.709, limited range, 8 bit, 4:2:0."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from gala_renderer.ffmpeg.transparency import flattened
from gala_renderer.probe.media import VideoStream

Stream: TypeAlias = Any
"""A node of ffmpeg-python's graph."""

_NOMINAL_NITS: Final = 100
"""The luminance of white on an SDR screen, in candela per square metre."""
_HD_HEIGHT: Final = 720
_WIDE: Final = frozenset({"bt2020", "smpte431", "smpte432"})
"""Primaries with a wider gamut than BT.709."""
_RGB: Final = ("rgb", "bgr", "gbr", "argb", "abgr", "pal8", "0rgb", "0bgr")
_ACCURATE: Final = {"flags": "bicubic+accurate_rnd+full_chroma_int"}
_TO_BT709: Final = {"out_color_matrix": "bt709", "out_range": "tv"}
_SCALE_MATRICES: Final = {
    "bt709": "bt709",
    "fcc": "fcc",
    "bt470bg": "bt601",
    "smpte170m": "bt601",
    "smpte240m": "smpte240m",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
}


def normalise_colour(
    stream: Stream, picture: VideoStream, *, background: str = "#000000"
) -> Stream:
    """Convert to SDR, BT.709, limited range, 8 bit, 4:2:0, so that colours are right everywhere.

    Every type that decodes and encodes a video uses this right after the input (and after ``fps``,
    so that dropped frames cost nothing). PQ and HLG are tone-mapped, BT.601 and full range are
    converted. A file without colour information is treated as players do: BT.601 below 720 lines,
    BT.709 from there on. What is transparent shows ``background``; see :func:`transparent_rgb` for
    what lies on something else. The size is unchanged; both sides must be even when it is encoded.
    """
    if picture.alpha:
        shown = _rgb_to_bt709(opaque(stream, picture, background))
    elif picture.hdr:
        shown = _tone_mapped(stream, picture)
    elif picture.colour.primaries in _WIDE:
        shown = _narrowed(stream, picture)
    else:
        shown = _converted(stream, picture)
    return shown.filter("format", "yuv420p").filter(
        "setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv"
    )


def transparent_rgb(stream: Stream, picture: VideoStream) -> Stream:
    """Convert to SDR in RGB with transparency, straight: colours are not multiplied by it."""
    if has_wide_colours(picture):
        map_colours = _tone_mapped if picture.hdr else _narrowed
        shown = map_colours(stream, picture).filter("scale", in_color_matrix="bt709", in_range="tv")
    elif _is_rgb(picture):
        shown = stream
    else:
        shown = stream.filter("scale", **_ACCURATE, **_input_options(picture))
    return shown.filter("format", "gbrap")


def opaque(stream: Stream, picture: VideoStream, background: str) -> Stream:
    """Return the stream as it is, or in RGB on a colour if it has transparency."""
    if not picture.alpha:
        return stream
    return flattened(transparent_rgb(stream, picture), background)


def picture_in_srgb(stream: Stream, picture: VideoStream) -> Stream:
    """Convert a picture in HDR or with a wide gamut to sRGB, in RGB with 8 bits."""
    mapped = (_tone_mapped if picture.hdr else _narrowed)(stream, picture, transfer="iec61966-2-1")
    rgb = mapped.filter("scale", in_color_matrix="bt709", in_range="tv", **_ACCURATE)
    return rgb.filter("format", "rgba" if picture.alpha else "rgb24")


def matrix_of(picture: VideoStream) -> str:
    """Return the colour matrix of the video, or the one that players assume."""
    if picture.colour.matrix is not None:
        return picture.colour.matrix
    tall = min(picture.width, picture.height) >= _HD_HEIGHT
    return "bt709" if tall else "smpte170m"


def is_sdr_bt709(picture: VideoStream) -> bool:
    """Return True if nothing has to be converted."""
    return (
        picture.pixel_format == "yuv420p"
        and not picture.colour.full_range
        and not has_wide_colours(picture)
        and matrix_of(picture) == "bt709"
    )


def has_wide_colours(picture: VideoStream) -> bool:
    """Return True for HDR, and for primaries with a wider gamut than BT.709."""
    return picture.hdr or picture.colour.primaries in _WIDE


def _tone_mapped(stream: Stream, picture: VideoStream, transfer: str = "bt709") -> Stream:
    source = _source_options(picture)
    linear = _zscale_input(stream, picture).filter(
        "zscale", t="linear", npl=_NOMINAL_NITS, **source
    )
    mapped = (
        linear.filter("format", "gbrapf32le" if picture.alpha else "gbrpf32le")
        .filter("zscale", p="bt709")
        .filter("tonemap", tonemap="hable", desat=0)
    )
    return mapped.filter("zscale", t=transfer, m="bt709", r="tv")


def _narrowed(stream: Stream, picture: VideoStream, transfer: str = "bt709") -> Stream:
    source = _source_options(picture)
    return _zscale_input(stream, picture).filter(
        "zscale", p="bt709", t=transfer, m="bt709", r="tv", **source
    )


def _zscale_input(stream: Stream, picture: VideoStream) -> Stream:
    # zscale only takes planar RGB, and for RGB only the matrix and range of RGB.
    if not _is_rgb(picture):
        return stream
    return stream.filter("format", "gbrap16le" if picture.alpha else "gbrp16le")


def _source_options(picture: VideoStream) -> dict[str, str]:
    """Return the source's properties for zscale; decoded frames may have lost them."""
    colour = picture.colour
    named = {"pin": colour.primaries or "bt2020", "tin": colour.transfer or "bt709"}
    if _is_rgb(picture):
        return {**named, "min": "gbr", "rin": "pc"}
    matrix = colour.matrix if colour.matrix not in (None, "gbr") else "bt2020nc"
    return {**named, "min": matrix or "bt2020nc", "rin": "pc" if colour.full_range else "tv"}


def _converted(stream: Stream, picture: VideoStream) -> Stream:
    if is_sdr_bt709(picture):
        return stream
    if _is_rgb(picture):
        return _rgb_to_bt709(stream)
    return stream.filter("scale", **_ACCURATE, **_TO_BT709, **_input_options(picture))


def _rgb_to_bt709(stream: Stream) -> Stream:
    return stream.filter("scale", **_ACCURATE, **_TO_BT709)


def _input_options(picture: VideoStream) -> dict[str, str]:
    if picture.pixel_format is None:
        # An animated WebP: FFmpeg knows better what its decoder writes.
        return {}
    return {
        "in_color_matrix": _SCALE_MATRICES.get(matrix_of(picture), "bt709"),
        "in_range": "pc" if picture.colour.full_range else "tv",
    }


def _is_rgb(picture: VideoStream) -> bool:
    return picture.colour.matrix == "gbr" or (picture.pixel_format or "").startswith(_RGB)
