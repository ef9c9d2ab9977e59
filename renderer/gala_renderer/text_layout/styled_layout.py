"""Styled text for captions and titles: outlines, shadows, boxes, highlighted words.

A block is laid out once (:func:`lay_out`) and drawn once for each state (:meth:`Block.paint`); its
words do not move between states. Lengths are in pixels.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Final, Literal, NamedTuple

from PIL import Image, ImageChops, ImageDraw

from gala_renderer.text_layout import glyph_raster
from gala_renderer.text_layout.fonts import Font
from gala_renderer.text_layout.paragraph import (
    Paragraph,
    clean_line,
    shape,
    unknown_emoji,
    without_emoji,
)
from gala_renderer.text_layout.raster import TextImage

Align = Literal["left", "center", "right"]

_ASCENT: Final = 0.80
"""The distance of the baseline from the top of a line's em box, in em."""
_UNDERLINE: Final = -0.13
_STRIKETHROUGH: Final = 0.3
"""Height of lines above the baseline, in em: the second is at half the height of digits."""
_RULE: Final = 0.065
"""Width of these lines, in em."""
_FROM_RIGHT: Final = frozenset({"R", "AL"})
_FAST_PNG: Final = 1
_REDUCED: Final = 4
_SMALLEST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """The look of a text: colours as ``#rrggbb``, opacities 0 to 1, ``line_spacing`` in em."""

    size: float
    font: str | None = None
    bold: bool = True
    italic: bool = False
    colour: str = "#ffffff"
    stroke_colour: str = "#000000"
    stroke_width: float = 0.0
    shadow_colour: str = "#000000"
    shadow_opacity: float = 0.0
    shadow_blur: float = 0.0
    shadow_offset: float = 0.0
    box_colour: str | None = None
    box_opacity: float = 1.0
    box_padding: float = 0.0
    box_radius: float = 0.0
    align: Align = "center"
    line_spacing: float = 1.25


@dataclass(frozen=True, slots=True)
class Edge:
    """Outline and shadow of a part of a text; the width is in em of the style."""

    stroke_colour: str
    stroke_width: float
    shadow_colour: str
    shadow_opacity: float

    @classmethod
    def of(cls, style: TextStyle) -> Edge:
        """Return the outline and shadow of a style."""
        width = style.stroke_width / style.size
        return cls(style.stroke_colour, width, style.shadow_colour, style.shadow_opacity)


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A part of a line; ``box`` is the colour behind it. Invisible spans take up space.

    ``edge`` is its own outline and shadow, None for those of the style.
    """

    text: str
    colour: str | None = None
    box: str | None = None
    visible: bool = True
    underline: bool = False
    strikethrough: bool = False
    edge: Edge | None = None


@dataclass(frozen=True, slots=True)
class SpanLook:
    """Fonts and size of a part of a line; the size is in parts of the block's."""

    chain: tuple[Font, ...]
    size: float = 1.0


class _Glyph(NamedTuple):
    font: Font
    number: int
    x: float
    y: float
    piece: tuple[int, int]
    size: float = 1.0


class _SpanBox(NamedTuple):
    """The left and right edges of a text span, and the top and bottom of its line."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Block:
    """Lines laid out as one block; ``width`` and ``height`` exclude the margin."""

    style: TextStyle
    size: float
    """The em in use; smaller than the style's if a line was too wide."""
    width: int
    height: int
    missing: tuple[str, ...]
    """Characters that no available font can draw."""
    _glyphs: tuple[_Glyph, ...] = field(repr=False)
    _spans: dict[tuple[int, int], _SpanBox] = field(repr=False)
    edges: tuple[Edge, ...] = ()
    """Outlines and shadows that spans may have, for which there is room around the block."""
    _edges: dict[frozenset[tuple[tuple[int, int], Edge]], Image.Image] = field(
        repr=False, default_factory=dict, compare=False
    )
    """Cache of shadow and outline by visible spans, which do not depend on colours."""

    @property
    def margin(self) -> int:
        """How far outline, shadow, padding and slanted letters may extend beyond the box."""
        edges = (Edge.of(self.style), *self.edges)
        outside = max(self._reach(edge) for edge in edges)
        reach = max(outside, self.style.box_padding, 0.3 * self.size)
        # Blurs are computed at a quarter of the size, on whole pixels.
        return _REDUCED * math.ceil((reach + 2) / _REDUCED)

    def _reach(self, edge: Edge) -> float:
        """Return how far an outline and its shadow extend beyond the letters, in pixels."""
        style = self.style
        soft = style.shadow_offset + 3 * style.shadow_blur if edge.shadow_opacity else 0.0
        return edge.stroke_width * style.size + soft

    def paint(self, lines: Sequence[Sequence[TextSpan]], path: Path) -> TextImage:
        """Write the block to ``path`` with the looks of ``lines``, whose texts are those laid out.

        The picture's size and position are the same for every look.
        """
        self.picture(lines).save(path, compress_level=_FAST_PNG)
        return TextImage(path, -self.margin, -self.margin)

    def picture(self, lines: Sequence[Sequence[TextSpan]]) -> Image.Image:
        """Return the block with these looks, ``margin`` pixels larger than its box on each side."""
        canvas = Image.new("RGBA", (self.width + 2 * self.margin, self.height + 2 * self.margin))
        self._boxes(canvas, lines)
        shown = [g for g in self._glyphs if lines[g.piece[0]][g.piece[1]].visible]
        if shown:
            self._draw_glyphs(canvas, lines, shown)
        return canvas

    def has(self, span: tuple[int, int]) -> bool:
        """Return True if anything of a span is seen; it is named by its line and number."""
        return span in self._spans

    def part(self, span: tuple[int, int]) -> tuple[Block, tuple[int, int]]:
        """Return a span as a block without a box, and the corner of its picture in that of this.

        Its ``picture`` is drawn with the lines of this block.
        """
        box = self._spans[span]
        left, top = math.floor(box.left), math.floor(box.top)
        glyphs = [
            glyph._replace(x=glyph.x - left, y=glyph.y - top)
            for glyph in self._glyphs
            if glyph.piece == span
        ]
        shifted = _SpanBox(box.left - left, box.right - left, box.top - top, box.bottom - top)
        part = replace(
            self,
            style=replace(self.style, box_colour=None),
            width=math.ceil(box.right) - left,
            height=math.ceil(box.bottom) - top,
            _glyphs=tuple(glyphs),
            _spans={span: shifted},
            _edges={},
        )
        return part, (left, top)

    def background(self) -> Image.Image:
        """Return the box behind the text alone, as large as ``picture`` is."""
        canvas = Image.new("RGBA", (self.width + 2 * self.margin, self.height + 2 * self.margin))
        self._boxes(canvas, [])
        return canvas

    def _boxes(self, canvas: Image.Image, lines: Sequence[Sequence[TextSpan]]) -> None:
        style, pad = self.style, self.style.box_padding
        if style.box_colour is not None:
            area = (-pad, -pad, self.width + pad, self.height + pad)
            self._box(
                canvas, area, style.box_colour, opacity=style.box_opacity, radius=style.box_radius
            )
        for line, pieces in enumerate(lines):
            for at, piece in enumerate(pieces):
                span = self._spans.get((line, at))
                if piece.box is None or span is None:
                    continue
                wide = 0.16 * self.size
                area = (span.left - wide, span.top, span.right + wide, span.bottom)
                self._box(canvas, area, piece.box, opacity=1.0, radius=0.18 * self.size)

    def _box(
        self,
        canvas: Image.Image,
        area: tuple[float, float, float, float],
        colour: str,
        *,
        opacity: float,
        radius: float,
    ) -> None:
        moved = tuple(round(value + self.margin) for value in area)
        # Drawn at four times the size, so that the corners are smooth.
        size = (moved[2] - moved[0], moved[3] - moved[1])
        if min(size) <= 0:
            return
        big = Image.new("L", (size[0] * 4, size[1] * 4))
        ImageDraw.Draw(big).rounded_rectangle(
            (0, 0, big.width - 1, big.height - 1), radius * 4, fill=round(255 * opacity)
        )
        canvas.alpha_composite(glyph_raster.coloured(big.reduce(4), colour), (moved[0], moved[1]))

    def _draw_glyphs(
        self,
        canvas: Image.Image,
        lines: Sequence[Sequence[TextSpan]],
        shown: Sequence[_Glyph],
    ) -> None:
        usual = Edge.of(self.style)
        edged: dict[Edge, list[_Glyph]] = {}
        for glyph in shown:
            edged.setdefault(lines[glyph.piece[0]][glyph.piece[1]].edge or usual, []).append(glyph)
        visible = frozenset((glyph.piece, edge) for edge, same in edged.items() for glyph in same)
        if visible not in self._edges:
            self._edges[visible] = self._edge(edged, canvas.size, lines)
        canvas.alpha_composite(self._edges[visible])
        colours = {g: lines[g.piece[0]][g.piece[1]].colour or self.style.colour for g in shown}
        for colour in dict.fromkeys(colours.values()):
            same = [glyph for glyph in shown if colours[glyph] == colour]
            mask = self._letters(same, canvas.size, lines)
            canvas.alpha_composite(glyph_raster.coloured(mask, colour))
        for emoji in self._emoji(shown, canvas.size):
            canvas.alpha_composite(emoji)

    def _letters(
        self, glyphs: Sequence[_Glyph], size: tuple[int, int], lines: Sequence[Sequence[TextSpan]]
    ) -> Image.Image:
        """Return the mask of glyphs of any size, with the rules under and through them."""
        masks = [
            glyph_raster.letters(same, self.size * part, size, self.margin)
            for part, same in _by_size(glyphs)
        ]
        mask = reduce(ImageChops.lighter, masks) if masks else Image.new("L", size)
        for glyph in {glyph.piece: glyph for glyph in glyphs}.values():
            span = lines[glyph.piece[0]][glyph.piece[1]]
            for is_ruled, height in (
                (span.underline, _UNDERLINE),
                (span.strikethrough, _STRIKETHROUGH),
            ):
                if is_ruled and glyph.piece in self._spans:
                    ImageDraw.Draw(mask).rectangle(self._rule(glyph, height), fill=255)
        return mask

    def _rule(self, glyph: _Glyph, height: float) -> tuple[int, int, int, int]:
        """Return where the line is that is drawn along the span of a glyph, in whole pixels."""
        span, em = self._spans[glyph.piece], self.size * glyph.size
        thick = max(1, round(_RULE * em))
        top = round(glyph.y - height * em + self.margin - thick / 2)
        left, right = round(span.left + self.margin), round(span.right + self.margin)
        return left, top, max(left, right - 1), top + thick - 1

    def _emoji(self, glyphs: Sequence[_Glyph], size: tuple[int, int]) -> Iterator[Image.Image]:
        for part, same in _by_size(glyphs):
            drawn = glyph_raster.emoji(same, self.size * part, size, self.margin)
            if drawn is not None:
                yield drawn

    def _edge(
        self,
        edged: Mapping[Edge, Sequence[_Glyph]],
        size: tuple[int, int],
        lines: Sequence[Sequence[TextSpan]],
    ) -> Image.Image:
        """Return the shadows of the visible glyphs, and over them their outlines."""
        drawn, outlines = Image.new("RGBA", size), []
        for edge, glyphs in edged.items():
            if not edge.stroke_width and not edge.shadow_opacity:
                continue
            body = self._letters(glyphs, size, lines)
            if edge.stroke_width:
                body = glyph_raster.grown(body, edge.stroke_width * self.style.size)
                outlines.append(glyph_raster.coloured(body, edge.stroke_colour))
            if edge.shadow_opacity:
                for emoji in self._emoji(glyphs, size):
                    body = ImageChops.lighter(body, emoji.getchannel("A"))
                soft = self._shadow(body)
                drawn.alpha_composite(
                    glyph_raster.coloured(soft, edge.shadow_colour, edge.shadow_opacity)
                )
        for outline in outlines:
            drawn.alpha_composite(outline)
        return drawn

    def _shadow(self, edge: Image.Image) -> Image.Image:
        soft = glyph_raster.blurred(edge, self.style.shadow_blur)
        return ImageChops.offset(soft, 0, round(self.style.shadow_offset))


def _by_size(glyphs: Sequence[_Glyph]) -> Iterator[tuple[float, list[_Glyph]]]:
    for part in dict.fromkeys(glyph.size for glyph in glyphs):
        yield part, [glyph for glyph in glyphs if glyph.size == part]


def lay_out(
    lines: Sequence[Sequence[str]],
    style: TextStyle,
    chain: Sequence[Font],
    *,
    max_width: float = math.inf,
    from_right: bool | None = None,
    looks: Sequence[Sequence[SpanLook]] | None = None,
) -> Block:
    """Lay out lines, each the concatenation of its spans' texts (spaces included).

    Each line is shaped and ordered as a whole, so that right-to-left scripts and joined letters
    are correct. ``chain`` is the fallback chain of fonts. If a line is wider than ``max_width``,
    the whole block is made smaller. ``from_right`` is the base direction of the text; by default
    each line's first letter decides. ``looks`` are fonts and sizes of the spans, if they differ.
    """
    cleaned = [[clean_line(piece) for piece in pieces] for pieces in lines]
    undrawn = dict.fromkeys(
        c for pieces in cleaned for piece in pieces for c in unknown_emoji(piece, chain)
    )
    lines = [_with_direction(_without_emoji(pieces, undrawn), from_right) for pieces in cleaned]
    paragraphs = [
        _paragraph(pieces, chain, looks[number] if looks else None)
        for number, pieces in enumerate(lines)
    ]
    widest = max((paragraph.reach[-1] for paragraph in paragraphs), default=0.0)
    size = min(style.size, max_width / widest) if widest else style.size
    size = max(size, min(style.size, _SMALLEST))
    width = math.ceil(widest * size)
    glyphs: list[_Glyph] = []
    spans: dict[tuple[int, int], _SpanBox] = {}
    top = bottom = 0.0
    for number, (paragraph, pieces) in enumerate(zip(paragraphs, lines, strict=True)):
        em = size * max(paragraph.sizes, default=1.0)
        line = _LineBox(number, style.align, size, em, width, top)
        for glyph, advance in _line(paragraph, pieces, line):
            glyphs.append(glyph)
            _extend(spans, glyph, advance, (top, top + 1.25 * em))
        bottom = top + 1.25 * em
        top += style.line_spacing * em
    missing = dict.fromkeys(c for paragraph in paragraphs for c in paragraph.missing)
    height = math.ceil(round(bottom, 6))
    return Block(style, size, width, height, (*undrawn, *missing), tuple(glyphs), spans)


def _paragraph(
    pieces: Sequence[str], chain: Sequence[Font], looks: Sequence[SpanLook] | None
) -> Paragraph:
    text = "".join(pieces)
    if looks is None:
        return Paragraph(text, tuple(chain))
    by_character = [look for piece, look in zip(pieces, looks, strict=True) for _ in piece]
    return Paragraph(
        text,
        tuple(chain),
        chains=tuple(look.chain for look in by_character),
        sizes=tuple(look.size for look in by_character),
    )


def _without_emoji(pieces: Sequence[str], undrawn: Collection[str]) -> list[str]:
    """Return the spans without these emoji, and without the space after a removed one."""
    remaining: list[str] = []
    for piece in pieces:
        rest = without_emoji(piece, undrawn)
        after_removed = bool(remaining) and not remaining[-1] and not rest.strip()
        remaining.append("" if after_removed else rest)
    return remaining


def _with_direction(pieces: list[str], from_right: bool | None) -> list[str]:
    """Return the spans, preceded by an invisible direction mark if the direction is given."""
    letters = {unicodedata.bidirectional(character) for piece in pieces for character in piece}
    if from_right is None or not (from_right or letters & _FROM_RIGHT):
        return pieces
    return [("\u200f" if from_right else "\u200e") + pieces[0], *pieces[1:]]


def paint_lines(
    lines: Sequence[Sequence[TextSpan]],
    style: TextStyle,
    chain: Sequence[Font],
    path: Path,
    *,
    max_width: float = math.inf,
) -> TextImage:
    """Lay out and draw lines in one step, for a block with a single look."""
    texts = [[piece.text for piece in pieces] for pieces in lines]
    return lay_out(texts, style, chain, max_width=max_width).paint(lines, path)


class _LineBox(NamedTuple):
    """The number, place and sizes of a line, in pixels; ``em`` is that of its largest letters."""

    number: int
    align: Align
    size: float
    em: float
    width: int
    top: float


def _line(
    paragraph: Paragraph, pieces: Sequence[str], line: _LineBox
) -> Iterator[tuple[_Glyph, float]]:
    owners = [at for at, text in enumerate(pieces) for _ in text]
    free_width = line.width - paragraph.reach[-1] * line.size
    pen = {"left": 0.0, "center": free_width / 2, "right": free_width}[line.align]
    baseline = line.top + (0.125 + _ASCENT) * line.em
    for run in paragraph.runs(0, len(paragraph.text)):
        part = paragraph.size(run.start)
        size = line.size * part
        for glyph in shape(paragraph.text, run):
            x, y = pen + glyph.dx * size, baseline - glyph.dy * size
            owner = (line.number, owners[glyph.cluster])
            placed = _Glyph(glyph.font, glyph.number, x, y, owner, part)
            yield placed, glyph.advance * size
            pen += glyph.advance * size


def _extend(
    spans: dict[tuple[int, int], _SpanBox],
    glyph: _Glyph,
    advance: float,
    line: tuple[float, float],
) -> None:
    """Extend the rectangle of the glyph's span to include the glyph; spaces are ignored."""
    if glyph.number == glyph.font.space:
        return
    left, right = glyph.x, glyph.x + advance
    old = spans.get(glyph.piece)
    if old is not None:
        left, right = min(left, old.left), max(right, old.right)
    spans[glyph.piece] = _SpanBox(left, right, *line)
