"""Rasterise captions: one picture for each distinct state, all of the same size.

The words of a caption do not move while the highlight advances: every state of a caption is drawn
from the same layout, at the same size and position.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from PIL import Image

from gala.render_types.params.captions import Align, CaptionParams, CaptionStyle
from gala_renderer.captions.overlay_track import CaptionTrack, Cue
from gala_renderer.captions.segmentation import TimedCaption
from gala_renderer.captions.stacking import Stacking, simultaneous, without_repeats
from gala_renderer.captions.undrawn_words import undrawn_emoji, without_undrawn
from gala_renderer.captions.writing_systems import apart, clean, joined, reads_from_right
from gala_renderer.engine.plan import Report
from gala_renderer.speech.words import Word
from gala_renderer.text_layout.fonts import Font
from gala_renderer.text_layout.line_break import leading
from gala_renderer.text_layout.paragraph import Paragraph
from gala_renderer.text_layout.styled_layout import Block, TextSpan, TextStyle, lay_out

_BLANK: Final = "blank.png"
_FAST_PNG: Final = 1
_USABLE: Final = 0.9
"""The part of the canvas's height, and usually width, that captions may use; the rest is margin."""

_LEADING: Final = 0.06
"""What a break after a preposition costs, of a line's width; after an article twice that."""

_STROKE: Final = 0.08
_SHADOW_BLUR: Final = 0.12
_SHADOW_OFFSET: Final = 0.04
_BOX_PADDING: Final = 0.3
_BOX_RADIUS: Final = 0.22
_STACK_GAP: Final = 0.25
"""In em."""

_LAYOUT_SHARE: Final = 0.2
"""Progress when the layout of all captions is done."""

_MIN_SCALE: Final = 0.75
"""The smallest scale of a caption with one long word; beyond it the word is shown alone."""


Lines: TypeAlias = tuple[tuple[TextSpan, ...], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """The canvas: its width and height in pixels and its frames per second."""

    width: int
    height: int
    rate: Fraction


def draw_track(
    captions: Sequence[TimedCaption],
    params: CaptionParams,
    frame: Frame,
    chain: Sequence[Font],
    folder: Path,
    *,
    report: Report = lambda _: None,
) -> CaptionTrack:
    """Draw the captions into ``folder`` and write the list for FFmpeg.

    ``chain`` is the fallback chain of fonts. An exception from ``report`` stops the work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    undrawn = undrawn_emoji(captions, chain)
    if undrawn:
        captions = list(without_undrawn(captions, undrawn))
    texts = [word.text for caption in captions for word in caption.words]
    generator = _TrackRasterizer(params, frame, chain, reads_from_right(texts), undrawn)
    cues: list[Cue] = []
    for number, caption in enumerate(without_repeats(captions)):
        report(_LAYOUT_SHARE * number / len(captions))
        cues += generator.cues(caption)
    track = generator.paint(cues, folder, report)
    track.write()
    return track


class _State(NamedTuple):
    """A distinct state: a block, the looks of its lines, and its picture's top left corner."""

    block: Block
    lines: Lines
    x: int
    y: int


class _TrackRasterizer:
    """Lays out all captions first, because all pictures have the size of their union."""

    def __init__(
        self,
        params: CaptionParams,
        frame: Frame,
        chain: Sequence[Font],
        from_right: bool,
        undrawn: Sequence[str],
    ):
        self._params = params
        self._frame = frame
        self._chain = chain
        self._from_right = from_right
        self._names: dict[tuple[Lines, int], str] = {}
        self._blocks: dict[Lines, Block] = {}
        self._combined: dict[tuple[str, ...], str] = {}
        self._states: dict[str, tuple[_State, ...]] = {}
        self._missing = dict.fromkeys(undrawn)
        edge = _edge(frame, style_of(params, frame))
        self._stacking = Stacking(frame.rate, edge, frame.height - edge)
        self._unplaced = 0

    def cues(self, caption: TimedCaption) -> Iterator[Cue]:
        """Yield the caption's states in order; equal states share a picture."""
        for part in fitted(caption, self._params, self._frame, self._chain):
            block: Block | None = None
            shift: int | None = None
            for start, end, lines in states(part, self._params):
                known = self._blocks.get(lines) or block or self._fitted_block(lines)
                self._blocks[lines] = known
                if block is None:
                    block, shift = known, self._shift(part, known)
                if shift is not None:
                    yield Cue(start, end, self._name(known, lines, shift))
            self._unplaced += block is not None and shift is None

    def _shift(self, part: TimedCaption, block: Block) -> int | None:
        """Return by how many rows a caption moves to hide no other; None if there is no room."""
        _, y = _corner(self._params, self._frame, block)
        padding = round(_padding(block.style))
        gap = round(2 * padding + _STACK_GAP * block.size)
        up = self._params.height > 0.5
        row = self._stacking.place(part.start, part.end, y, block.height, gap=gap, up=up)
        return None if row is None else row - y

    def _fitted_block(self, lines: Lines) -> Block:
        """Lay out the lines, smaller than requested if they are too wide or too high."""
        style = style_of(self._params, self._frame)
        limit = usable_size(self._params, self._frame, style)
        block = self._lay_out(lines, style, limit[0])
        high = min(1.0, limit[1] / block.height) if block.height else 1.0
        size = min(block.size, style.size * high)
        if size >= style.size:
            return block
        # Laid out again, so that the outline and the shadow shrink with the letters.
        return self._lay_out(lines, style_of(self._params, self._frame, size), limit[0])

    def _lay_out(self, lines: Lines, style: TextStyle, width: float) -> Block:
        texts = [[piece.text for piece in line] for line in lines]
        return lay_out(texts, style, self._chain, max_width=width, from_right=self._from_right)

    def _name(self, block: Block, lines: Lines, shift: int) -> str:
        name = self._names.get((lines, shift))
        if name is None:
            name = self._names[lines, shift] = f"c{len(self._names):05}.png"
            x, y = _corner(self._params, self._frame, block)
            self._missing.update(dict.fromkeys(block.missing))
            state = _State(block, lines, x - block.margin, y + shift - block.margin)
            self._states[name] = (state,)
        return name

    def _combine(self, names: tuple[str, ...]) -> str:
        """Return the name of a picture that shows several states at once."""
        name = self._combined.get(names)
        if name is None:
            name = self._combined[names] = f"s{len(self._combined):05}.png"
            self._states[name] = tuple(state for one in names for state in self._states[one])
        return name

    def paint(self, cues: Sequence[Cue], folder: Path, report: Report) -> CaptionTrack:
        """Write the pictures one by one, with one picture in memory at a time."""
        shown = simultaneous(cues, self._frame.rate, self._combine)
        self._blocks.clear()
        used = dict.fromkeys(cue.picture for cue in shown)
        self._states = {name: self._states[name] for name in used}
        left, top, right, bottom = self._bounds()
        size = (right - left, bottom - top)
        _save(Image.new("RGBA", size), folder / _BLANK)
        names = tuple(self._states)
        for number, name in enumerate(names):
            report(_LAYOUT_SHARE + (1 - _LAYOUT_SHARE) * number / len(names))
            # A block caches what its states share; popping frees it with the last of them.
            picture = Image.new("RGBA", size)
            first, *others = self._states.pop(name)
            picture.paste(first.block.picture(first.lines), (first.x - left, first.y - top))
            for state in others:
                _compose(picture, state, left, top)
            _save(picture, folder / name)
        return CaptionTrack(
            folder,
            self._frame.rate,
            _BLANK,
            left,
            top,
            size,
            shown,
            tuple(self._missing),
            self._unplaced,
        )

    def _bounds(self) -> tuple[int, int, int, int]:
        """Return the union of all pictures within the canvas, with even edges because of 4:2:0."""
        if not self._states:
            return 0, 0, 2, 2
        states = [state for together in self._states.values() for state in together]
        left = max(0, min(state.x for state in states) // 2 * 2)
        top = max(0, min(state.y for state in states) // 2 * 2)
        right = max(state.x + state.block.width + 2 * state.block.margin for state in states)
        bottom = max(state.y + state.block.height + 2 * state.block.margin for state in states)
        right, bottom = min(self._frame.width, right), min(self._frame.height, bottom)
        return left, top, -(-right // 2) * 2, -(-bottom // 2) * 2


def _compose(picture: Image.Image, state: _State, left: int, top: int) -> None:
    """Draw a state over a picture whose top left corner is at ``left``, ``top``."""
    at = (max(0, state.x - left), max(0, state.y - top))
    inside = (at[0] - state.x + left, at[1] - state.y + top)
    picture.alpha_composite(state.block.picture(state.lines), at, inside)


def _save(picture: Image.Image, path: Path) -> None:
    picture.save(path, compress_level=_FAST_PNG)


def style_of(params: CaptionParams, frame: Frame, size: float | None = None) -> TextStyle:
    """Return the text style of the params, at ``size`` pixels or by default at their font size."""
    em = size or params.em(min(frame.width, frame.height))
    # Lengths given in pixels shrink with the letters.
    scale = em / params.font_size if params.font_size else 1.0
    boxed = params.style is CaptionStyle.BOXED
    stroke, blur = params.stroke_width, params.shadow_blur
    return TextStyle(
        font=params.font,
        size=em,
        bold=params.bold,
        italic=params.italic,
        colour=params.color,
        stroke_colour=params.stroke_color,
        stroke_width=(0.0 if boxed else _STROKE * em) if stroke is None else stroke * scale,
        shadow_colour=params.shadow_color,
        shadow_opacity=0.0 if boxed else params.shadow_opacity,
        shadow_blur=_SHADOW_BLUR * em if blur is None else blur * scale,
        shadow_offset=_SHADOW_OFFSET * em,
        box_colour=params.box_color if boxed else None,
        box_opacity=params.box_opacity,
        box_padding=_BOX_PADDING * em,
        box_radius=_BOX_RADIUS * em,
        align=params.align.value,
    )


def usable_size(params: CaptionParams, frame: Frame, style: TextStyle) -> tuple[float, float]:
    """Return the greatest width and height of a block in the frame, excluding its box padding."""
    around = 2 * _padding(style)
    return (
        max(1.0, frame.width * params.width - around),
        max(1.0, frame.height * _USABLE - around),
    )


def _padding(style: TextStyle) -> float:
    return style.box_padding if style.box_colour else 0.0


def _corner(params: CaptionParams, frame: Frame, block: Block) -> tuple[int, int]:
    edge = _edge(frame, block.style)
    y = round(frame.height * params.height - block.height / 2)
    return _left(params, frame, block), max(edge, min(y, frame.height - edge - block.height))


def _left(params: CaptionParams, frame: Frame, block: Block) -> int:
    """Return where a block begins, moved inwards if it would reach over the margins."""
    center, padding = frame.width * params.x, _padding(block.style)
    half = usable_size(params, frame, block.style)[0] / 2
    x = {
        Align.LEFT: round(center - half),
        Align.CENTER: math.floor(center - block.width / 2),
        Align.RIGHT: round(center + half - block.width),
    }[params.align]
    side = round(frame.width * (1 - max(_USABLE, params.width)) / 2 + padding)
    return max(side, min(x, frame.width - side - block.width))


def _edge(frame: Frame, style: TextStyle) -> int:
    """Return the height of the margin above and below captions."""
    return round(frame.height * (1 - _USABLE) / 2 + _padding(style))


def fitted(
    caption: TimedCaption, params: CaptionParams, frame: Frame, chain: Sequence[Font]
) -> Iterator[TimedCaption]:
    """Yield the caption with lines broken to the usable width of the canvas.

    A word much too wide for any line becomes a caption by itself, so that it alone is small.
    """
    style = style_of(params, frame)
    limit = usable_size(params, frame, style)[0]

    def width(words: Sequence[Word]) -> float:
        text = clean(joined([word.text for word in words]))
        return Paragraph(text, tuple(chain)).reach[-1] * style.size

    for part in split_alone(caption, lambda word: width([word]) * _MIN_SCALE > limit):
        lines = [narrow for line in part.lines for narrow in _split_line(line, limit, width)]
        yield replace(part, lines=tuple(lines))


def split_alone(caption: TimedCaption, alone: Callable[[Word], bool]) -> Iterator[TimedCaption]:
    """Split a caption in time, so that each word for which ``alone`` is true is shown alone."""
    parts: list[list[tuple[Word, ...]]] = []
    begin = True
    for line in caption.lines:
        for is_alone, words in groupby(line, alone):
            for group in ([word] for word in words) if is_alone else (words,):
                if begin or is_alone:
                    parts.append([])
                parts[-1].append(tuple(group))
                begin = is_alone
    starts = [caption.start, *(part[0][0].start for part in parts[1:]), caption.end]
    for part, (start, end) in zip(parts, pairwise(starts), strict=True):
        yield TimedCaption(start, end, tuple(part))


def _split_line(
    words: tuple[Word, ...], limit: float, width: Callable[[Sequence[Word]], float]
) -> list[tuple[Word, ...]]:
    whole = width(words)
    if len(words) < 2 or whole <= limit:
        return [words]

    # Split at a word boundary near to the middle, rather not after an article; then each half.
    def cost(at: int) -> float:
        return abs(width(words[:at]) - whole / 2) + _LEADING * whole * leading(words[at - 1].text)

    middle = min(range(1, len(words)), key=cost)
    return [*_split_line(words[:middle], limit, width), *_split_line(words[middle:], limit, width)]


def states(caption: TimedCaption, params: CaptionParams) -> Iterator[tuple[float, float, Lines]]:
    """Yield start, end and lines of each state of a caption: one, or one per word."""
    words = caption.words
    if params.style not in {CaptionStyle.KARAOKE, CaptionStyle.HIGHLIGHT} or not words:
        yield caption.start, caption.end, _styled_lines(caption, params, range(0))
        return
    starts_by_word = [max(caption.start, min(word.start, caption.end)) for word in words]
    starts_by_word[0] = caption.start
    for number, start in enumerate(starts_by_word):
        end = starts_by_word[number + 1] if number + 1 < len(starts_by_word) else caption.end
        first = 0 if params.style is CaptionStyle.KARAOKE else number
        yield start, end, _styled_lines(caption, params, range(first, number + 1))


def _styled_lines(caption: TimedCaption, params: CaptionParams, highlighted: range) -> Lines:
    box = params.highlight_box_color if params.style is CaptionStyle.HIGHLIGHT else None
    lines = []
    number = 0
    for line in caption.lines:
        pieces: list[TextSpan] = []
        for place in range(len(line)):
            is_highlighted = number in highlighted
            colour = params.highlight_color if is_highlighted and box is None else None
            pieces += _word_spans(line, place, colour, box if is_highlighted else None)
            number += 1
        lines.append(tuple(pieces))
    return tuple(lines)


def _word_spans(
    line: Sequence[Word], place: int, colour: str | None, box: str | None
) -> Iterator[TextSpan]:
    """Yield a word, preceded by a space if there is one."""
    if place and apart(line[place - 1].text, line[place].text):
        yield TextSpan(" ")
    yield TextSpan(clean(line[place].text), colour=colour, box=box)
