"""Written words, sentences and pauses of a text, and espeak-ng's events as word times."""

# ruff: noqa: RUF001 - letters and marks of many scripts are what this is about

from __future__ import annotations

import pytest

from gala.render_types.params.voice import PARAGRAPH_PAUSE_SECONDS, VoiceParams
from gala_renderer.speech.espeak import word_times
from gala_renderer.speech.espeak.word_times import words_of
from gala_renderer.speech.text_chunks import chunks, sentences
from gala_renderer.speech.turns import TextPiece, Turn, in_company, pieces
from gala_renderer.speech.word_tokens import written_words
from gala_renderer.transcription.language_detection import detect_language


def _written(text: str, language: str | None = None) -> list[str]:
    return [text[start:end] for start, end in written_words(text, language)]


def test_words_end_at_spaces_and_keep_their_punctuation() -> None:
    assert _written('He said: "go", 1,995 times!') == ["He", "said:", '"go",', "1,995", "times!"]


def test_punctuation_alone_is_no_word_but_belongs_to_its_neighbour() -> None:
    assert _written("« Bonjour ! » dit-il – ici") == ["« Bonjour ! »", "dit-il –", "ici"]
    assert _written("— …") == []


def test_signs_that_are_read_out_are_words() -> None:
    assert _written("salt & pepper 100 % 🎉") == ["salt", "&", "pepper", "100", "%", "🎉"]


def test_scripts_without_spaces_are_cut_into_phrases() -> None:
    assert _written("私の名前は中野です。") == ["私の", "名前は", "中野です。"]
    assert _written("今天天气很好。") == ["今天", "天气", "很", "好。"]
    assert "".join(_written("สวัสดีครับวันนี้")) == "สวัสดีครับวันนี้"
    assert len(_written("สวัสดีครับวันนี้")) > 2


def test_figures_and_latin_words_within_chinese_stay_whole() -> None:
    assert _written("我有12本iPhone15书") == ["我", "有", "12本", "iPhone15", "书"]


def test_sentences_end_in_every_script_but_not_at_abbreviations() -> None:
    text = (
        "Dr. Smith left. J. K. stayed! It cost 3.5 €. ¿Qué? Sí… 你好。今天「好！」我去。مرحبا؟ نعم."
    )
    assert sentences(text) == (
        "Dr. Smith left.", "J. K. stayed!", "It cost 3.5 €.", "¿Qué?", "Sí…",
        "你好。", "今天「好！」", "我去。", "مرحبا؟", "نعم.",
    )  # fmt: skip


@pytest.mark.parametrize("most", [10, 37, 280])
def test_chunks_are_no_longer_than_asked_and_lose_nothing(most: int) -> None:
    text = "One two, three; four. " * 20 + "x" * 400 + " 今天天气很好，" * 30
    cut = chunks(text, most)
    assert max(map(len, cut)) <= most
    assert "".join("".join(cut).split()) == "".join(text.split())


def test_a_row_of_marks_is_looked_at_once() -> None:
    # If it were matched from each mark, this would take 90 s.
    text = "a" + "." * 100_000
    assert chunks(text, 200_000) == (text,)
    assert sentences(text + ") b.") == (text + ")", "b.")


def test_chunks_end_at_sentences_where_they_can() -> None:
    assert chunks("One. Two two. Three three three.", 15) == (
        "One. Two two.",
        "Three three",
        "three.",
    )


def test_pauses_cut_the_silence_around_them_and_nowhere_else() -> None:
    found = pieces("a [pause 1s] b. [x]", 1000, follows=False, goes_on=True)
    assert found == [
        TextPiece("a", cut_start=False, cut_end=True),
        1.0,
        TextPiece("b. [x]", cut_start=True, cut_end=True),
    ]


@pytest.mark.parametrize(
    "between",
    ["\n\n", "\r\n\r\n", "\r\r", "\n \t\u00a0\n", "\n\n\n\n", "\n\u200b\n", "\u2029", "\n\n—\n\n"],
)
def test_a_blank_line_is_one_pause_however_it_is_written(between: str) -> None:
    text = f"\n\n A dog.{between}A cat\nand a cow \r\n\r\n"
    assert pieces(text, 1000, follows=False, goes_on=False) == [
        TextPiece("A dog.", cut_start=False, cut_end=False, continues=True),
        PARAGRAPH_PAUSE_SECONDS,
        TextPiece("A cat\nand a cow", cut_start=True, cut_end=False),
    ]


@pytest.mark.parametrize("mark", ["[pause 1s]\n\n", "\n\n[pause 1s]", "\n\n[pause 1s]\n\n"])
def test_a_pause_mark_replaces_the_pause_of_the_blank_line_beside_it(mark: str) -> None:
    found = pieces(f"A dog.{mark}A cat.", 1000, follows=False, goes_on=False)
    assert [part for part in found if isinstance(part, float)] == [1.0]


def test_a_piece_ends_with_a_pause_only_where_a_mark_is() -> None:
    found = pieces("One two. Three, four five six.", 10, follows=False, goes_on=False)
    assert [(part.text, part.continues) for part in found if isinstance(part, TextPiece)] == [
        ("One two.", True),
        ("Three,", True),
        ("four five", False),
        ("six.", False),
    ]


def test_punctuation_between_pauses_is_a_short_rest() -> None:
    assert pieces("a[pause 1s]…[pause 1s]b", 99, follows=False, goes_on=False)[1:4] == [
        1.0,
        0.3,
        1.0,
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello", "en-US"),
        ("Привет, world", "ru"),
        ("漢字かな", "ja"),
        ("你好 ok", "zh"),
        ("مرحبا", "ar"),
        ("123 🎉", "en-US"),
    ],
)
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [("Hola, ¿cómo estás?", "es"), ("Não sei", "pt"), ("Große Straße", "de"), ("Hi", "en-US")],
)
def test_letters_that_only_one_language_has_tell_it(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hola, mundo.", "es"),
        ("Hola.", "es"),
        ("Hola, amigos.", "es"),
        ("Olá, mundo.", "pt"),
        ("Hallo!", "de"),
        ("Hello, world.", "en-US"),
    ],
)
def test_a_greeting_tells_the_language(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("text", "usual", "language"),
    [
        ("Segunda parte", None, "pt"),
        ("Segunda parte", "es", "es"),
        ("Segunda parte", "en-US", "pt"),
        ("Capítulo 3", "es", "es"),
        ("Second part", "en-US", "en-US"),
        ("Thank you", "es", "en-US"),
        ("Hello everyone, welcome.", "es", "en-US"),
        ("Привет", "es", "ru"),
    ],
)
def test_a_short_text_is_in_the_language_around_it_unless_another_is_much_likelier(
    text: str, usual: str | None, language: str
) -> None:
    assert detect_language(text, usual) == language


def test_the_turns_of_a_conversation_that_name_no_language_have_that_of_all_of_them() -> None:
    said = ["Hola a todos, hoy hablamos de café.", "Segunda parte", "Thank you very much"]
    turns = in_company([Turn(text=text) for text in said])
    assert [turn.language for turn in turns] == ["es", "es", "en-US"]
    named = in_company([Turn(text="Segunda parte", voice=VoiceParams(language="pt")), turns[0]])
    assert named[0].language == "pt"


def test_words_spoken_as_one_are_divided_by_how_they_sound_alone() -> None:
    text = "of the cat"
    events = [
        ("word", 0, 0), ("phoneme", "ə", 0), ("phoneme", "v", 100), ("phoneme", "ð", 200),
        ("phoneme", "ə", 300), ("word", 7, 400), ("phoneme", "k", 400), ("phoneme", "a", 500),
        ("phoneme", "t", 600), ("phoneme", "", 700),
    ]  # fmt: skip
    alone = {"of": ["ˈʌ", "v"], "the": ["ð", "ˈə"]}
    words = words_of(text, written_words(text), events, alone, rate=1000, samples=1000)
    assert [(word.text, word.start, word.end) for word in words] == [
        ("of", 0.0, 0.2),
        ("the", 0.2, 0.4),
        ("cat", 0.4, 0.7),
    ]


def test_three_words_spoken_as_one_are_divided_too() -> None:
    text = "out of the"
    symbols = ["a", "ʊ", "t", "ə", "v", "ð", "ə"]
    events = [("word", 0, 0), *(("phoneme", s, at * 10) for at, s in enumerate(symbols))]
    alone = {"out": ["ˈa", "ʊ", "t"], "of": ["ˈʌ", "v"], "the": ["ð", "ˈə"]}
    words = words_of(text, written_words(text), events, alone, rate=1000, samples=70)
    assert [len(word.phonemes) for word in words] == [3, 2, 2]


def test_words_spoken_as_one_are_compared_from_each_place_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[str] = []

    def unlike(symbol: str, other: str) -> float:
        compared.append(symbol)
        return 0.0 if symbol == other else 1.0

    monkeypatch.setattr(word_times, "_substitution_cost", unlike)
    count, words, length = 40, 6, 10
    heard: list[tuple[str, int | str, int]] = [("word", 0, 0)]
    heard += [("phoneme", "abcd"[at % 4], at) for at in range(count)]
    text = " ".join("uvwxyz")
    alone = {word: ["a"] * length for word in "uvwxyz"}
    found = words_of(text, written_words(text), heard, alone, rate=1, samples=count)
    assert len(found) == words
    # A voice that spells what it cannot read has hundreds of these in a text; to compare every
    # stretch again takes seven times as much, and took minutes.
    assert len(compared) <= words * length * count * (count + 1) / 2


def test_many_words_without_events_share_what_is_heard_by_their_length() -> None:
    text = " ".join(["abc"] * 300)
    events = [("word", 0, 0), *(("phoneme", "a", at) for at in range(900))]
    alone = {"abc": ["a", "b", "c"]}
    words = words_of(text, written_words(text), events, alone, rate=1000, samples=900)
    assert len(words) == 300
    assert {len(word.phonemes) for word in words} == {3}


def test_what_is_spoken_as_several_words_is_one_written_word() -> None:
    text = "$12.50, ok"
    events = [
        ("word", 0, 0), ("phoneme", "d", 0), ("word", 1, 10), ("phoneme", "t", 10),
        ("word", 3, 20), ("phoneme", "f", 20), ("word", 3, 30), ("phoneme", "z", 30),
        ("phoneme", "", 40), ("word", 8, 50), ("phoneme", "o", 50),
    ]  # fmt: skip
    words = words_of(text, written_words(text), events, {}, rate=100, samples=60)
    assert [(word.text, word.start, word.end) for word in words] == [
        ("$12.50,", 0.0, 0.4),
        ("ok", 0.5, 0.6),
    ]


def test_a_word_that_is_not_heard_lies_between_its_neighbours() -> None:
    text = "a 🫥 b"
    events = [
        ("word", 0, 0), ("phoneme", "a", 0), ("phoneme", "", 10), ("word", 4, 20),
        ("phoneme", "b", 20),
    ]  # fmt: skip
    words = words_of(text, written_words(text), events, {}, rate=100, samples=30)
    assert [(word.start, word.end) for word in words] == [(0.0, 0.1), (0.1, 0.2), (0.2, 0.3)]
