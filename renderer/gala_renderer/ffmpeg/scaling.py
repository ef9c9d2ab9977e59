"""Scaling to a frame of another shape: cropping, bars, or a blurred background."""

from __future__ import annotations

from typing import Final

import ffmpeg

from gala.render_types.params.framing import Fit
from gala_renderer.ffmpeg.inputs import Stream

_BLUR_SIDE: Final = 160
"""The background is blurred at this width, which is cheap and looks the same."""
_BLUR_SIGMA: Final = 6
_BLUR_LIGHT: Final = -0.06


def fitted(stream: Stream, width: int, height: int, fit: Fit, *, colour: str = "#000000") -> Stream:
    """Fit the stream into a frame: with bars, cropped, or in front of a blurred copy.

    The sample aspect ratio is applied. Sides must be even.
    """
    match fit:
        case Fit.COVER:
            return covering(stream, width, height)
        case Fit.BLUR:
            return _over_blurred_copy(stream, width, height)
        case Fit.CONTAIN:
            return padded(contained(stream, width, height), width, height, colour)


def covering(stream: Stream, width: int, height: int, *, flags: str = "bicubic") -> Stream:
    """Fill the frame, cropped around the middle."""
    shape = f"({width}/{height})/clip(sar,0.25,4)"
    return (
        stream.filter(
            "crop", w=f"max(min(2,iw),min(iw,ih*{shape}))", h=f"max(min(2,ih),min(ih,iw/({shape})))"
        )
        .filter("scale", w=width, h=height, flags=flags)
        .filter("setsar", 1)
    )


def contained(stream: Stream, width: int, height: int) -> Stream:
    """Scale to the largest size that fits into the frame, with even sides."""
    shape = "max(0.01,min(100,iw*clip(sar,0.25,4)/ih))"
    return stream.filter(
        "scale",
        w=f"max(2,2*round(min({width},{height}*{shape})/2))",
        h=f"max(2,2*round(min({height},{width}/{shape})/2))",
        flags="bicubic",
    ).filter("setsar", 1)


def padded(stream: Stream, width: int, height: int, colour: str) -> Stream:
    """Centre the stream in a frame of one colour."""
    return stream.filter(
        "pad",
        w=width,
        h=height,
        x=f"2*floor(({width}-iw)/4)",
        y=f"2*floor(({height}-ih)/4)",
        color=colour,
    )


def _over_blurred_copy(stream: Stream, width: int, height: int) -> Stream:
    copies = stream.split()
    small_height = max(2, 2 * round(_BLUR_SIDE * height / width / 2))
    background = (
        covering(copies[0], _BLUR_SIDE, small_height)
        .filter("gblur", sigma=_BLUR_SIGMA, steps=2)
        .filter("eq", brightness=_BLUR_LIGHT)
        .filter("scale", w=width, h=height, flags="bicubic")
    )
    whole = contained(copies[1], width, height)
    return ffmpeg.filter(
        [background, whole], "overlay", x="2*floor((W-w)/4)", y="2*floor((H-h)/4)", format="yuv420"
    )


def cropped(stream: Stream, box: tuple[int, int, int, int]) -> Stream:
    """Crop to the box ``(x, y, width, height)``, in pixels as shown."""
    x, y, width, height = box
    return stream.filter("crop", w=width, h=height, x=x, y=y, exact=1)
