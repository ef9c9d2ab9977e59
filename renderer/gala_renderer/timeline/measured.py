"""The measurements of a composition, exact: inspected files, spoken voices, laid out texts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from gala.timeline.compilation.spoken_lines import SpokenLine
from gala.timeline.document.elements import TextElement
from gala.timeline.document.texts import TextRun as WrittenRun
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.lottie_files import LottieFile
from gala.timeline.measurements import Media, Size
from gala.timeline.sources import named_fonts
from gala_renderer.ffmpeg.video_source import even_size
from gala_renderer.narration.sound import TimedVoice
from gala_renderer.probe.media import Media as InspectedMedia
from gala_renderer.text_layout.font_registry import FontRegistry
from gala_renderer.text_layout.rich_text import (
    Division,
    FittedText,
    Overflow,
    Room,
    TextRun,
    fit_runs,
)
from gala_renderer.text_layout.styled_layout import Edge, SpanLook, TextStyle

_EDGES: Final = ("stroke_color", "stroke_width", "shadow_color", "shadow_opacity")
_READABLE: Final = 0.035
"""Font size that can still be read, of the frame's shorter side."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the renderer found out before it compiles."""

    files: Mapping[str, InspectedMedia]
    """By source."""
    voices: Mapping[SpokenLine, TimedVoice]
    fonts: FontRegistry
    animations: Mapping[str, LottieFile] = field(default_factory=dict)
    """By key."""

    def media(self, source: str) -> Media | None:
        """Return length and size of an inspected file."""
        animation = self.animations.get(source)
        if animation is not None:
            lasts = Fraction(round(animation.seconds * 1_000_000), 1_000_000)
            return Media(lasts, Size(animation.width, animation.height))
        found = self.files.get(source)
        if found is None:
            return None
        size = None
        if found.picture is not None:
            width, height = even_size(found.picture)
            size = Size(width, height)
        is_still = found.picture is not None and found.picture.still
        # As exact as the records of assets, so that plans have the same times.
        length = None if is_still else Fraction(round(found.length * 1000), 1000)
        return Media(length, size)

    def speech(self, line: SpokenLine) -> Fraction | None:
        """Return the length of a spoken line."""
        found = self.voices.get(line)
        return None if found is None else Fraction(round(found.seconds * 1000), 1000)

    def text(
        self, element: TextElement, width: float, height: float | None, short_side: int
    ) -> Size | None:
        """Return the size of the text with its box."""
        block = laid_out(element, (width, height), short_side, self.fonts).block
        padding = 2 * style_of(element, short_side).box_padding
        return Size(block.width + padding, block.height + padding)


def check_fonts(timeline: TimelineParams, fonts: FontRegistry) -> None:
    """Raise ``InvalidRequest`` with the place of a font that is not installed."""
    for place, name in named_fonts(timeline):
        fonts.chain(name, bold=False, italic=False, field=place)


def laid_out(
    element: TextElement,
    room: tuple[float, float | None],
    short_side: float,
    fonts: FontRegistry,
    division: Division = Division.RUN,
) -> FittedText:
    """Return a text in lines of at most ``room[0]`` pixels, its box included.

    ``room[1]`` is the height into which it is made to fit, if there is one.
    """
    style = style_of(element, short_side)
    width, height = (
        math.inf if side is None else max(1.0, side - 2 * style.box_padding) for side in room
    )
    return fit_runs(
        list(_runs(element, fonts)),
        style,
        Room(width, height, element.max_lines, _READABLE * short_side),
        Overflow(element.fit.value),
        division,
    )


def _runs(element: TextElement, fonts: FontRegistry) -> Iterator[TextRun]:
    own = fonts.chain(element.font, bold=element.bold, italic=element.italic, weight=element.weight)
    if isinstance(element.text, str):
        ruled = (element.underline, element.strikethrough)
        yield TextRun(element.text, SpanLook(own), None, *ruled)
        return
    for run in element.text:
        own_weight = run.weight if run.weight or run.bold is not None else element.weight
        chain = fonts.chain(
            run.font or element.font,
            bold=element.bold if run.bold is None else run.bold,
            weight=own_weight,
            italic=element.italic if run.italic is None else run.italic,
        )
        size = 1.0 if run.font_size is None else run.font_size / element.font_size
        yield TextRun(
            run.text,
            SpanLook(chain, size),
            run.color,
            underline=element.underline if run.underline is None else run.underline,
            strikethrough=(
                element.strikethrough if run.strikethrough is None else run.strikethrough
            ),
            box=run.box_color,
            edge=_edge_of(run, element),
        )


def _edge_of(run: WrittenRun, element: TextElement) -> Edge | None:
    """Return the outline and shadow of a run; None if they are those of its text."""
    if all(getattr(run, name) is None for name in _EDGES):
        return None
    stroke_color, stroke_width, shadow_color, shadow_opacity = (
        getattr(element if getattr(run, name) is None else run, name) for name in _EDGES
    )
    return Edge(stroke_color, stroke_width / element.font_size, shadow_color, shadow_opacity)


def style_of(element: TextElement, short_side: float) -> TextStyle:
    """Return the look of a text on a frame whose shorter side has that many pixels."""
    boxed = element.box_color is not None
    return TextStyle(
        font=element.font,
        size=element.font_size * short_side,
        bold=element.bold,
        italic=element.italic,
        colour=element.color,
        stroke_colour=element.stroke_color,
        stroke_width=element.stroke_width * short_side,
        shadow_colour=element.shadow_color,
        shadow_opacity=element.shadow_opacity,
        shadow_blur=0.006 * short_side,
        shadow_offset=0.002 * short_side,
        box_colour=element.box_color,
        box_opacity=element.box_opacity,
        box_padding=element.box_padding * short_side if boxed else 0.0,
        box_radius=element.box_radius * short_side,
        align=element.align.value,
        line_spacing=element.line_height,
    )
