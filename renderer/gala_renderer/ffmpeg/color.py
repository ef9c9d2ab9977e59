"""Footage of any kind, as the usual kind: BT.709, limited range, 8 bit, 4:2:0."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from gala_renderer.probe.media import ColourSpace, VideoStream

Stream: TypeAlias = Any
"""A node of ffmpeg-python's graph."""

_NOMINAL_NITS: Final = 100
"""What white is on a usual screen, in candela per square metre."""
_HD_HEIGHT: Final = 720
_WIDE: Final = frozenset({"bt2020", "smpte431", "smpte432"})
"""Primaries with more colours than BT.709 has."""
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
    """The stream with right colours on usual screens: SDR, BT.709, limited range, 8 bit, 4:2:0.

    Every type that decodes a video and encodes it again puts this right after the input (and after
    ``fps``, so that dropped frames cost nothing). PQ and HLG are tone-mapped, BT.601 and full range
    converted; what says nothing of itself is taken as players take it: BT.601 below 720 lines,
    BT.709 from there. ``alpha`` keeps transparency (``yuva420p``). Both sides must be even by the
    time it is encoded; this changes no size.
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
    """The matrix that its numbers were made with, or that players will assume."""
    if picture.colour.matrix is not None:
        return picture.colour.matrix
    tall = min(picture.width, picture.height) >= _HD_HEIGHT
    return "bt709" if tall else "smpte170m"


def is_usual(picture: VideoStream) -> bool:
    """Whether there is nothing to convert."""
    return (
        picture.pixel_format == "yuv420p"
        and not picture.colour.full_range
        and not picture.hdr
        and picture.colour.primaries not in _WIDE
        and matrix_of(picture) == "bt709"
    )


def _tone_mapped(stream: Stream, colour: ColourSpace) -> Stream:
    linear = stream.filter("zscale", t="linear", npl=_NOMINAL_NITS, **_said(colour))
    mapped = (
        linear.filter("format", "gbrpf32le")
        .filter("zscale", p="bt709")
        .filter("tonemap", tonemap="hable", desat=0)
    )
    return mapped.filter("zscale", t="bt709", m="bt709", r="tv")


def _narrowed(stream: Stream, colour: ColourSpace) -> Stream:
    return stream.filter("zscale", p="bt709", t="bt709", m="bt709", r="tv", **_said(colour))


def _said(colour: ColourSpace) -> dict[str, str]:
    """What zscale must be told of the source, because frames may have lost it."""
    return {
        "pin": colour.primaries or "bt2020",
        "tin": colour.transfer or "bt709",
        "min": colour.matrix if colour.matrix not in (None, "gbr") else "bt2020nc",
        "rin": "pc" if colour.full_range else "tv",
    }


def _converted(stream: Stream, picture: VideoStream) -> Stream:
    if is_usual(picture):
        return stream
    wanted = {"out_color_matrix": "bt709", "out_range": "tv"}
    if not _is_rgb(picture):
        wanted["in_color_matrix"] = _SCALE_MATRICES.get(matrix_of(picture), "bt709")
        wanted["in_range"] = "pc" if picture.colour.full_range else "tv"
    return stream.filter("scale", flags="bicubic+accurate_rnd+full_chroma_int", **wanted)


def _is_rgb(picture: VideoStream) -> bool:
    return picture.colour.matrix == "gbr" or (picture.pixel_format or "").startswith(_RGB)
