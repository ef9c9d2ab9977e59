"""Assign the phonemes of a sentence to its written words. Pure.

A pronouncer returns a sentence as one string, in which numbers have become several words and short
words are merged. The separately pronounced words are aligned with it at minimum edit cost; each
phoneme then belongs to the word that it is aligned with.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

NO_WORD: Final = -1
"""The owner of a pause: a space or punctuation between two words."""

_STRESS: Final = "ˈˌ"
_GAP: Final = 0.7
_STRESS_GAP: Final = 0.2
_UNLIKE: Final = 1.0
_IMPOSSIBLE: Final = 9.0


def is_sound(symbol: str) -> bool:
    """Return True for a phoneme, neither a space nor punctuation."""
    return not symbol.isspace() and not unicodedata.category(symbol).startswith("P")


def owners(whole: str, alone: Sequence[str]) -> list[int]:
    """Return for each symbol of ``whole`` the index of its word, or ``NO_WORD``.

    ``alone`` holds the pronunciation of each word by itself. Indices never decrease.
    """
    expected, word_indices = _joined(alone)
    matched = _matched(whole, expected)
    found = [NO_WORD if at is None else word_indices[at] for at in matched]
    return _filled(whole, found)


def _joined(alone: Sequence[str]) -> tuple[str, list[int]]:
    symbols, word_indices = [], []
    for index, word in enumerate(alone):
        for symbol in f"{word.strip()} ":
            symbols.append(symbol)
            word_indices.append(index)
    return "".join(symbols), word_indices


def _matched(whole: str, expected: str) -> list[int | None]:
    """Return for each symbol of ``whole`` the index in ``expected`` that it is aligned with."""
    if not whole or not expected:
        return [None] * len(whole)
    costs = _costs(whole, expected)
    skipping = np.array([_gap(symbol) for symbol in expected])
    reached = np.concatenate([[0.0], np.cumsum(skipping)])
    table = np.empty((len(whole) + 1, len(expected) + 1))
    table[0] = reached
    for row, symbol in enumerate(whole, start=1):
        best = table[row - 1] + _gap(symbol)
        best[1:] = np.minimum(best[1:], table[row - 1, :-1] + costs[row - 1])
        table[row] = np.minimum.accumulate(best - reached) + reached
    return _trace_back(table, costs, whole)


def _trace_back(
    table: NDArray[np.float64], costs: NDArray[np.float64], whole: str
) -> list[int | None]:
    matched: list[int | None] = [None] * len(whole)
    row, column = len(whole), table.shape[1] - 1
    while row and column:
        here = table[row, column]
        if np.isclose(here, table[row - 1, column - 1] + costs[row - 1, column - 1]):
            row, column = row - 1, column - 1
            matched[row] = column
        elif np.isclose(here, table[row - 1, column] + _gap(whole[row - 1])):
            row -= 1
        else:
            column -= 1
    return matched


def _costs(whole: str, expected: str) -> NDArray[np.float64]:
    one, other = np.array(list(whole)), np.array(list(expected))
    costs = np.where(one[:, None] == other[None, :], 0.0, _UNLIKE)
    kinds_one = np.array([_kind(symbol) for symbol in whole])
    kinds_other = np.array([_kind(symbol) for symbol in expected])
    costs[kinds_one[:, None] != kinds_other[None, :]] = _IMPOSSIBLE
    return costs


def _kind(symbol: str) -> int:
    if symbol in _STRESS:
        return 1
    if symbol.isspace():
        return 2
    return 3 if is_sound(symbol) else 4


def _gap(symbol: str) -> float:
    return _STRESS_GAP if symbol in _STRESS else _GAP


def _filled(whole: str, found: Sequence[int]) -> list[int]:
    """Assign unaligned phonemes to the word before; pauses only if they are within a word.

    A stress mark belongs to the word of the sound that it precedes.
    """
    before: list[int] = []
    last = next((owner for owner in found if owner != NO_WORD), NO_WORD)
    for symbol, owner in zip(whole, found, strict=True):
        if is_sound(symbol):
            last = max(last, owner)
        before.append(last)
    filled: list[int] = []
    after = NO_WORD
    for symbol, owner in zip(reversed(whole), reversed(before), strict=True):
        if is_sound(symbol) and not (symbol in _STRESS and after != NO_WORD):
            after = owner
        filled.append(after if symbol in _STRESS or owner == after else NO_WORD)
    return filled[::-1]
