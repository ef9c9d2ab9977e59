"""Count the words that a listener understood differently, after normalising both sides alike.

The listener is Whisper base. What is compared must not depend on spelling that cannot be heard:

- Case and punctuation are removed; apostrophes and hyphens separate words.
- The listener may write "20 %" or "twenty percent". What it wrote is spelled out by the rules of
  GALA's spoken form. That cannot hide an error of these rules, because the readings that it is
  compared with are written by hand and do not depend on them.
- The listener writes times as "17-30"; a hyphen between digits is a space.
- German and Italian join numbers and other words, which a listener cannot hear, and French and
  Portuguese speakers say some numbers in several parts; so a difference only in the spaces between
  words is no error.

Accents are kept: a listener that hears another vowel makes an error.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.voice_quality.sentences import Sentence
from gala_renderer.speech.spoken_form.form import spoken_form

_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)-(?=\d)")
_NO_LETTER: Final = re.compile(r"[^\w]+|_")


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Wrong, missing and added words, of ``words`` that were said."""

    errors: int
    words: int

    def __add__(self, other: WordErrors) -> WordErrors:
        return WordErrors(self.errors + other.errors, self.words + other.words)

    @property
    def rate(self) -> float:
        """The word error rate."""
        return self.errors / self.words if self.words else 0.0


def word_errors(sentence: Sentence, understood: str, language: str) -> WordErrors:
    """Compare what was understood with the closest reading of a sentence."""
    heard = normalized(understood, language)
    found = [_compared(normalized(one, language), heard) for one in sentence.readings]
    return min(found, key=lambda one: one.rate)


def normalized(text: str, language: str) -> list[str]:
    """Return the words of a text without differences that cannot be heard."""
    spelled = spoken_form(_BETWEEN_DIGITS.sub(" ", text), language).spoken
    return _NO_LETTER.sub(" ", unicodedata.normalize("NFC", spelled).lower()).split()


def _compared(said: Sequence[str], heard: Sequence[str]) -> WordErrors:
    if "".join(said) == "".join(heard):
        return WordErrors(0, len(said))
    return WordErrors(_distance(said, heard), len(said))


def _distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return the least number of changes of a word that turn one list into the other.

    Two neighbours that are one word on the other side count as equal.
    """
    costs = [[0] * (len(heard) + 1) for _ in range(len(said) + 1)]
    for row in range(len(said) + 1):
        for column in range(len(heard) + 1):
            costs[row][column] = _least(costs, said, heard, row, column)
    return costs[-1][-1]


def _least(
    costs: list[list[int]], said: Sequence[str], heard: Sequence[str], row: int, column: int
) -> int:
    if not row or not column:
        return row + column
    options = [
        costs[row - 1][column] + 1,
        costs[row][column - 1] + 1,
        costs[row - 1][column - 1] + (said[row - 1] != heard[column - 1]),
    ]
    if row > 1 and said[row - 2] + said[row - 1] == heard[column - 1]:
        options.append(costs[row - 2][column - 1])
    if column > 1 and heard[column - 2] + heard[column - 1] == said[row - 1]:
        options.append(costs[row - 1][column - 2])
    return min(options)
