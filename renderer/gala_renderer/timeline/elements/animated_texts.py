"""Texts that appear or disappear part by part: divided here, and painted beside FFmpeg."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, cast

from PIL import Image

from gala.timeline.compilation.layers import Box, Layer
from gala.timeline.document.easing import Easing
from gala.timeline.document.elements import TextElement
from gala.timeline.document.text_animations import TextAnimation, TextAnimationName, TextUnit
from gala_renderer.program_jobs import job_text
from gala_renderer.text_layout.rich_text import Division, FittedText
from gala_renderer.timeline.drawing.figures import Growth
from gala_renderer.timeline.drawing.job import Material
from gala_renderer.timeline.drawing.text_parts import AnimatedText, TextPart
from gala_renderer.timeline.elements.moved import Rest
from gala_renderer.timeline.studio import Studio

_DIVISIONS: Final = {TextUnit.LETTER: Division.LETTER, TextUnit.WORD: Division.WORD}
_IN_PLACE: Final = frozenset({TextAnimationName.FADE, TextAnimationName.TYPEWRITER})
_REACH: Final = 1.3
"""How far parts move beyond the text at rest, in em."""
_LARGER: Final = 0.06
"""How far a part that pops reaches beyond itself, in its own size."""
_MOST_LETTERS: Final = 600
"""Of a text that moves by letters; each is a picture, and longer texts move by words."""
_SHARE: Final = 0.5
"""Of the whole animation, the time that a part takes if there are several."""


class _Place(NamedTuple):
    """A part of a text: the numbers of its line and span, and of the units that it is in."""

    line: int
    span: int
    units: dict[TextUnit, int]


def is_animated(element: TextElement) -> bool:
    """Return True if a text appears or disappears part by part."""
    return element.animation_in is not None or element.animation_out is not None


def division_of(element: TextElement) -> Division:
    """Return into which parts an animated text is divided."""
    units = {one.unit for one in (element.animation_in, element.animation_out) if one is not None}
    # The box of a letter would lie over the letter before it.
    is_boxed = not isinstance(element.text, str) and any(run.box_color for run in element.text)
    if (is_boxed or len(element.plain_text) > _MOST_LETTERS) and TextUnit.LETTER in units:
        units = units - {TextUnit.LETTER} | {TextUnit.WORD}
    found = (_DIVISIONS[unit] for unit in (TextUnit.LETTER, TextUnit.WORD) if unit in units)
    return next(found, Division.RUN)


def animated(
    layer: Layer,
    text: FittedText,
    corner: tuple[float, float],
    studio: Studio,
    scale: float,
) -> Rest:
    """Return a text that is divided, ``scale`` times as large as in the film, ready to be painted.

    ``corner`` is that of its lines.
    """
    element = cast(TextElement, layer.element)
    maker = _Maker(element, text, _Times.of(element, layer.end_frame - layer.first_frame, studio))
    size, pad = maker.size, maker.pad
    path, pixels = studio.path(layer, "-text.json"), studio.path(layer, ".rgba")
    path.write_text(job_text(maker.written(pixels)))
    if scale == 1:
        # As sharp as a text that stands still: its pixels are whole ones.
        corner = round(corner[0]), round(corner[1])
    margin = text.block.margin + pad
    left, top = (at - margin for at in corner)
    box = Box(left / scale, top / scale, size[0] / scale, size[1] / scale)
    return Rest(Material(kind="text", path=path, width=size[0], height=size[1], alpha=True), box)


@dataclass(frozen=True)
class _Times:
    """The frames in which a text appears and disappears, of those of its layer."""

    arriving: float
    leaving: float
    frames: int

    @classmethod
    def of(cls, element: TextElement, frames: int, studio: Studio) -> _Times:
        wanted = [
            0.0 if one is None else one.duration * float(studio.rate)
            for one in (element.animation_in, element.animation_out)
        ]
        part = min(1.0, frames / sum(wanted))
        return cls(wanted[0] * part, wanted[1] * part, frames)


@dataclass(frozen=True)
class _Maker:
    element: TextElement
    text: FittedText
    times: _Times

    @property
    def pad(self) -> int:
        """How much larger the picture is than the text at rest, on each side."""
        found = [one for one in (self.element.animation_in, self.element.animation_out) if one]
        if all(one.type in _IN_PLACE for one in found):
            return 0
        block = self.text.block
        return math.ceil(_REACH * block.size + _LARGER * max(block.width, block.height))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        block, around = self.text.block, 2 * (self.text.block.margin + self.pad)
        return block.width + around, block.height + around

    def written(self, path: Path) -> AnimatedText:
        """Write the pixels, and return the text."""
        places = list(_places(self.text))
        parts: list[TextPart] = []
        with path.open("wb") as file:
            for picture, corner, place in self._pictures(places):
                arrives, leaves = self._growths(place, places)
                parts.append(
                    TextPart(
                        left=corner[0] + self.pad,
                        top=corner[1] + self.pad,
                        width=picture.width,
                        height=picture.height,
                        start=file.tell(),
                        arrives=arrives,
                        leaves=leaves,
                        is_box=place is None,
                    )
                )
                file.write(picture.tobytes())
            whole = file.tell()
            file.write(self._whole().tobytes())
        arriving, leaving = self.element.animation_in, self.element.animation_out
        return AnimatedText(
            pixels=path,
            parts=tuple(parts),
            whole=whole,
            em=self.text.block.size,
            arriving=None if arriving is None else arriving.type.value,
            leaving=None if leaving is None else leaving.type.value,
        )

    def _whole(self) -> Image.Image:
        picture = Image.new("RGBA", self.size)
        picture.paste(self.text.block.picture(self.text.lines), (self.pad, self.pad))
        return picture

    def _pictures(
        self, places: Sequence[_Place]
    ) -> Iterator[tuple[Image.Image, tuple[int, int], _Place | None]]:
        """Yield the picture of each part, its corner in that of the block, and its place."""
        block, lines = self.text.block, self.text.lines
        if block.style.box_colour is not None and places:
            yield block.background(), (0, 0), None
        for place in places:
            part, corner = block.part((place.line, place.span))
            yield part.picture(lines), corner, place

    def _growths(
        self, place: _Place | None, places: Sequence[_Place]
    ) -> tuple[Growth | None, Growth | None]:
        """Return the frames in which a part arrives and leaves.

        The box, whose place is None, arrives with the first part and leaves with the last one.
        """
        arriving, leaving, times = self.element.animation_in, self.element.animation_out, self.times
        arrives = leaves = None
        if arriving is not None:
            first = place or places[0]
            arrives = _growth(arriving, first, places, times.arriving)
        if leaving is not None:
            last = place or places[-1]
            found = _growth(leaving, last, places, times.leaving)
            easing = Easing.LINEAR if found.easing is Easing.LINEAR else Easing.EASE_IN
            begin = times.frames - times.leaving + found.first
            leaves = Growth(first=begin, frames=found.frames, easing=easing)
        return arrives, leaves


def _places(text: FittedText) -> Iterator[_Place]:
    """Yield all parts that are seen, with the numbers of their units in the order of reading."""
    word, letter = -1, 0
    for line, spans in enumerate(text.lines):
        is_new = True
        for number, span in enumerate(spans):
            if not span.text.strip() or not text.block.has((line, number)):
                is_new = True
                continue
            word += is_new
            units = {TextUnit.TEXT: 0, TextUnit.LINE: line, TextUnit.WORD: word}
            yield _Place(line, number, {**units, TextUnit.LETTER: letter})
            letter += 1
            is_new = text.division is not Division.LETTER or span.text[-1:].isspace()


def _growth(
    animation: TextAnimation, place: _Place, places: Sequence[_Place], length: float
) -> Growth:
    """Return the frames of an animation of ``length`` frames in which a part moves."""
    unit = animation.unit
    count, at = places[-1].units[unit] + 1, place.units[unit]
    if animation.type is TextAnimationName.TYPEWRITER:
        return Growth(first=length * at / count)
    easing = Easing.LINEAR if animation.type is TextAnimationName.POP else Easing.EASE_OUT
    if count == 1:
        return Growth(first=0, frames=length, easing=easing)
    own = length * _SHARE
    return Growth(first=(length - own) * at / (count - 1), frames=own, easing=easing)
