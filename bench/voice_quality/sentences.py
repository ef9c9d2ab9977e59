"""The sentences: everyday narration, and texts with numbers, dates, prices, URLs and pauses.

``<language>.txt`` has one sentence a line; ``<language>.forms.txt`` a text and, after ``|``, what a
person says for it. Several readings may be right.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("es", "en", "fr", "it", "pt", "de")
_FOLDER: Final = Path(__file__).with_name("sentences")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text and the words that a listener should understand, in any of these readings."""

    text: str
    readings: tuple[str, ...]


def narration(language: str, most: int | None = None) -> list[Sentence]:
    """Return the first ``most`` sentences of narration."""
    return [Sentence(line, (line,)) for line in _lines(f"{language}.txt")[:most]]


def written_forms(language: str, most: int | None = None) -> list[Sentence]:
    """Return the first ``most`` texts with numbers and the like."""
    return [_with_readings(line) for line in _lines(f"{language}.forms.txt")[:most]]


def _with_readings(line: str) -> Sentence:
    text, *readings = (part.strip() for part in line.split("|"))
    return Sentence(text, tuple(readings))


def _lines(name: str) -> list[str]:
    return (_FOLDER / name).read_text(encoding="utf-8").splitlines()
