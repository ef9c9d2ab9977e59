"""Paragraphs with each character's font, script, direction, width and line-break quality.

Widths are in em, so that one analysis serves every size that is tried.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby
from typing import Any, Final, NamedTuple

import uharfbuzz as hb
from bidi import algorithm as bidi
from fontTools.unicodedata import script as script_of

from gala_renderer.text_layout.fonts import LARGEST_GLYPH, Font, installed_fonts
from gala_renderer.text_layout.line_break import (
    Break,
    break_before,
    continues_cluster,
    is_emoji,
    is_space,
)
from gala_renderer.text_layout.phrases import at_phrases

_SHARED_SCRIPTS: Final = frozenset({"Zyyy", "Zinh", "Zzzz"})
# python-bidi drops invisible joiners, which as marks stay with the character before them, and
# fails on characters that Unicode has not assigned yet.
_SIGN: Final = re.compile(r"(?<![^\s\u200e\u200f])[-+\u2212](?=[$\u00a3\u00a5\u20ac]?(\d))")
_STAND_INS: Final = {"BN": "\u0300", "": "x"}


class Run(NamedTuple):
    """Adjacent characters that are shaped together; an odd level reads right to left."""

    start: int
    end: int
    font: Font
    script: str
    level: int


class Glyph(NamedTuple):
    """A glyph: its index in the font, the index of its character, and its metrics in em."""

    font: Font
    number: int
    cluster: int
    advance: float
    dx: float
    dy: float


@dataclass(frozen=True)
class Paragraph:
    """A text without line breaks and control characters."""

    text: str
    chain: tuple[Font, ...] = ()
    """The fallback chain of fonts; by default the installed ones."""
    chains: tuple[tuple[Font, ...], ...] = ()
    """Instead, each character's chain."""
    sizes: tuple[float, ...] = ()
    """Each character's size in em, if they differ."""

    @cached_property
    def fonts(self) -> tuple[Font, ...]:
        """Each character's font; a combining mark has the font of its base character."""
        chains = self.chains or (self.chain or tuple(installed_fonts()),) * len(self.text)
        return tuple(_fonts(self.text, chains))

    @property
    def missing(self) -> list[str]:
        """Visible characters that no font of the chain covers."""
        return [
            character
            for character, font in zip(self.text, self.fonts, strict=True)
            if not font.covers(character) and not _invisible(character)
        ]

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """Each character's script; spaces and punctuation take that of the character before."""
        return tuple(_scripts(self.text))

    @cached_property
    def base_level(self) -> int:
        """0 if the base direction is left to right, 1 if it is right to left."""
        return int(bidi.get_base_level(self.text))

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """Each character's embedding level (Unicode's bidirectional algorithm)."""
        return tuple(_levels(self.text, self.base_level))

    @cached_property
    def breaks(self) -> tuple[Break, ...]:
        """The quality of a line break before each character."""
        found = [break_before(self.text, self.scripts, at) for at in range(len(self.text))]
        return at_phrases(self.text, self.scripts, found)

    @cached_property
    def reach(self) -> tuple[float, ...]:
        """The width in em of the text before each character; the last item is the total width."""
        widths = [0.0] * len(self.text)
        for run in self.runs(0, len(self.text)):
            for glyph in shape(self.text, run):
                widths[glyph.cluster] += glyph.advance * self.size(glyph.cluster)
        return tuple(accumulate(widths, initial=0.0))

    def size(self, at: int) -> float:
        """Return the size in em of the character at an index."""
        return self.sizes[at] if self.sizes else 1.0

    def runs(self, start: int, end: int) -> list[Run]:
        """Return the runs of a line in visual order, from left to right."""

        def key(at: int) -> tuple[Font, str, int, float]:
            return self.fonts[at], self.scripts[at], self.levels[at], self.size(at)

        runs = []
        for (font, script, level, _), span in groupby(range(start, end), key):
            indices = list(span)
            runs.append(Run(indices[0], indices[-1] + 1, font, script, level))
        return _visual_order(runs)


def shape(text: str, run: Run) -> Iterator[Glyph]:
    """Yield the glyphs of a run, from left to right."""
    buffer = hb.Buffer()
    buffer.add_str(text, run.start, run.end - run.start)
    buffer.direction = "rtl" if run.level % 2 else "ltr"
    buffer.script = run.script
    hb.shape(run.font.shaper, buffer)
    em = run.font.units
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        yield Glyph(
            run.font,
            info.codepoint,
            info.cluster,
            _limited(position.x_advance / em),
            _limited(position.x_offset / em),
            _limited(position.y_offset / em),
        )


def _limited(distance: float) -> float:
    # The fonts of users may place a glyph anywhere, and pictures of lines have room for all.
    return max(-LARGEST_GLYPH, min(distance, LARGEST_GLYPH))


def _fonts(text: str, chains: Sequence[Sequence[Font]]) -> Iterator[Font]:
    current, before = None, None
    for at, (character, chain) in enumerate(zip(text, chains, strict=True)):
        if current is None or chain is not before or not _shares_font(text, at, current):
            before = chain
            covering = [font for font in chain if font.covers(character)]
            colour_fonts = (
                [font for font in covering if font.coloured] if is_emoji(text, at) else ()
            )
            current = next(iter((*colour_fonts, *covering)), chain[0])
        yield current


def _shares_font(text: str, at: int, font: Font) -> bool:
    """Return True if the character takes the font of the one before it."""
    if continues_cluster(text, at):
        return True
    neutral = _neutral(text[at]) and not is_emoji(text, at)
    return neutral and not font.coloured and font.covers(text[at])


def _invisible(character: str) -> bool:
    return character in _FORMATTING or unicodedata.category(character) in {"Mn", "Cf"}


def _neutral(character: str) -> bool:
    return script_of(character) in _SHARED_SCRIPTS and not character.isdigit()


def _scripts(text: str) -> Iterator[str]:
    own = [script_of(character) for character in text]
    current = next((script for script in own if script not in _SHARED_SCRIPTS), "Zyyy")
    for script in own:
        if script not in _SHARED_SCRIPTS:
            current = script
        yield current


def _levels(text: str, base_level: int) -> Sequence[int]:
    # A sign is on the left of its number in all scripts; CLDR has a mark before it for that.
    text = _SIGN.sub(r"\1", text)
    text = "".join(_STAND_INS.get(unicodedata.bidirectional(c), c) for c in text)
    storage: dict[str, Any] = bidi.get_empty_storage()
    storage["base_level"] = base_level
    storage["base_dir"] = "R" if base_level else "L"
    bidi.get_embedding_levels(text, storage)
    bidi.explicit_embed_and_overrides(storage)
    bidi.resolve_weak_types(storage)
    bidi.resolve_neutral_types(storage, False)
    bidi.resolve_implicit_levels(storage, False)
    levels = [character["level"] for character in storage["chars"]]
    # Trailing spaces keep the paragraph's direction (rule L1).
    for at in range(len(text) - 1, -1, -1):
        if not is_space(text[at]):
            break
        levels[at] = base_level
    return levels


def _visual_order(runs: list[Run]) -> list[Run]:
    # Rule L2: from the highest level down to 1, reverse each sequence at that level or above.
    highest = max((run.level for run in runs), default=0)
    for level in range(highest, 0, -1):
        seen: list[Run] = []
        for high, group in groupby(runs, lambda run, level=level: run.level >= level):  # type: ignore[misc]
            members = list(group)
            seen.extend(reversed(members) if high else members)
        runs = seen
    return runs


def paragraphs(text: str) -> list[Paragraph]:
    """Split a user's text at its line breaks and clean it; several empty lines become one."""
    clean = unicodedata.normalize("NFC", "\n".join(text.splitlines()))
    lines = (_without_controls(line).strip() for line in clean.split("\n"))
    kept_parts: list[str] = []
    for line in lines:
        if line or (kept_parts and kept_parts[-1]):
            kept_parts.append(line)
    while kept_parts and not kept_parts[-1]:
        kept_parts.pop()
    return [Paragraph(line) for line in kept_parts]


def clean_line(text: str) -> str:
    """Return a part of a line without line breaks and control characters."""
    return _without_controls(unicodedata.normalize("NFC", " ".join(text.splitlines())))


def unknown_emoji(text: str, chain: Sequence[Font]) -> list[str]:
    """Return the emoji that no font can draw; callers omit them rather than show empty boxes."""
    return [c for c in text if _is_emoji(c) and not any(font.covers(c) for font in chain)]


def without_emoji(text: str, undrawn: Collection[str]) -> str:
    """Return the text without these emoji, their joiners and their modifiers."""
    kept_parts: list[str] = []
    after_gap = False
    for character in text:
        # Keep one of the spaces around a removed emoji.
        redundant = character in _EMOJI_JOINERS or (character == " " and kept_parts[-1:] == [" "])
        after_gap = character in undrawn or (after_gap and redundant)
        if not after_gap:
            kept_parts.append(character)
    return "".join(kept_parts)


def _is_emoji(character: str) -> bool:
    return character in _SKIN_TONES or unicodedata.category(character) == "So"


_EMOJI_JOINERS: Final = frozenset("\u200d\ufe0f\u20e3")
_SKIN_TONES: Final = frozenset(map(chr, range(0x1F3FB, 0x1F400)))


def _without_controls(line: str) -> str:
    return "".join(filter(_is_allowed, line.replace("\t", " ")))


_FORMATTING: Final = frozenset("\u200c\u200d\u2060")


def _is_allowed(character: str) -> bool:
    # Joiners shape letters and emoji. Other invisible controls, such as direction overrides,
    # can only make a text look different from what it says.
    return character in _FORMATTING or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
