"""Marks of languages in spoken text: split, checked, shown without, and spoken in pieces."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gala.render_types.params.speech_marks import (
    MarkedText,
    check_language_marks,
    split_marks,
    without_language_marks,
)
from gala.render_types.tts import TtsParams
from gala_renderer.speech.turns import TextPiece, Turn, pieces


def test_a_text_is_split_at_its_marks() -> None:
    text = "Me gusta [lang en]machine [pause 1s] learning[/LANG], [x] [language] [lang-x]"
    assert split_marks(text) == (
        MarkedText("Me gusta "),
        MarkedText("machine ", "en"),
        1.0,
        MarkedText(" learning", "en"),
        MarkedText(", [x] [language] [lang-x]"),
    )
    assert without_language_marks("a [lang en]b[/lang] c") == "a b c"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a [lang en]b", r"\[lang en\] \(character 3\) is not closed"),
        ("a b[/lang]", r"\[/lang\] \(character 4\) closes no mark"),
        (
            "[lang en]a [lang fr]b[/lang][/lang]",
            r"\[lang fr\] \(character 12\) is within \[lang en\]",
        ),
        ("[lang]b[/lang]", r"\[lang\] \(character 1\) names no language"),
        ("[lang xx]b[/lang]", r"\[lang xx\] \(character 1\) names no language"),
        ("[lang english]b[/lang]", r"Did you mean \[lang en\]\?"),
        ("a [lang en] , [/lang]", "must contain something to speak"),
        ("[lang en]a[/lang] " * 201, "at most 200 parts"),
    ],
)
def test_a_bad_mark_is_refused_with_its_position(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message) as caught:
        TtsParams(text=text)
    assert caught.value.errors()[0]["loc"] == ("text",)


def test_marks_of_a_hostile_text_are_found_in_linear_time() -> None:
    text = "[lang " * 16_000
    check_language_marks(text)
    assert split_marks(text) == (MarkedText(text),)


def texts(text: str) -> list[tuple[str, str | None] | float]:
    return [
        (part.text, part.language) if isinstance(part, TextPiece) else part
        for part in pieces(text, 4000, follows=False, goes_on=False)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Me gusta el [lang en]machine learning[/lang], mucho.",
            [("Me gusta el", None), 0.04, ("machine learning,", "en"), 0.2, ("mucho.", None)],
        ),
        (
            "Dice («[lang en]Hello![/lang]»).",
            [("Dice", None), 0.04, ("(«Hello!»).", "en")],
        ),
        (
            "[lang en]One.[/lang] [lang fr]Deux[/lang]",
            [("One.", "en"), 0.4, ("Deux", "fr")],
        ),
        ("[lang en]One[/lang] [pause 1s] dos", [("One", "en"), 1.0, ("dos", None)]),
        ("[lang en]One[/lang] 5 %", [("One", "en"), 0.04, ("5 %", None)]),
    ],
)
def test_signs_at_a_mark_belong_to_the_text_that_they_touch(
    text: str, expected: list[tuple[str, str | None] | float]
) -> None:
    assert texts(text) == expected


def test_silence_is_cut_at_a_mark_and_a_paragraph_keeps_its_language() -> None:
    parts = pieces("a [lang en]b\n\nc[/lang] d", 4000, follows=False, goes_on=False)
    kept = [part for part in parts if isinstance(part, TextPiece)]
    assert [(part.cut_start, part.cut_end) for part in kept] == [
        (False, True),
        (True, False),
        (True, True),
        (True, False),
    ]
    assert [part.language for part in kept] == [None, "en", "en", None]


def test_the_language_of_a_turn_is_guessed_from_what_is_not_marked() -> None:
    text = "[lang en]The weather is very nice in this part of the world[/lang] y mañana llueve aquí"
    assert Turn(text=text).language == "es"
    assert Turn(text="[lang en]Hello there, how are you?[/lang]").language == "en-US"
