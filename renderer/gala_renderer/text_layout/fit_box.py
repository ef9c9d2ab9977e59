"""Fit paragraphs into a box, as large as possible, in lines of about equal length."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from gala_renderer.text_layout.fonts import Font
from gala_renderer.text_layout.line_break import Break, is_space, leading, may_cut
from gala_renderer.text_layout.paragraph import Paragraph, paragraphs, shape

LINE_HEIGHT: Final = 1.32
"""Distance between baselines, in em."""

_ASCENT: Final = 1.0
_SMALLEST: Final = 4
_ROUNDING: Final = 1e-6
_TINY: Final = 0.25
_SIZE_WHEN_CUT: Final = 0.6
_SHRINK_TO_SAVE_A_LINE: Final = 0.8
_FEW_LINES: Final = 4
_URL_SEPARATORS: Final = frozenset("/\\?&=_.:")
_POOR_BREAK_COST: Final = 0.5
_LEADING_WORD_COST: Final = 30.0
"""Of lines that end with a word that leads to the next one, in squares of a character's width: it
must not depend on the box, or a text would break otherwise in a box of just its own width."""


class Line(NamedTuple):
    """The characters of a paragraph on one line; an empty range for an empty line."""

    paragraph: Paragraph
    start: int
    end: int

    @property
    def width(self) -> float:
        """The width in em."""
        return self.paragraph.reach[self.end] - self.paragraph.reach[self.start]


class PlacedGlyph(NamedTuple):
    """A glyph and its origin, in pixels from the left and the top of the box."""

    font: Font
    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class FittedText:
    """A text laid out in a box; ``size`` is the em in pixels."""

    size: int
    glyphs: tuple[PlacedGlyph, ...]
    lines: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Characters that no available font can draw; each is shown as an empty box."""


@dataclass(frozen=True, slots=True)
class Box:
    """The area for a text, in pixels, and the largest em to use in it."""

    width: int
    height: int
    largest: int


def fit_text(text: str, box: Box) -> FittedText:
    """Lay out the text in the middle of the box, at the largest size at which all of it fits.

    Words stay whole, unless one is so long that it would make the whole text tiny.
    """
    layouts = paragraphs(text)
    size = _largest_size(layouts, box)
    lines = [line for paragraph in layouts for line in balanced(paragraph, box.width / size)]
    return FittedText(
        size=size,
        glyphs=tuple(_place(lines, size, box)),
        lines=tuple(line.paragraph.text[line.start : line.end] for line in lines),
        missing=tuple(dict.fromkeys(c for paragraph in layouts for c in paragraph.missing)),
    )


def _largest_size(layouts: Sequence[Paragraph], box: Box) -> int:
    longest_word = longest(layouts)
    high = box.largest
    if longest_word * box.largest * _TINY <= box.width:
        high = min(high, int(box.width / longest_word)) if longest_word else high
    else:
        high = int(high * _SIZE_WHEN_CUT)

    def lines(size: int) -> int:
        return sum(len(filled(paragraph, box.width / size)) for paragraph in layouts)

    size = _greatest(
        range(_SMALLEST, max(_SMALLEST, high) + 1),
        lambda size: lines(size) * LINE_HEIGHT * size <= box.height,
    )
    # A slightly smaller size looks better if it saves a line.
    now = lines(size)
    if now > _FEW_LINES:
        return size
    slightly_smaller = range(max(_SMALLEST, int(size * _SHRINK_TO_SAVE_A_LINE)), size + 1)
    return _greatest(slightly_smaller, lambda smaller: lines(smaller) < now, otherwise=size)


def _greatest(sizes: range, last_break: Callable[[int], bool], otherwise: int | None = None) -> int:
    """Return the largest size that fits, given that every size below a fitting one fits too."""
    count = bisect_left(sizes, True, key=lambda size: not last_break(size))
    return sizes[count - 1] if count else (sizes[0] if otherwise is None else otherwise)


def longest(layouts: Sequence[Paragraph]) -> float:
    """Return the width of the longest word, in em."""
    return max(map(_longest_word, layouts), default=0.0)


def _longest_word(paragraph: Paragraph) -> float:
    starts = [0, *(at for at, may in enumerate(paragraph.breaks) if may), len(paragraph.text)]
    return max((_trimmed(paragraph, *span).width for span in pairwise(starts)), default=0.0)


def filled(paragraph: Paragraph, width: float) -> list[Line]:
    """Fill each line with as much as fits; a word too long for a line is cut."""
    length = len(paragraph.text)
    lines: list[Line] = []
    start = 0
    while start < length:
        end = _line_end(paragraph, start, width)
        lines.append(_trimmed(paragraph, start, end))
        start = end
    return lines or [Line(paragraph, 0, 0)]


def _line_end(paragraph: Paragraph, start: int, width: float) -> int:
    text, length = paragraph.text, len(paragraph.text)
    last_break = last_cut = last_seam = None
    for at in range(start + 1, length + 1):
        if _trimmed(paragraph, start, at).width > width + _ROUNDING:
            break
        if at == length or paragraph.breaks[at]:
            last_break = at
        elif may_cut(text, at):
            last_cut = at
            # URLs are most readable when cut between their components.
            if text[at - 1] in _URL_SEPARATORS and at - start > 1:
                last_seam = at
    return last_break or last_seam or last_cut or start + 1


def _trimmed(paragraph: Paragraph, start: int, end: int) -> Line:
    while end > start and is_space(paragraph.text[end - 1]):
        end -= 1
    return Line(paragraph, start, end)


def broken(paragraph: Paragraph, width: float) -> list[str]:
    """Return the paragraph's lines: at most ``width`` em wide, as equal in length as possible."""
    return [paragraph.text[line.start : line.end] for line in balanced(paragraph, width)]


def balanced(paragraph: Paragraph, width: float) -> list[Line]:
    """Return as few lines as ``_fill`` does, as equal in length as the breaks allow.

    Dynamic programming over the break positions; a line costs the square of its unused width. Lines
    rather do not end with articles, prepositions and the like.
    """
    full = filled(paragraph, width)
    if len(full) < 2 or _longest_word(paragraph) > width:
        return full
    places = [0, *(at for at, may in enumerate(paragraph.breaks) if may), len(paragraph.text)]
    best: dict[int, tuple[float, list[Line]]] = {0: (0.0, [])}
    for number, end in enumerate(places[1:], 1):
        ways = []
        breaking = _break_cost(paragraph, end, width)
        for start in reversed(places[:number]):
            line = _trimmed(paragraph, start, end)
            if line.width > width + _ROUNDING:
                break
            cost, lines = best[start]
            cost += (width - line.width) ** 2 + breaking
            ways.append((cost, [*lines, line]))
        best[end] = min(ways, key=lambda way: way[0])
    best_lines = best[places[-1]][1]
    return best_lines if len(best_lines) == len(full) else full


def _break_cost(paragraph: Paragraph, at: int, width: float) -> float:
    """Return what a break at an index costs, in squares of the unit of widths."""
    text = paragraph.text
    if at == len(text):
        return 0.0
    if paragraph.breaks[at] is Break.POOR:
        return _POOR_BREAK_COST * width**2
    weight = leading(text[:at].rstrip().rpartition(" ")[2])
    if not weight:
        return 0.0
    return weight * _LEADING_WORD_COST * (_trimmed(paragraph, 0, len(text)).width / len(text)) ** 2


def _place(lines: Sequence[Line], size: int, box: Box) -> Iterator[PlacedGlyph]:
    top = (box.height - len(lines) * LINE_HEIGHT * size) / 2
    for number, line in enumerate(lines):
        baseline = top + (number * LINE_HEIGHT + (LINE_HEIGHT - _ASCENT) / 2 + 0.80) * size
        pen = (box.width - line.width * size) / 2
        for run in line.paragraph.runs(line.start, line.end):
            for glyph in shape(line.paragraph.text, run):
                yield PlacedGlyph(
                    glyph.font, glyph.number, pen + glyph.dx * size, baseline - glyph.dy * size
                )
                pen += glyph.advance * size
