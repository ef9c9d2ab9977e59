"""Looks of pictures, videos and groups as filters of FFmpeg: keys, color filters, LUTs."""

from __future__ import annotations

from typing import Final

from gala.timeline.compilation.layers import Layer
from gala.timeline.document.looks import ChromaKey, ColorFilters
from gala.timeline.document.placement import ColoredParams, PicturedParams
from gala_renderer.ffmpeg import transparency
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.timeline.cubes import table, write_cube
from gala_renderer.timeline.graph import converted
from gala_renderer.timeline.studio import Studio

_TO_RGB: Final = {
    "in_color_matrix": "bt709",
    "in_range": "tv",
    "flags": "bicubic+accurate_rnd+full_chroma_int",
}
_KB, _KR = 0.0722, 0.2126


def is_keyed(layer: Layer) -> bool:
    """Return True if a color of the picture becomes transparent."""
    return isinstance(layer.element, PicturedParams) and layer.element.chroma_key is not None


def has_look(layer: Layer) -> bool:
    """Return True if anything changes the colors of the picture or group."""
    element = layer.element
    if not isinstance(element, ColoredParams):
        return False
    return is_keyed(layer) or element.lut is not None or _filters(element) is not None


def looked(stream: Stream, layer: Layer, studio: Studio, *, alpha: bool) -> Stream:
    """Return frames in BT.709 with the look of a layer; ``alpha`` says if they are transparent."""
    if not has_look(layer):
        return stream
    keyed = _keyed(stream, layer)
    alpha = alpha or is_keyed(layer)
    rgb = keyed.filter("scale", **_TO_RGB).filter("format", "rgba" if alpha else "rgb24")
    colored = looked_rgb(rgb, layer, studio, keyed=True)
    return transparency.layer(colored) if alpha else converted(colored, "yuv420p")


def looked_rgb(rgb: Stream, layer: Layer, studio: Studio, *, keyed: bool = False) -> Stream:
    """Return frames in RGB with the look of a layer; ``keyed`` if its key is applied already."""
    element = layer.element
    if not isinstance(element, ColoredParams) or not has_look(layer):
        return rgb
    key = element.chroma_key if isinstance(element, PicturedParams) else None
    if key is not None:
        if not keyed:
            yuv = converted(rgb, "yuva444p")
            rgb = _keyed(yuv, layer).filter("scale", **_TO_RGB).filter("format", "rgba")
        rgb = _without_spill(rgb, key)
    filters = _filters(element)
    if filters is None and element.lut is None:
        return rgb
    path = studio.path(layer, f"-{studio.number()}.cube")
    lut = None if element.lut is None else studio.cubes[element.lut]
    write_cube(table(filters, lut, element.lut_strength), path)
    return rgb.filter("lut3d", file=str(path), interp="tetrahedral")


def _filters(element: ColoredParams) -> ColorFilters | None:
    return None if element.filters == ColorFilters() else element.filters


def _keyed(stream: Stream, layer: Layer) -> Stream:
    element = layer.element
    key = element.chroma_key if isinstance(element, PicturedParams) else None
    if key is None:
        return stream
    return stream.filter("format", "yuva444p").filter(
        "chromakey", color=_yuv(key.color), similarity=key.similarity, blend=key.blend, yuv=1
    )


def _without_spill(rgb: Stream, key: ChromaKey) -> Stream:
    red, green, blue = (int(key.color[at : at + 2], 16) for at in (1, 3, 5))
    if not key.spill or max(green, blue) <= red:
        return rgb
    kind = "green" if green >= blue else "blue"
    return rgb.filter("despill", type=kind, mix=0.5, expand=0, **{kind: -key.spill})


def _yuv(color: str) -> str:
    """Return a color in BT.709, as FFmpeg writes it."""
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    luma = _KR * red + (1 - _KR - _KB) * green + _KB * blue
    values = (
        16 + 219 * luma,
        128 + 112 * (blue - luma) / (1 - _KB),
        128 + 112 * (red - luma) / (1 - _KR),
    )
    return "0x" + "".join(f"{round(value):02x}" for value in values)
