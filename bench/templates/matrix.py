"""What is wrong with a film of a template, found without rendering it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any, Final, cast

from bench.templates.samples import PICTURE, Language, Length, params
from gala.media import SIZES, AspectRatio, Format
from gala.targets import TARGETS, TargetName
from gala.templates.builtin import BuiltinTemplate, builtin_templates
from gala.templates.filling import Setting, fill
from gala.templates.folder import texts_in
from gala.templates.target_fit import target_warnings
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import Box, CompiledTimeline, Layer
from gala.timeline.compilation.spoken_lines import SpokenLine
from gala.timeline.document.elements import TextElement
from gala.timeline.measurements import Media, Size
from gala.timeline.reader import read_timeline
from gala_renderer.text_layout.font_registry import FontRegistry
from gala_renderer.text_layout.paragraph import unknown_emoji
from gala_renderer.timeline.measured import laid_out, style_of

FORMATS: Final = (AspectRatio.PORTRAIT, AspectRatio.SQUARE, AspectRatio.LANDSCAPE)
PLACES: Final = (TargetName.SHORT, TargetName.REEL, TargetName.LINKEDIN, TargetName.YOUTUBE)
"""Targets whose safe areas differ; films for them are in one language."""
SMALLEST_EM: Final = 0.022
"""Of the shorter side: the smallest text of a film whose texts are as long as expected."""
_DRAWN: Final = frozenset({"chart", "countdown", "waveform"})
"""Elements whose boxes no text may reach into."""
_TOLERANCE: Final = 1.5
_DECORATION: Final = 0.3
"""The opacity up to which a text is a part of the background."""
_ACROSS: Final = {"left": 0.0, "center": 0.5, "right": 1.0}


@dataclass(frozen=True, slots=True)
class Case:
    """A template with texts of one length, in one language and format, perhaps for a target."""

    template: BuiltinTemplate
    ratio: AspectRatio
    language: Language
    length: Length
    target: TargetName | None = None

    def __str__(self) -> str:
        return f"{self.template.name} {self.target or self.ratio} {self.language} {self.length}"

    @property
    def document(self) -> dict[str, Any]:
        """The composition that the template becomes."""
        values = params(self.template, self.language, self.length)
        setting = Setting(
            format=self.format, target=None if self.target is None else TARGETS[self.target]
        )
        return fill(self.template.composition, values, setting).document

    @property
    def format(self) -> Format:
        """Size and frame rate."""
        width, height = SIZES[self.ratio]
        return Format(width=width, height=height, fps=30)


def all_cases(names: Sequence[str] = ()) -> Iterator[Case]:
    """Yield every template in every format, language and length, and for targets."""
    found = builtin_templates()
    chosen = [found[name] for name in names or found]
    for template in chosen:
        for ratio, language, length in product(FORMATS, Language, Length):
            yield Case(template, ratio, language, length)
        for target, length in product(PLACES, Length):
            yield Case(template, TARGETS[target].ratio, Language.SPANISH, length, target)


@dataclass(frozen=True, slots=True)
class Measured:
    """Measurements with the renderer's fonts; pictures are 4:3, sounds last six seconds."""

    fonts: FontRegistry

    def media(self, source: str) -> Media | None:
        """Return length and size of a sample file."""
        if source == PICTURE:
            return Media(None, Size(1600, 1200))
        return Media(Fraction(6), None)

    def speech(self, line: SpokenLine) -> Fraction | None:
        """Return None: the length of speech is estimated."""
        del line
        return None

    def text(
        self, element: TextElement, width: float, height: float | None, short_side: int
    ) -> Size | None:
        """Return the size of the text with its box."""
        block = laid_out(element, (width, height), short_side, self.fonts).block
        padding = 2 * style_of(element, short_side).box_padding
        return Size(block.width + padding, block.height + padding)


@cache
def fonts(folder: Path | None = None) -> FontRegistry:
    """Return the fonts that come with GALA and those of a folder."""
    return FontRegistry(folder)


def compiled(case: Case, registry: FontRegistry) -> CompiledTimeline:
    """Return the film with all times and places."""
    return compile_timeline(read_timeline(case.document), case.format, Measured(registry))


def problems(case: Case, registry: FontRegistry) -> Iterator[str]:
    """Yield what is wrong with a film: overflow, missing glyphs, unresolved variables, overlaps."""
    unresolved = [one for one in texts_in(case.document) if "{{" in one]
    yield from (f"unresolved: {one}" for one in unresolved)
    film = compiled(case, registry)
    yield from (f"{one.pointer}: {one.message}" for one in film.warnings
                if one.code == "outside_safe_area")  # fmt: skip
    if case.target is not None:
        found = target_warnings(film, TARGETS[case.target])
        yield from (f"{one.pointer}: {one.message}" for one in found
                    if one.code == "target_safe_area")  # fmt: skip
    inks: list[tuple[Layer, Box]] = []
    for layer in film.layers:
        if isinstance(layer.element, TextElement):
            ink, found = _text_problems(layer, film, registry, case)
            inks.append((layer, ink))
            yield from (f"{layer.pointer} {layer.name or ''}: {one}" for one in found)
        elif layer.element.type in _DRAWN and layer.placement is not None:
            inks.append((layer, layer.placement.box))
    for (first, one), (second, other) in combinations(inks, 2):
        # A number may be in a ring.
        both_drawn = {first.element.type, second.element.type} <= _DRAWN
        if not both_drawn and _meet(first, second) and _overlap(one, other):
            yield f"{first.pointer} and {second.pointer} overlap"


def _text_problems(
    layer: Layer, film: CompiledTimeline, registry: FontRegistry, case: Case
) -> tuple[Box, list[str]]:
    element, frame = cast(TextElement, layer.element), film.frame
    short_side = min(frame.width, frame.height)
    if layer.placement is None:
        raise ValueError(f"{layer.pointer} has no place")
    box = layer.placement.box
    fitted = laid_out(element, (box.width, box.height), short_side, registry)
    block, padding = fitted.block, style_of(element, short_side).box_padding
    left = box.left + padding + (box.width - 2 * padding - block.width) * _ACROSS[element.align]
    down = (box.height - 2 * padding - block.height) * element.vertical_align.part
    ink = Box(left, box.top + padding + down, block.width, block.height)
    found = []
    if fitted.is_cut:
        found.append("the end of the text is missing")
    if block.width > box.width + _TOLERANCE or block.height > box.height + _TOLERANCE:
        found.append(f"{block.width:.0f}x{block.height:.0f} in {box.width:.0f}x{box.height:.0f}")
    if _outside(ink, frame):
        found.append("it reaches out of the frame")
    missing = set(block.missing) - set(unknown_emoji("".join(block.missing), ()))
    if missing or (block.missing and _has_emoji(registry)):
        found.append(f"no font has {' '.join(block.missing)}")
    em = block.style.size / short_side
    if case.length is Length.USUAL and em < SMALLEST_EM:
        found.append(f"the text is small: {100 * em:.1f}% of the shorter side")
    return ink, found


def _has_emoji(registry: FontRegistry) -> bool:
    return any(font.coloured for font in registry.chain(None, bold=False, italic=False))


def _outside(ink: Box, frame: Format) -> bool:
    over = (-ink.left, -ink.top, ink.right - frame.width, ink.bottom - frame.height)
    return max(over) > _TOLERANCE


def _meet(first: Layer, second: Layer) -> bool:
    """Return True if both are seen at the same time in the same scene."""
    if first.scene != second.scene:
        return False
    if min(_opacity(first), _opacity(second)) <= _DECORATION:
        return False
    return max(first.first_frame, second.first_frame) < min(first.end_frame, second.end_frame)


def _opacity(layer: Layer) -> float:
    return cast(TextElement, layer.element).opacity


def _overlap(one: Box, other: Box) -> bool:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return min(width, height) > _TOLERANCE and not math.isclose(min(width, height), 0)
