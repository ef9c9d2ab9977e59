"""Which sounds of a sentence belong to which of its written words. Pure.

A pronouncer gives a sentence's sounds as one string, in which figures have become several words
and short words have melted together. The words pronounced one by one are laid along it at the
least cost; each sound then belongs to the word that it fell to.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

NO_WORD: Final = -1
"""The owner of a pause: a space or a mark between two words."""

_STRESS: Final = "ˈˌ"
_GAP: Final = 0.7
_STRESS_GAP: Final = 0.2
_UNLIKE: Final = 1.0
_IMPOSSIBLE: Final = 9.0


def is_sound(symbol: str) -> bool:
    """Whether it is heard: neither a space nor punctuation."""
    return not symbol.isspace() and not unicodedata.category(symbol).startswith("P")


def owners(whole: str, alone: Sequence[str]) -> list[int]:
    """For each symbol of ``whole`` the index of the word that it belongs to, or ``NO_WORD``.

    ``alone`` holds each word's own pronunciation. Owners never go down.
    """
    expected, theirs = _joined(alone)
    matched = _matched(whole, expected)
    found = [NO_WORD if at is None else theirs[at] for at in matched]
    return _filled(whole, found)


def _joined(alone: Sequence[str]) -> tuple[str, list[int]]:
    symbols, theirs = [], []
    for index, word in enumerate(alone):
        for symbol in f"{word.strip()} ":
            symbols.append(symbol)
            theirs.append(index)
    return "".join(symbols), theirs


def _matched(whole: str, expected: str) -> list[int | None]:
    """For each symbol of ``whole`` the place in ``expected`` that it was laid on."""
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
    return _way_back(table, costs, whole)


def _way_back(
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
    """Pronunciation that fell to nobody go with the one before; pauses only if within a word."""
    before: list[int] = []
    last = next((owner for owner in found if owner != NO_WORD), NO_WORD)
    for symbol, owner in zip(whole, found, strict=True):
        if is_sound(symbol):
            last = max(last, owner)
        before.append(last)
    filled: list[int] = []
    after = NO_WORD
    for symbol, owner in zip(reversed(whole), reversed(before), strict=True):
        if is_sound(symbol):
            after = owner
        filled.append(owner if owner == after else NO_WORD)
    return filled[::-1]
