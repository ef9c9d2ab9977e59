"""Paints captions: one picture for each different thing to see, all of one size.

The words of a caption stand still while the highlight moves on: every state of a caption is
painted from the same lines, in the same size, at the same place.
"""

from __future__ import annotations

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
from gala_renderer.captions.writing_systems import clean, joined, reads_from_right, spaced
from gala_renderer.engine.plan import Report
from gala_renderer.speech.words import Word
from gala_renderer.text_layout.fonts import Font
from gala_renderer.text_layout.paragraph import Paragraph
from gala_renderer.text_layout.styled_layout import Block, TextSpan, TextStyle, lay_out

_BLANK: Final = "blank.png"
_FAST_PNG: Final = 1
_USED: Final = 0.9
"""Of the canvas's sides; what is left are margins."""

_EM: Final = 1 / 13
_EM_OF_WORD: Final = 1 / 9
"""The usual font size as a part of the canvas's shorter side."""

_STROKE: Final = 0.08
_SHADOW_BLUR: Final = 0.12
_SHADOW_OFFSET: Final = 0.04
_BOX_PADDING: Final = 0.3
_BOX_RADIUS: Final = 0.22
"""In em."""

_LAID: Final = 0.2
"""How far the work is when all is laid out."""

_SHRUNK_AT_MOST: Final = 0.75
"""A caption is made so small at most for one long word's sake."""


Lines: TypeAlias = tuple[tuple[TextSpan, ...], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What is drawn on: its sides in pixels and its frames a second."""

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
    """Paint the captions into ``folder`` and write the list that FFmpeg reads.

    ``chain`` are the fonts in the order in which they are asked for a character. What ``report``
    raises ends the work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = [word.text for caption in captions for word in caption.words]
    generator = _TrackRasterizer(params, frame, chain, reads_from_right(texts))
    cues: list[Cue] = []
    for number, caption in enumerate(captions):
        report(_LAID * number / len(captions))
        cues += generator.cues(caption)
    track = generator.paint(cues, folder, report)
    track.write()
    return track


class _Look(NamedTuple):
    """Something different to see: a block's lines, and where its picture's corner is."""

    block: Block
    lines: Lines
    x: int
    y: int


class _TrackRasterizer:
    """Lays everything out first, because all pictures have the size of what is ever shown."""

    def __init__(
        self, params: CaptionParams, frame: Frame, chain: Sequence[Font], from_right: bool
    ):
        self._params = params
        self._frame = frame
        self._chain = chain
        self._from_right = from_right
        self._names: dict[Lines, str] = {}
        self._looks: dict[str, _Look] = {}
        self._missing: dict[str, None] = {}

    def cues(self, caption: TimedCaption) -> Iterator[Cue]:
        """The caption's states, one after the other; equal ones share their picture."""
        for part in fitted(caption, self._params, self._frame, self._chain):
            block: Block | None = None
            for start, end, lines in states(part, self._params):
                if lines not in self._names:
                    block = block or self._lay(lines)
                    self._add(block, lines)
                yield Cue(start, end, self._names[lines])

    def _lay(self, lines: Lines) -> Block:
        """The lines laid out, smaller than asked for if they are too wide or too high."""
        style = style_of(self._params, self._frame)
        room = room_of(self._frame, style)
        block = self._laid(lines, style, room[0])
        high = min(1.0, room[1] / block.height) if block.height else 1.0
        size = min(block.size, style.size * high)
        if size >= style.size:
            return block
        # Once more, so that the outline and the shadow shrink with the letters.
        return self._laid(lines, style_of(self._params, self._frame, size), room[0])

    def _laid(self, lines: Lines, style: TextStyle, width: float) -> Block:
        texts = [[piece.text for piece in line] for line in lines]
        return lay_out(texts, style, self._chain, max_width=width, from_right=self._from_right)

    def _add(self, block: Block, lines: Lines) -> None:
        name = f"c{len(self._names):05}.png"
        x, y = _corner(self._params, self._frame, block)
        self._names[lines] = name
        self._missing.update(dict.fromkeys(block.missing))
        self._looks[name] = _Look(block, lines, x - block.margin, y - block.margin)

    def paint(self, cues: Sequence[Cue], folder: Path, report: Report) -> CaptionTrack:
        """Write the pictures, one after the other: no two are in memory."""
        left, top, right, bottom = self._bounds()
        size = (right - left, bottom - top)
        _save(Image.new("RGBA", size), folder / _BLANK)
        names = tuple(self._looks)
        for number, name in enumerate(names):
            report(_LAID + (1 - _LAID) * number / len(names))
            # A block keeps what its looks have in common; it goes with the last of them.
            look = self._looks.pop(name)
            picture = Image.new("RGBA", size)
            picture.paste(look.block.picture(look.lines), (look.x - left, look.y - top))
            _save(picture, folder / name)
        return CaptionTrack(
            folder, self._frame.rate, _BLANK, left, top, tuple(cues), tuple(self._missing)
        )

    def _bounds(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of all of it: even, because 4:2:0 is; within the canvas."""
        if not self._looks:
            return 0, 0, 2, 2
        looks = self._looks.values()
        left = max(0, min(look.x for look in looks) // 2 * 2)
        top = max(0, min(look.y for look in looks) // 2 * 2)
        right = max(look.x + look.block.width + 2 * look.block.margin for look in looks)
        bottom = max(look.y + look.block.height + 2 * look.block.margin for look in looks)
        right, bottom = min(self._frame.width, right), min(self._frame.height, bottom)
        return left, top, -(-right // 2) * 2, -(-bottom // 2) * 2


def _save(picture: Image.Image, path: Path) -> None:
    picture.save(path, compress_level=_FAST_PNG)


def style_of(params: CaptionParams, frame: Frame, size: float | None = None) -> TextStyle:
    """The params' style at a font size in pixels; without one, at theirs."""
    part = _EM_OF_WORD if params.style is CaptionStyle.WORD else _EM
    em = size or params.font_size or min(frame.width, frame.height) * part
    # What was given in pixels shrinks with the letters.
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


def room_of(frame: Frame, style: TextStyle) -> tuple[float, float]:
    """The width and height that a block may have in the middle of the frame, its box around it."""
    around = 2 * _padding(style)
    return max(1.0, frame.width * _USED - around), max(1.0, frame.height * _USED - around)


def _padding(style: TextStyle) -> float:
    return style.box_padding if style.box_colour else 0.0


def _corner(params: CaptionParams, frame: Frame, block: Block) -> tuple[int, int]:
    side = round(frame.width * (1 - _USED) / 2 + _padding(block.style))
    x = {
        Align.LEFT: side,
        Align.CENTER: (frame.width - block.width) // 2,
        Align.RIGHT: frame.width - side - block.width,
    }[params.align]
    edge = round(frame.height * (1 - _USED) / 2 + _padding(block.style))
    y = round(frame.height * params.height - block.height / 2)
    return x, max(edge, min(y, frame.height - edge - block.height))


def fitted(
    caption: TimedCaption, params: CaptionParams, frame: Frame, chain: Sequence[Font]
) -> Iterator[TimedCaption]:
    """The caption with lines that are no wider than the canvas has room, where words allow.

    A word much too wide for any line is shown by itself, so that it alone is small.
    """
    style = style_of(params, frame)
    room = room_of(frame, style)[0]

    def width(words: Sequence[Word]) -> float:
        text = joined([clean(word.text) for word in words])
        return Paragraph(text, tuple(chain)).reach[-1] * style.size

    for part in apart(caption, lambda word: width([word]) * _SHRUNK_AT_MOST > room):
        lines = [narrow for line in part.lines for narrow in _cut(line, room, width)]
        yield replace(part, lines=tuple(lines))


def apart(caption: TimedCaption, alone: Callable[[Word], bool]) -> Iterator[TimedCaption]:
    """The caption in parts, one after the other, so that some words are shown by themselves."""
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


def _cut(
    words: tuple[Word, ...], room: float, width: Callable[[Sequence[Word]], float]
) -> list[tuple[Word, ...]]:
    whole = width(words)
    if len(words) < 2 or whole <= room:
        return [words]
    # In the middle, as near as words allow, and each half again.
    middle = min(range(1, len(words)), key=lambda at: abs(width(words[:at]) - whole / 2))
    return [*_cut(words[:middle], room, width), *_cut(words[middle:], room, width)]


def states(caption: TimedCaption, params: CaptionParams) -> Iterator[tuple[float, float, Lines]]:
    """What a caption shows from when to when: one state, or one a word."""
    words = caption.words
    if params.style not in {CaptionStyle.KARAOKE, CaptionStyle.HIGHLIGHT} or not words:
        yield caption.start, caption.end, _painted_lines(caption, params, range(0))
        return
    turns = [max(caption.start, min(word.start, caption.end)) for word in words]
    turns[0] = caption.start
    for number, start in enumerate(turns):
        end = turns[number + 1] if number + 1 < len(turns) else caption.end
        first = 0 if params.style is CaptionStyle.KARAOKE else number
        yield start, end, _painted_lines(caption, params, range(first, number + 1))


def _painted_lines(caption: TimedCaption, params: CaptionParams, lit: range) -> Lines:
    box = params.highlight_box_color if params.style is CaptionStyle.HIGHLIGHT else None
    lines = []
    number = 0
    for line in caption.lines:
        pieces: list[TextSpan] = []
        for place in range(len(line)):
            shines = number in lit
            colour = params.highlight_color if shines and box is None else None
            pieces += _pieces(line, place, colour, box if shines else None)
            number += 1
        lines.append(tuple(pieces))
    return tuple(lines)


def _pieces(
    line: Sequence[Word], place: int, colour: str | None, box: str | None
) -> Iterator[TextSpan]:
    """A word, and the space before it."""
    if place and spaced(line[place - 1].text, line[place].text):
        yield TextSpan(" ")
    yield TextSpan(clean(line[place].text), colour=colour, box=box)
