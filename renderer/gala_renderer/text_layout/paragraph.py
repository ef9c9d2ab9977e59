"""One paragraph, prepared: each character's font, script, direction and width, and where it breaks.

Widths are in em, so that one preparation serves every size that is tried.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby
from typing import Any, Final, NamedTuple

import uharfbuzz as hb
from bidi import algorithm as bidi
from fontTools.unicodedata import script as script_of

from gala_renderer.text_layout.fonts import Font, installed_fonts
from gala_renderer.text_layout.line_break import (
    Break,
    break_before,
    continues_cluster,
    is_emoji,
    is_space,
)
from gala_renderer.text_layout.phrases import at_phrases

_SHARED_SCRIPTS: Final = frozenset({"Zyyy", "Zinh", "Zzzz"})
# The algorithm drops invisible joiners, which as marks stay with the character before them, and
# stumbles over characters that Unicode has not assigned yet.
_STAND_INS: Final = {"BN": "\u0300", "": "x"}


class Run(NamedTuple):
    """Neighbouring characters that are shaped together; an odd level reads right to left."""

    start: int
    end: int
    font: Font
    script: str
    level: int


class Glyph(NamedTuple):
    """A shape to draw: its number in the font, the character it comes from, and measures in em."""

    font: Font
    number: int
    cluster: int
    advance: float
    dx: float
    dy: float


@dataclass(frozen=True)
class Paragraph:
    """A text without line breaks of its own, free of control characters."""

    text: str
    chain: tuple[Font, ...] = ()
    """The fonts in the order in which they are asked for a character; by default the usual ones."""

    @cached_property
    def fonts(self) -> tuple[Font, ...]:
        """Each character's font; a mark stays with the character that it sits on."""
        return tuple(_fonts(self.text, self.chain or installed_fonts()))

    @property
    def missing(self) -> list[str]:
        """Visible characters that no font here covers."""
        return [
            character
            for character, font in zip(self.text, self.fonts, strict=True)
            if not font.covers(character) and not _invisible(character)
        ]

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """Each character's script; spaces and punctuation take that of their neighbour."""
        return tuple(_scripts(self.text))

    @cached_property
    def base_level(self) -> int:
        """0 if the paragraph as a whole reads left to right, 1 if right to left."""
        return int(bidi.get_base_level(self.text))

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """Each character's embedding level (Unicode's bidirectional algorithm)."""
        return tuple(_levels(self.text, self.base_level))

    @cached_property
    def breaks(self) -> tuple[Break, ...]:
        """Whether a line may begin at each character."""
        found = [break_before(self.text, self.scripts, at) for at in range(len(self.text))]
        return at_phrases(self.text, self.scripts, found)

    @cached_property
    def reach(self) -> tuple[float, ...]:
        """The width in em of everything before each character, and last of the whole."""
        widths = [0.0] * len(self.text)
        for run in self.runs(0, len(self.text)):
            for glyph in shape(self.text, run):
                widths[glyph.cluster] += glyph.advance
        return tuple(accumulate(widths, initial=0.0))

    def runs(self, start: int, end: int) -> list[Run]:
        """The runs of a line, from left to right as they are seen."""

        def key(at: int) -> tuple[Font, str, int]:
            return self.fonts[at], self.scripts[at], self.levels[at]

        runs = []
        for (font, script, level), span in groupby(range(start, end), key):
            indices = list(span)
            runs.append(Run(indices[0], indices[-1] + 1, font, script, level))
        return _as_seen(runs)


def shape(text: str, run: Run) -> Iterator[Glyph]:
    """The glyphs of a run, from left to right."""
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
            position.x_advance / em,
            position.x_offset / em,
            position.y_offset / em,
        )


def _fonts(text: str, chain: Sequence[Font]) -> Iterator[Font]:
    current = chain[0]
    for at, character in enumerate(text):
        if not (at and _goes_with(text, at, current)):
            able = [font for font in chain if font.covers(character)]
            pictured = [font for font in able if font.coloured] if is_emoji(text, at) else ()
            current = next(iter((*pictured, *able)), chain[0])
        yield current


def _goes_with(text: str, at: int, font: Font) -> bool:
    """Whether the character is drawn with the font of the one before it."""
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
    # Spaces at the end keep the paragraph's direction (rule L1).
    for at in range(len(text) - 1, -1, -1):
        if not is_space(text[at]):
            break
        levels[at] = base_level
    return levels


def _as_seen(runs: list[Run]) -> list[Run]:
    # Rule L2: from the highest level down to the lowest odd one, reverse what is at least as high.
    highest = max((run.level for run in runs), default=0)
    for level in range(highest, 0, -1):
        seen: list[Run] = []
        for high, group in groupby(runs, lambda run, level=level: run.level >= level):  # type: ignore[misc]
            members = list(group)
            seen.extend(reversed(members) if high else members)
        runs = seen
    return runs


def paragraphs(text: str) -> list[Paragraph]:
    """A user's text, cut at its line breaks and cleaned; several empty lines become one."""
    clean = unicodedata.normalize("NFC", "\n".join(text.splitlines()))
    lines = (_visible(line).strip() for line in clean.split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return [Paragraph(line) for line in kept]


def clean_line(text: str) -> str:
    """A part of a line, without line breaks and what only serves to deceive."""
    return _visible(unicodedata.normalize("NFC", " ".join(text.splitlines())))


def unknown_emoji(text: str, chain: Sequence[Font]) -> list[str]:
    """Emoji that none of the fonts can draw: left out they are missed less than as empty boxes."""
    return [c for c in text if _is_emoji(c) and not any(font.covers(c) for font in chain)]


def without_emoji(text: str, undrawn: Collection[str]) -> str:
    """The text without these emoji, and without what only joined or coloured them."""
    kept: list[str] = []
    after_gap = False
    for character in text:
        # Of the spaces on both sides of it, one stays.
        idle = character in _EMOJI_JOINERS or (character == " " and kept[-1:] == [" "])
        after_gap = character in undrawn or (after_gap and idle)
        if not after_gap:
            kept.append(character)
    return "".join(kept)


def _is_emoji(character: str) -> bool:
    return character in _SKIN_TONES or unicodedata.category(character) == "So"


_EMOJI_JOINERS: Final = frozenset("\u200d\ufe0f\u20e3")
_SKIN_TONES: Final = frozenset(map(chr, range(0x1F3FB, 0x1F400)))


def _visible(line: str) -> str:
    return "".join(filter(_shown, line.replace("\t", " ")))


_FORMATTING: Final = frozenset("\u200c\u200d\u2060")


def _shown(character: str) -> bool:
    # Joiners shape letters and emoji; other invisible controls (overrides of direction among
    # them) only serve to deceive.
    return character in _FORMATTING or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
