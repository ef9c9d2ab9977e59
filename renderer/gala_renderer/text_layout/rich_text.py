"""Texts with parts of different fonts, sizes and colours, fitted into a width and a height."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from gala.errors import InvalidRequest
from gala_renderer.text_layout.fit_box import Line, balanced, filled, longest
from gala_renderer.text_layout.line_break import Break, continues_cluster, is_space
from gala_renderer.text_layout.paragraph import (
    Paragraph,
    clean_line,
    unknown_emoji,
    without_emoji,
)
from gala_renderer.text_layout.styled_layout import (
    Block,
    Edge,
    SpanLook,
    TextSpan,
    TextStyle,
    lay_out,
)

_MAX_PIXELS: Final = 40_000_000
_MIN_SCALE: Final = 0.5
"""How far a text that wraps may be scaled down so that a long word is not broken."""
_SMALLEST: Final = 4.0
"""Pixels of the em below which a text does not shrink."""
_STEPS: Final = 12
_LAST_LINE: Final = 1.25
"""Height of a line on its own, in em."""
_JOINED: Final = frozenset({"Arab", "Syrc", "Nkoo", "Mong", "Adlm", "Rohg"})
"""Scripts whose letters are written together."""
_ELLIPSIS: Final = "…"
_ELLIPSIS_EM: Final = 0.9


class Overflow(StrEnum):
    """What happens to a text that is larger than its room."""

    WRAP = "wrap"
    SHRINK = "shrink"
    CLIP = "clip"


class Division(StrEnum):
    """Into which parts the runs of each line are divided; a part is a span."""

    RUN = "run"
    WORD = "word"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class TextRun:
    """A part of a text; ``colour`` is None for that of the style, ``box`` the colour behind it."""

    text: str
    look: SpanLook
    colour: str | None = None
    underline: bool = False
    strikethrough: bool = False
    box: str | None = None
    edge: Edge | None = None
    """Outline and shadow, if they are not those of the style."""

    def span(self, text: str) -> TextSpan:
        """Return a part of it as it is drawn."""
        return TextSpan(
            text,
            colour=self.colour,
            box=self.box,
            underline=self.underline,
            strikethrough=self.strikethrough,
            edge=self.edge,
        )


@dataclass(frozen=True, slots=True)
class Room:
    """The room of a text in pixels, and the number of its lines."""

    width: float
    height: float = math.inf
    max_lines: int | None = None
    readable: float = 0.0
    """Pixels of the em below which a text does not shrink only to keep a word whole."""


@dataclass(frozen=True, slots=True)
class FittedText:
    """A text that is laid out, and the spans of its lines."""

    block: Block
    lines: tuple[tuple[TextSpan, ...], ...]
    is_cut: bool = False
    """Whether its end is missing."""
    division: Division = Division.RUN
    """Into which parts its lines are divided."""


def fit_runs(
    runs: Sequence[TextRun],
    style: TextStyle,
    room: Room,
    overflow: Overflow,
    division: Division = Division.RUN,
) -> FittedText:
    """Lay out the runs in lines of about equal length.

    With WRAP and CLIP, what exceeds ``max_lines``, with CLIP also what exceeds the height, is
    replaced by an ellipsis; with SHRINK, the text becomes smaller. Emoji that no font has are left
    out before lines are broken, so that a text fits into the width that was measured for it. Raise
    ``InvalidRequest`` for a text that is too long for any picture.
    """
    undrawn = dict.fromkeys(c for run in runs for c in unknown_emoji(run.text, run.look.chain))
    shown = [replace(run, text=without_emoji(run.text, undrawn)) for run in runs]
    found = _Fitting(list(_paragraphs(shown)), shown, style, room, division).fitted(overflow)
    missing = (*undrawn, *found.block.missing)
    return replace(found, block=replace(found.block, missing=missing))


@dataclass(frozen=True)
class _Owned:
    """A paragraph, and the number of the run of each character."""

    paragraph: Paragraph
    owners: tuple[int, ...]


@dataclass(frozen=True)
class _Fitting:
    paragraphs: list[_Owned]
    runs: Sequence[TextRun]
    style: TextStyle
    room: Room
    division: Division

    def fitted(self, overflow: Overflow) -> FittedText:
        """Return the text at its size."""
        size = self._shrunk() if overflow is Overflow.SHRINK else self._unbroken()
        lines = self._lines(size)
        most = self.room.max_lines or len(lines)
        if overflow is Overflow.CLIP:
            most = min(most, self._fitting_lines(lines, size))
        is_cut = overflow is not Overflow.SHRINK and len(lines) > most
        if is_cut:
            lines = self._full_lines(size)[: max(1, most)]
        if len(lines) * self.style.line_spacing * size * self.room.width > _MAX_PIXELS:
            raise InvalidRequest(
                "text: the text is too long for this font size; it would exceed any video.",
                hint="Choose a smaller font_size or a shorter text.",
                field="params",
            )
        return self._laid_out(lines, size, is_cut=is_cut)

    def _unbroken(self) -> float:
        """Return the em in pixels: reduced if that keeps a word from being broken."""
        size, word = self.style.size, self._longest_word
        if word * size <= self.room.width or word * size * _MIN_SCALE > self.room.width:
            return size
        return int(100 * self.room.width / word) / 100

    @property
    def _longest_word(self) -> float:
        return longest([one.paragraph for one in self.paragraphs])

    def _shrunk(self) -> float:
        """Return the largest em, at most that of the style, at which all of the text fits.

        Words are broken only where they would be too small to be read otherwise.
        """
        whole = self._largest(self.style.size, breaks_words=False)
        readable = min(self.room.readable, self.style.size)
        if whole >= readable:
            return whole
        return max(whole, self._largest(readable, breaks_words=True))

    def _largest(self, high: float, *, breaks_words: bool) -> float:
        low = min(_SMALLEST, high)
        if self._fits(high, breaks_words=breaks_words):
            return high
        for _ in range(_STEPS):
            middle = (low + high) / 2
            is_enough = self._fits(middle, breaks_words=breaks_words)
            low, high = (middle, high) if is_enough else (low, middle)
        return low

    def _fits(self, size: float, *, breaks_words: bool) -> bool:
        lines = self._lines(size)
        is_few = self.room.max_lines is None or len(lines) <= self.room.max_lines
        is_low = self._height(lines, size) <= self.room.height
        is_whole = breaks_words or self._longest_word * size <= self.room.width
        return is_few and is_low and is_whole

    def _lines(self, size: float) -> list[tuple[_Owned, Line]]:
        width = self.room.width / size
        return [(one, line) for one in self.paragraphs for line in balanced(one.paragraph, width)]

    def _full_lines(self, size: float) -> list[tuple[_Owned, Line]]:
        """Return lines with as much text as fits, and room for an ellipsis."""
        width = max(1.0, self.room.width / size - _ELLIPSIS_EM)
        return [(one, line) for one in self.paragraphs for line in filled(one.paragraph, width)]

    def _height(self, lines: Sequence[tuple[_Owned, Line]], size: float) -> float:
        ems = [max(one.paragraph.sizes[line.start : line.end], default=1.0) for one, line in lines]
        return (sum(ems[:-1]) * self.style.line_spacing + _LAST_LINE * ems[-1]) * size if ems else 0

    def _fitting_lines(self, lines: Sequence[tuple[_Owned, Line]], size: float) -> int:
        numbers = range(1, len(lines) + 1)
        return sum(self._height(lines[:number], size) <= self.room.height for number in numbers)

    def _laid_out(
        self, lines: Sequence[tuple[_Owned, Line]], size: float, *, is_cut: bool
    ) -> FittedText:
        style = scaled(self.style, size)
        spans = [self._spans(one, line) for one, line in lines]
        if is_cut:
            spans[-1] = _cut(spans[-1])
        looks = [[self.runs[owner].look for owner, _ in line] for line in spans]
        texts = [[text for _, text in line] for line in spans]
        # A right-to-left text stays so, even if one of its lines begins with a left-to-right word.
        first = self.paragraphs[0].paragraph if self.paragraphs else None
        from_right = True if first is not None and first.base_level == 1 else None
        chain = self.runs[0].look.chain
        block = lay_out(
            texts, style, chain, max_width=self.room.width, from_right=from_right, looks=looks
        )
        edges = tuple(dict.fromkeys(run.edge for run in self.runs if run.edge is not None))
        block = replace(block, edges=edges)
        shown = tuple(tuple(self.runs[owner].span(text) for owner, text in line) for line in spans)
        return FittedText(block, shown, is_cut, self.division)

    def _spans(self, one: _Owned, line: Line) -> list[tuple[int, str]]:
        """Return the parts of a line, each with the number of its run; one, if it is empty."""
        text, owners = one.paragraph.text, one.owners
        if line.start == line.end:
            return [(0, "")]
        inside = [
            at
            for at in range(line.start + 1, line.end)
            if owners[at] != owners[at - 1] or self._begins(one.paragraph, at)
        ]
        edges = [line.start, *inside, line.end]
        return [(owners[at], text[at:end]) for at, end in pairwise(edges)]

    def _begins(self, paragraph: Paragraph, at: int) -> bool:
        """Return True if a part begins within a run."""
        if self.division is Division.RUN:
            return False
        if self.division is Division.WORD or paragraph.scripts[at] in _JOINED:
            return paragraph.breaks[at] is Break.GOOD
        return not continues_cluster(paragraph.text, at)


def scaled(style: TextStyle, size: float) -> TextStyle:
    """Return a style whose em has that many pixels, with outline and shadow in proportion."""
    part = size / style.size
    return replace(
        style,
        size=size,
        stroke_width=style.stroke_width * part,
        shadow_blur=style.shadow_blur * part,
        shadow_offset=style.shadow_offset * part,
    )


def _cut(line: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return a line that ends with an ellipsis; a line that becomes too long is made narrower."""
    owner, text = line[-1]
    return [*line[:-1], (owner, text.rstrip(" .,;:…") + _ELLIPSIS)]


def _paragraphs(runs: Sequence[TextRun]) -> Iterator[_Owned]:
    """Yield the paragraphs of the text; several empty lines become one."""
    characters = [(one, at) for at, run in enumerate(runs) for one in _clean(run.text)]
    kept: list[list[tuple[str, int]]] = []
    for line in _split(characters):
        stripped = _stripped(line)
        if stripped or (kept and kept[-1]):
            kept.append(stripped)
    while kept and not kept[-1]:
        kept.pop()
    for line in kept:
        owners = tuple(owner for _, owner in line)
        looks = [runs[owner].look for owner in owners]
        text = "".join(character for character, _ in line)
        paragraph = Paragraph(
            text,
            runs[0].look.chain,
            chains=tuple(look.chain for look in looks),
            sizes=tuple(look.size for look in looks),
        )
        yield _Owned(paragraph, owners)


def _clean(text: str) -> str:
    whole = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(clean_line(line) for line in whole.split("\n"))


def _split(characters: Sequence[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    line: list[tuple[str, int]] = []
    for one in characters:
        if one[0] == "\n":
            yield line
            line = []
        else:
            line.append(one)
    yield line


def _stripped(line: list[tuple[str, int]]) -> list[tuple[str, int]]:
    start, end = 0, len(line)
    while start < end and is_space(line[start][0]):
        start += 1
    while end > start and is_space(line[end - 1][0]):
        end -= 1
    return line[start:end]
