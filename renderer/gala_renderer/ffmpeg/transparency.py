"""Pictures with transparency: laid on a colour, scaled without fringes, masked. Pure.

Transparent pixels have a colour too, mostly black. A plain scaler mixes it into the edges, where it
shows as a dark fringe. Here colours count by their opacity: they are multiplied by it before
scaling, and divided by it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import ffmpeg

Stream: TypeAlias = Any
"""A node of ffmpeg-python's graph."""

SMOOTH: Final = "bilinear+accurate_rnd+full_chroma_int"
"""FFmpeg's method of scaling; with one that sharpens, colours of an edge would exceed its opacity,
and shine."""
_DEEP: Final = "gbrap16le"
_BT709: Final = {
    "out_color_matrix": "bt709",
    "out_range": "tv",
    "flags": "bicubic+accurate_rnd+full_chroma_int",
}
_HALF: Final = {"w": "ceil(iw/2)", "h": "ceil(ih/2)"}

Scale: TypeAlias = Callable[[Stream], Stream]


def flattened(stream: Stream, colour: str) -> Stream:
    """Lay an RGB stream with transparency on a colour (``#rrggbb``); return opaque RGB."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    copies = stream.filter("format", "gbrap").split()
    below = copies[0].filter("lutrgb", r=red, g=green, b=blue, a=255).filter("format", "gbrp")
    return ffmpeg.filter([below, copies[1]], "overlay", format="gbrp").filter("format", "gbrp")


def scaled(stream: Stream, scale: Scale) -> Stream:
    """Scale an RGB stream with transparency by ``scale``, which uses the method ``SMOOTH``."""
    return _straight(scale(_weighted(stream)))


def smoothly(width: int, height: int) -> Scale:
    """Return a function that scales to a size."""
    return lambda stream: stream.filter("scale", w=width, h=height, flags=SMOOTH).filter(
        "setsar", 1
    )


def layer(stream: Stream, scale: Scale | None = None) -> Stream:
    """Convert an RGB stream with transparency to what ``overlay.over`` takes, in BT.709.

    It is scaled by ``scale``, as in :func:`scaled`. Chroma is stored at half the resolution, where
    transparent neighbours must not count, either.
    """
    weighted = _weighted(stream)
    copies = (scale(weighted) if scale else weighted).split()
    half = _straight(copies[1].filter("scale", **_HALF, flags=SMOOTH))
    planes = [_in_yuv(_straight(copies[0])), _in_yuv(half)]
    order = {"map0s": 0, "map0p": 0, "map1s": 1, "map1p": 1, "map2s": 1, "map2p": 2}
    merged = ffmpeg.filter(planes, "mergeplanes", format="yuva420p", **order, map3s=0, map3p=3)
    return merged.filter(
        "setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv"
    )


def _weighted(stream: Stream) -> Stream:
    return stream.filter("format", _DEEP).filter("premultiply", inplace=1)


def _straight(stream: Stream) -> Stream:
    return stream.filter("format", _DEEP).filter("unpremultiply", inplace=1)


def _in_yuv(stream: Stream) -> Stream:
    # Rounding the half size changes the pixels' shape, which `mergeplanes` refuses.
    return stream.filter("scale", **_BT709).filter("format", "yuva444p").filter("setsar", 1)


def masked(stream: Stream, mask: Stream) -> Stream:
    """Multiply the opacity of a stream by a grey one of the same size."""
    copies = stream.split()
    own = copies[1].filter("alphaextract").filter("format", "gray")
    other = mask.filter("format", "gray")
    both = ffmpeg.filter([own, other], "blend", all_mode="multiply", shortest=1)
    return ffmpeg.filter([copies[0], both], "alphamerge", shortest=1)
