"""Blend modes: a layer mixed with what is below it, in RGB, as filters of FFmpeg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import ffmpeg

from gala.timeline.document.looks import BlendMode
from gala_renderer.ffmpeg.inputs import Stream
from gala_renderer.timeline.graph import Branch, Span, converted, over

_FROM_BT709: Final = {
    "in_color_matrix": "bt709",
    "in_range": "tv",
    "flags": "bicubic+accurate_rnd+full_chroma_int",
}


@dataclass(frozen=True, slots=True)
class _Blend:
    filter: str
    """FFmpeg's name, with the layer as its first input."""
    neutral: str
    """The color that changes nothing."""
    is_swapped: bool = False
    """Whether the layer is the second input."""


_BLACK, _GRAY, _WHITE = "#000000", "#808080", "#ffffff"
BLENDS: Final[Mapping[BlendMode, _Blend]] = {
    BlendMode.MULTIPLY: _Blend("multiply", _WHITE),
    BlendMode.SCREEN: _Blend("screen", _BLACK),
    # In FFmpeg, the second input decides with `hardlight`, the first one with `overlay`.
    BlendMode.OVERLAY: _Blend("hardlight", _GRAY),
    BlendMode.HARD_LIGHT: _Blend("overlay", _GRAY),
    BlendMode.SOFT_LIGHT: _Blend("softlight", _GRAY, is_swapped=True),
    BlendMode.DARKEN: _Blend("darken", _WHITE),
    BlendMode.LIGHTEN: _Blend("lighten", _BLACK),
    BlendMode.COLOR_DODGE: _Blend("dodge", _BLACK),
    BlendMode.COLOR_BURN: _Blend("burn", _WHITE),
    BlendMode.DIFFERENCE: _Blend("difference", _BLACK),
    BlendMode.EXCLUSION: _Blend("exclusion", _BLACK),
    BlendMode.ADD: _Blend("addition", _BLACK),
}


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the film's frame: even pixels."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def of(cls, corner: tuple[int, int], size: tuple[int, int], film: tuple[int, int]) -> Window:
        """Return what of a layer is on the frame."""
        x, y = max(0, corner[0]), max(0, corner[1])
        right, bottom = min(film[0], corner[0] + size[0]), min(film[1], corner[1] + size[1])
        return cls(x, y, max(2, right - x), max(2, bottom - y))

    def cut(self, stream: Stream, corner: tuple[int, int]) -> Stream:
        """Return this part of frames whose corner is there."""
        x, y = self.x - corner[0], self.y - corner[1]
        return stream.filter("crop", w=self.width, h=self.height, x=x, y=y, exact=1)


def blended(
    base: Stream,
    top: Branch,
    corner: tuple[int, int],
    window: Window,
    *,
    mode: BlendMode,
    spans: tuple[Span, Span],
    neutral: Stream,
) -> Stream:
    """Mix a branch whose corner is there with frames.

    ``spans`` are those of the branch, and of all of ``base``. ``neutral`` is a frame of the size of
    the window in the color that changes nothing, in RGB: it is seen where the branch is
    transparent, and before and after it, so that all streams have the same frames.
    """
    copies = base.split()
    above = _on_neutral(top, corner, window, spans, neutral.filter("format", "gbrp"))
    below = window.cut(copies[1], (0, 0)).filter("scale", **_FROM_BT709).filter("format", "gbrp")
    mixed = _mixed(above.filter("format", "gbrp"), below, mode)
    back = Branch(converted(mixed.filter("setsar", 1), "yuv420p"))
    return over(copies[0], back, (window.x, window.y), spans[0])


def _on_neutral(
    top: Branch, corner: tuple[int, int], window: Window, spans: tuple[Span, Span], neutral: Stream
) -> Stream:
    """Return a branch in RGB over frames that change nothing, with as many frames as all have."""
    span, whole = spans
    shown = window.cut(top.stream, corner).filter("scale", **_FROM_BT709).filter("format", "gbrap")
    return ffmpeg.filter(
        [whole.repeated(neutral), shown],
        "overlay",
        format="gbrp",
        eof_action="repeat" if top.is_still else "pass",
        enable=span.expression,
    )


def blended_where_seen(
    base: Stream,
    top: Branch,
    corner: tuple[int, int],
    window: Window,
    *,
    mode: BlendMode,
    spans: tuple[Span, Span],
    neutral: Stream,
) -> Stream:
    """Mix a branch with frames that are transparent in parts, as :func:`blended` does.

    Where nothing is below it, its own colors are seen, as in CSS. ``neutral`` is transparent.
    """
    copies = base.split()
    above = _on_neutral(top, corner, window, spans, neutral.filter("format", "gbrap"))
    below = window.cut(copies[1], (0, 0)).filter("scale", **_FROM_BT709).filter("format", "gbrap")
    (color, opacity), (under, seen) = _apart(above), _apart(below)
    own = color.split()
    mixed = _mixed(own[0], under, mode)
    whole_color = ffmpeg.filter([own[1], mixed, seen.filter("format", "gbrp")], "maskedmerge")
    merged = ffmpeg.filter(
        [converted(whole_color.filter("setsar", 1), "yuva420p"), opacity], "alphamerge"
    )
    return over(copies[0], Branch(merged), (window.x, window.y), spans[0])


def _apart(stream: Stream) -> tuple[Stream, Stream]:
    """Return the colors of frames, and their opacity in grey."""
    copies = stream.split()
    grey = copies[1].filter("alphaextract").filter("format", "gray").filter("setsar", 1)
    return copies[0].filter("format", "gbrp").filter("setsar", 1), grey


def _mixed(above: Stream, below: Stream, mode: BlendMode) -> Stream:
    blend, inputs = BLENDS[mode], [above, below]
    return ffmpeg.filter(
        inputs[::-1] if blend.is_swapped else inputs, "blend", all_mode=blend.filter
    )
