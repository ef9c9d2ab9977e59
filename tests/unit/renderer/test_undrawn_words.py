"""Captions without the emoji that no font has."""

from __future__ import annotations

import pytest

from gala_renderer.captions.segmentation import TimedCaption
from gala_renderer.captions.undrawn_words import undrawn_emoji, without_undrawn
from gala_renderer.speech.words import Word
from gala_renderer.text_layout.font_registry import FontRegistry

CHAIN = FontRegistry(system_emoji=False).chain(None, bold=False, italic=False)
UNICORN = "\U0001f984"


def caption(*lines: str) -> TimedCaption:
    numbers = iter(range(100))
    words = tuple(
        tuple(Word(text, at, at + 1) for text in line.split() if (at := next(numbers)) >= 0)
        for line in lines
    )
    return TimedCaption(0, 100, words)


def shown(*lines: str) -> list[tuple[str, ...]]:
    made = [caption(*lines)]
    undrawn = undrawn_emoji(made, CHAIN)
    assert undrawn == (UNICORN,)
    return [one.texts for one in without_undrawn(made, undrawn)]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"This is Gala {UNICORN}.", "This is Gala."),
        (f"This is Gala! {UNICORN}.", "This is Gala!"),
        (f"Gala {UNICORN} is here", "Gala is here"),
        (f"Gala{UNICORN} is here", "Gala is here"),
        (f"({UNICORN} Gala) is here", "(Gala) is here"),
        (f"{UNICORN}! Gala is here", "Gala is here"),
        (f"Gala {UNICORN}\ufe0f {UNICORN}, hi", "Gala, hi"),
    ],
)
def test_a_word_without_a_font_leaves_its_punctuation_only(text: str, left: str) -> None:
    assert shown(text) == [(left,)]


def test_lines_and_captions_without_words_are_gone() -> None:
    assert shown(f"Gala {UNICORN}", UNICORN) == [("Gala",)]
    assert shown(UNICORN) == []


def test_the_word_before_has_the_time_of_the_one_that_is_gone() -> None:
    (found,) = without_undrawn([caption(f"Gala {UNICORN} hi")], [UNICORN])
    assert [(one.text, one.start, one.end) for one in found.words] == [
        ("Gala", 0, 2),
        ("hi", 2, 3),
    ]
