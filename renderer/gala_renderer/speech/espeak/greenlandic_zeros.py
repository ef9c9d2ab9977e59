"""Phonemes for the digit 0 in Greenlandic, where espeak-ng crashes on most of them. Pure."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gala_renderer.speech.protocol import IpaStretch

LANGUAGE: Final = "kl"
_ZERO: Final = "ˈnuːli"
"""The word ``nuuli``. The voice's own, ``nɒl``, has a phoneme that crashes within one syllable."""
_COMMA: Final = " ˈkomma"
_NUMBER_OR_ZERO: Final = re.compile(
    # Whole numbers, with groups of thousands; their zeros are no words.
    r"(?<![\d.,])[1-9]\d{0,2}(?:\.\d{3})+(?![\d.,]\d)"
    r"|(?<!\d)(?<!\d[.,])[1-9]\d*"
    r"|0(?P<comma>(?<!\d0),(?=\d))?"
)


def with_zeros_spoken(text: str, ipa: Sequence[IpaStretch]) -> tuple[IpaStretch, ...]:
    """Return the stretches and one more for each 0 that is read as a word of its own."""
    added = [
        IpaStretch(*found.span(), f"{_ZERO}{_COMMA if found['comma'] else ''}")
        for found in _NUMBER_OR_ZERO.finditer(text)
        if found.group()[0] == "0" and not _within(found.start(), ipa)
    ]
    return tuple(sorted((*ipa, *added), key=lambda one: one.start))


def _within(at: int, ipa: Sequence[IpaStretch]) -> bool:
    return any(one.start <= at < one.end for one in ipa)
