"""Conversion of any video to SDR: BT.709, limited range, 8 bit, 4:2:0."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from gala_renderer.probe.media import ColourSpace, VideoStream

Stream: TypeAlias = Any
"""A node of ffmpeg-python's graph."""

_NOMINAL_NITS: Final = 100
"""The luminance of white on an SDR screen, in candela per square metre."""
_HD_HEIGHT: Final = 720
_WIDE: Final = frozenset({"bt2020", "smpte431", "smpte432"})
"""Primaries with a wider gamut than BT.709."""
_RGB: Final = ("rgb", "bgr", "gbr", "argb", "abgr", "pal8", "0rgb", "0bgr")
_SCALE_MATRICES: Final = {
    "bt709": "bt709",
    "fcc": "fcc",
    "bt470bg": "bt601",
    "smpte170m": "bt601",
    "smpte240m": "smpte240m",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
}


def normalise_colour(stream: Stream, picture: VideoStream, *, alpha: bool = False) -> Stream:
    """Convert to SDR, BT.709, limited range, 8 bit, 4:2:0, so that colours are right everywhere.

    Every type that decodes and encodes a video uses this right after the input (and after ``fps``,
    so that dropped frames cost nothing). PQ and HLG are tone-mapped, BT.601 and full range are
    converted. A file without colour information is treated as players do: BT.601 below 720 lines,
    BT.709 from there on. ``alpha`` keeps transparency (``yuva420p``). The size is unchanged; both
    sides must be even when it is encoded.
    """
    pixels = "yuva420p" if alpha else "yuv420p"
    if picture.hdr:
        shown = _tone_mapped(stream, picture.colour)
    elif picture.colour.primaries in _WIDE and not _is_rgb(picture):
        shown = _narrowed(stream, picture.colour)
    else:
        shown = _converted(stream, picture)
    return shown.filter("format", pixels).filter(
        "setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv"
    )


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
        and not picture.hdr
        and picture.colour.primaries not in _WIDE
        and matrix_of(picture) == "bt709"
    )


def _tone_mapped(stream: Stream, colour: ColourSpace) -> Stream:
    linear = stream.filter("zscale", t="linear", npl=_NOMINAL_NITS, **_source_options(colour))
    mapped = (
        linear.filter("format", "gbrpf32le")
        .filter("zscale", p="bt709")
        .filter("tonemap", tonemap="hable", desat=0)
    )
    return mapped.filter("zscale", t="bt709", m="bt709", r="tv")


def _narrowed(stream: Stream, colour: ColourSpace) -> Stream:
    return stream.filter(
        "zscale", p="bt709", t="bt709", m="bt709", r="tv", **_source_options(colour)
    )


def _source_options(colour: ColourSpace) -> dict[str, str]:
    """Return the source's properties for zscale; decoded frames may have lost them."""
    return {
        "pin": colour.primaries or "bt2020",
        "tin": colour.transfer or "bt709",
        "min": colour.matrix if colour.matrix not in (None, "gbr") else "bt2020nc",
        "rin": "pc" if colour.full_range else "tv",
    }


def _converted(stream: Stream, picture: VideoStream) -> Stream:
    if is_sdr_bt709(picture):
        return stream
    options = {"out_color_matrix": "bt709", "out_range": "tv"}
    if not _is_rgb(picture):
        options["in_color_matrix"] = _SCALE_MATRICES.get(matrix_of(picture), "bt709")
        options["in_range"] = "pc" if picture.colour.full_range else "tv"
    return stream.filter("scale", flags="bicubic+accurate_rnd+full_chroma_int", **options)


def _is_rgb(picture: VideoStream) -> bool:
    return picture.colour.matrix == "gbr" or (picture.pixel_format or "").startswith(_RGB)
