"""Spoken forms of any text: its stretches, its written words, hostile texts, pronunciations."""

from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from gala.render_types.params.pronunciations import Pronunciation
from gala.render_types.params.voice import VoiceParams
from gala_renderer.speech.spoken_form.form import spoken_form
from gala_renderer.speech.spoken_form.written_words import as_written
from gala_renderer.speech.word_tokens import written_words
from gala_renderer.speech.words import Phoneme, Word

HOSTILE = ["1", "1.", "1,", "1/", "1-", "-", ".", "a.", "+1 ", "1 ", "@", "#", "A", "XIV ", "1:00 "]
HOSTILE += ["http://", "a@a.", "€1", "1°", "😀", "1st ", "€", "½", "M", "(", "v1."]


def spoken_words(text: str, language: str) -> list[Word]:
    """Return one word per second for the spoken form, as an engine would."""
    spoken = spoken_form(text, language).spoken
    spans = written_words(spoken, language)
    return [
        Word(spoken[a:b], float(at), at + 1.0, (Phoneme("a", float(at), at + 1.0),))
        for at, (a, b) in enumerate(spans)
    ]


def timed(text: str, language: str) -> list[tuple[str, float, float]]:
    words = as_written(spoken_form(text, language), spoken_words(text, language), language)
    return [(word.text, word.start, word.end) for word in words]


def seconds_for(piece: str, characters: int) -> float:
    """Return the CPU time of the quickest of three runs, the one least disturbed by others."""
    text = piece * (characters // len(piece))
    times = []
    for _ in range(3):
        start = time.process_time()
        spoken_form(text, "es")
        times.append(time.process_time() - start)
    return min(times)


def test_a_written_word_lasts_from_the_first_to_the_last_of_its_spoken_words() -> None:
    assert timed("Cuesta $1.2M, dijo.", "es") == [
        ("Cuesta", 0, 1),
        ("$1.2M,", 1, 7),
        ("dijo.", 7, 8),
    ]


def test_words_that_are_written_apart_have_their_own_times() -> None:
    assert timed("a 10 km/h hoy", "es") == [
        ("a", 0, 1),
        ("10", 1, 2),
        ("km/h", 2, 5),
        ("hoy", 5, 6),
    ]
    assert timed("call +1 555 1234 now", "en") == [
        ("call", 0, 1), ("+1", 1, 3), ("555", 3, 6), ("1234", 6, 10), ("now", 10, 11),
    ]  # fmt: skip


def test_written_words_that_are_spoken_as_one_share_its_time() -> None:
    words = timed("in EE. UU. hoy", "es")
    assert [word for word, _, _ in words] == ["in", "EE.", "UU.", "hoy"]
    assert words[1:3] == [("EE.", 1, 2), ("UU.", 2, 3)]


def test_a_repeated_emoji_without_words_of_its_own_has_no_length() -> None:
    assert timed("ya 🚀 🚀 ya", "es") == [("ya", 0, 1), ("🚀", 1, 2), ("🚀", 2, 2), ("ya", 2, 3)]


@pytest.mark.parametrize("language", ["es", "en", "de"])
def test_every_written_word_gets_one_time_and_times_never_decrease(language: str) -> None:
    text = (
        "El 12/05/2024 a las 14:30, 3.º: $1.2M (20 %) y -5 °C; AT&T, C++, 2–3, 1/2 "  # noqa: RUF001
        "+34 600 123 456 https://example.com/a?b=c 😀😀 #MeToo — XIV, 10 km/h… ¡1!"
    )
    words = timed(text, language)
    assert [word for word, _, _ in words] == [text[a:b] for a, b in written_words(text, language)]
    edges = [edge for _, start, end in words for edge in (start, end)]
    assert edges == sorted(edges)


def test_phonemes_stay_with_their_written_word() -> None:
    words = as_written(spoken_form("dos 5 €", "es"), spoken_words("dos 5 €", "es"), "es")
    assert [len(word.phonemes) for word in words] == [1, 1, 1]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    # Eight times the text: 8 where the time is linear, 64 where it is quadratic.
    assert seconds_for(piece, 4_000) / seconds_for(piece, 500) < 24


def test_huge_numbers_are_read_digit_by_digit() -> None:
    assert spoken_form("1" + "0" * 400, "es").spoken == " ".join(["uno", *["cero"] * 400])
    assert spoken_form("1234567890123456", "en").spoken.startswith("one two three four")


def test_other_languages_are_left_to_the_engine() -> None:
    assert spoken_form("5 € 😀", "ru").spoken == "5 € 😀"
    assert spoken_form("5 €", None).spoken == "5 €"
    assert spoken_form("5 €", "es", rules=False).spoken == "5 €"


def test_pronunciations_are_whole_words_with_their_capitals_in_every_language() -> None:
    listed = (Pronunciation(text="GALA", say="gala"), Pronunciation(text="C3", say="ce tres"))
    form = spoken_form("GALA, Gala, GALAs: C3 y C35.", "ru", listed)
    assert form.spoken == "gala, Gala, GALAs: ce tres y C35."


def test_a_pronunciation_comes_before_every_rule() -> None:
    listed = (Pronunciation(text="10 km/h", say="despacio"),)
    assert spoken_form("a 10 km/h", "es", listed, rules=False).spoken == "a despacio"
    assert spoken_form("a 10 km/h", "es", listed).spoken == "a despacio"


def test_what_is_not_spoken_at_all_leaves_its_neighbours() -> None:
    listed = (Pronunciation(text="GALA", say="-"),)
    assert spoken_form("a GALA b", "es", listed).spoken == "a - b"


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ([{"text": "", "say": "a"}], "at least 1 character"),
        ([{"text": "a", "say": "  "}], "pattern"),
        ([{"text": "a" * 101, "say": "a"}], "at most 100 characters"),
        ([{"text": "a", "say": "b"}, {"text": "a", "say": "c"}], "'a' is listed twice"),
        ([{"text": str(n), "say": "b"} for n in range(1001)], "at most 1000"),
        ([{"text": "a", "sya": "b"}], "sya"),
    ],
)
def test_bad_pronunciations_are_refused(listed: list[dict[str, str]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        VoiceParams.model_validate({"pronunciations": listed})
