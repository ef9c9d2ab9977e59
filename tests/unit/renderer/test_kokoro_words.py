"""Kokoro without its model: voices, phonemes and their words, passages, times."""

# ruff: noqa: RUF001 - letters of the IPA and of other scripts

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from gala.errors import InvalidRequest
from gala.render_types.params.kokoro_voices import VOICES
from gala_renderer.speech.kokoro.passages import SYMBOLS_MAX, passages
from gala_renderer.speech.kokoro.phonemize import (
    MisakiEnglish,
    Pronunciation,
    from_tokens,
    pronouncer,
)
from gala_renderer.speech.kokoro.token_alignment import NO_WORD, is_sound, owners
from gala_renderer.speech.kokoro.voices import (
    TAGS,
    KokoroLanguage,
    alternating,
    chosen,
    described,
)
from gala_renderer.speech.kokoro.word_times import FRAMES_A_SECOND, timed, words_of
from gala_renderer.speech.protocol import Voice
from gala_renderer.speech.word_tokens import Span, written_words
from tests.support.kokoro import make_spacy_model

SENTENCES = {
    "a": "The state of the art costs $3.50, of the 25 people!",
    "b": "Mr. Smith drove the car to the theatre.",
    "e": "Hola, ¿qué tal? Tengo 25 años.",
    "f": "L'homme n'est pas là ! Oui…",
    "h": "नमस्ते, आप कैसे हैं?",
    "i": "Ciao bello, come stai?",
    "j": "今日は、とても良い天気ですね。東京へ行きます！",
    "p": "Olá, tudo bem?",
    "z": "你好，世界！我有25个苹果。",
}


def test_all_54_voices_have_a_language_and_a_gender() -> None:
    assert len(VOICES) == len(set(VOICES)) == 54
    assert {described(name).language for name in VOICES} == set(TAGS.values())
    assert described("bm_george").gender == "male"
    assert described("zf_xiaoxiao") == Voice(
        name="zf_xiaoxiao",
        language="zh",
        gender="female",
        title="Xiaoxiao",
        description="Mandarin Chinese, female",
    )


def test_a_voice_is_found_by_language_or_named_or_mixed() -> None:
    assert chosen(None, None, VOICES).shares == (("af_heart", 1.0),)
    assert chosen(None, "es-MX", VOICES).shares == (("ef_dora", 1.0),)
    assert chosen(None, "en_GB", VOICES).tongue is KokoroLanguage.BRITISH
    assert chosen(None, "zh-Hans-CN", VOICES).tongue is KokoroLanguage.MANDARIN
    assert chosen("pm_alex", None, VOICES).tongue is KokoroLanguage.BRAZILIAN
    assert chosen("af_heart", "fr", VOICES).tongue is KokoroLanguage.FRENCH
    mixed = dict(chosen("af_heart:0.6 + af_bella:0.2", None, VOICES).shares)
    assert mixed == pytest.approx({"af_heart": 0.75, "af_bella": 0.25})
    written = dict(chosen("af_heart(3)+af_bella(1)", None, VOICES).shares)
    assert written == {"af_heart": 0.75, "af_bella": 0.25}
    assert dict(chosen("af_sky+af_nova", None, VOICES).shares) == {"af_sky": 0.5, "af_nova": 0.5}


def test_voices_of_both_genders_alternate_each_in_order() -> None:
    voices = [described(name) for name in ("af_heart", "af_bella", "am_michael", "af_sky")]
    names = [voice.name for voice in alternating(voices)]
    assert names == ["af_heart", "am_michael", "af_bella", "af_sky"]


@pytest.mark.parametrize(
    ("voice", "language", "field", "told"),
    [
        ("af_nobody", None, "params.voice", "af_heart"),
        ("../../etc/passwd", None, "params.voice", "af_heart"),
        ("af_heart:0", None, "params.voice", "shares"),
        ("af_heart:-1", None, "params.voice", "af_heart"),
        ("+".join(["af_heart"] * 9), None, "params.voice", "at most 8"),
        (None, "de", "params.language", "pt-BR"),
    ],
)
def test_what_is_not_there_is_refused_with_what_there_is(
    voice: str | None, language: str | None, field: str, told: str
) -> None:
    with pytest.raises(InvalidRequest, match=told) as caught:
        chosen(voice, language, VOICES)
    assert caught.value.details["field"] == field


def test_a_language_without_a_voice_here_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="af_heart"):
        chosen(None, "it", ["af_heart"])


@pytest.mark.parametrize("letter", SENTENCES)
def test_every_written_word_of_every_language_has_sounds_of_its_own(letter: str) -> None:
    text = SENTENCES[letter]
    words = written_words(text, TAGS[KokoroLanguage(letter)])
    told = pronouncer(KokoroLanguage(letter)).sounds(text, words)
    owned = [owner for owner in told.owners if owner != NO_WORD]
    assert owned == sorted(owned)
    assert set(owned) == set(range(len(words)))
    for symbol, owner in zip(told.symbols, told.owners, strict=True):
        assert owner != NO_WORD or not is_sound(symbol)


def test_short_words_that_melt_and_figures_find_their_sounds() -> None:
    text = SENTENCES["a"]
    words = written_words(text)
    told = pronouncer(KokoroLanguage.AMERICAN).sounds(text, words)
    said = ["" for _ in words]
    for symbol, owner in zip(told.symbols, told.owners, strict=True):
        if owner != NO_WORD:
            said[owner] += symbol
    assert said[:4] == ["ðə", "stˈAt", "ʌv", "ðɪ"]
    assert said[7:10] == ["ʌv", "ðə", "twˈɛnti fˈIv"]


def test_english_is_written_as_kokoro_was_taught_it() -> None:
    text = "The bird's car, the pair of theatres."
    american = pronouncer(KokoroLanguage.AMERICAN).sounds(text, written_words(text)).symbols
    assert not set("ːrɚɾ") & set(american)
    british = pronouncer(KokoroLanguage.BRITISH).sounds(text, written_words(text)).symbols
    assert "kˈɑː" in british


def test_latin_words_in_mandarin_and_japanese_are_spoken_as_english() -> None:
    for letter, text in {"z": "我爱Python很好。", "j": "私はPythonが好きです。"}.items():
        told = pronouncer(KokoroLanguage(letter)).sounds(
            text, written_words(text, TAGS[KokoroLanguage(letter)])
        )
        assert "pˈIθ" in told.symbols


@pytest.mark.parametrize("text", ["\u0663\u0664個", "१२です。", "電話は99999999999です。"])
def test_figures_that_misaki_does_not_know_are_spoken_in_japanese(text: str) -> None:
    told = pronouncer(KokoroLanguage.JAPANESE).sounds(text, written_words(text, "ja"))
    assert len([symbol for symbol in told.symbols if is_sound(symbol)]) > 3


def test_misakis_own_english_is_used_where_its_spacy_model_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_spacy_model(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "en_core_web_sm", None)
    monkeypatch.delitem(sys.modules, "en_core_web_sm")
    # The middle one is markup for misaki's preprocessing.
    text = "Don't read [this](/kˈæt/) of the"
    words = written_words(text)
    english = pronouncer(KokoroLanguage.AMERICAN)
    assert isinstance(english, MisakiEnglish)
    told = english.sounds(text, words)
    said = ["" for _ in words]
    for symbol, owner in zip(told.symbols, told.owners, strict=True):
        if owner != NO_WORD:
            said[owner] += symbol
    assert [said[0], said[1], said[3], said[4]] == ["dˈOnt", "ɹˈid", "ʌv", "ðə"]
    assert "ðˈɪs" in said[2]
    assert said[2] != "kˈæt"


def test_a_stress_mark_that_only_the_sentence_has_belongs_to_the_sound_after_it() -> None:
    """In a sentence, *over* has another stress than by itself."""
    whole = "dʒˈʌmps ˌOvəɹ"
    found = owners(whole, ["dʒˈʌmps", "ˈOvəɹ"])
    assert found == [0] * 7 + [NO_WORD] + [1] * 5
    words = timed(Pronunciation(whole, tuple(found)), [0, *[2] * len(whole), 0])
    assert [p.symbol for p in words[1]] == ["ˌoʊ", "v", "ə", "ɹ"]


def test_a_pause_within_a_word_is_the_words_and_one_between_words_is_nobodys() -> None:
    found = owners("tuˈɛnti fˈaiv, pipl", ["tuˈɛnti fˈaiv", "pipl"])
    assert found == [0] * 13 + [NO_WORD] * 2 + [1] * 4


def spelled(text: str, words: Sequence[Span], _begin: int) -> Pronunciation:
    """Pronounce each character as one phoneme."""
    owned = [NO_WORD] * len(text)
    for index, (start, end) in enumerate(words):
        owned[start:end] = [index] * (end - start)
    return Pronunciation(text, tuple(owned))


@pytest.mark.parametrize(
    "text",
    [
        "One sentence. " * 100,
        "a word and another, " * 200,
        "word " * 400,
        "x" * 3000,
        "Short. " + "y" * 700 + ". The end, " + "of it " * 200 + ".",
        "你好世界" * 300,
    ],
)
def test_passages_fit_the_model_and_together_are_the_text(text: str) -> None:
    words = written_words(text)
    found = list(passages(text, words, spelled))
    assert all(0 < len(passage.sounds.symbols) <= SYMBOLS_MAX for passage in found)
    covered = [index for passage in found for index in passage.words]
    assert sorted(set(covered)) == list(range(len(words)))
    owned = [owner for passage in found for owner in passage.sounds.owners if owner != NO_WORD]
    assert owned == sorted(owned)


def test_passages_end_at_sentence_ends_where_they_can() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 40
    found = list(passages(text, written_words(text), spelled))
    assert all(passage.whole for passage in found)
    assert all(passage.sounds.symbols.endswith("dog.") for passage in found)
    assert len(found) < 8


@dataclass
class Token:
    """A token with misaki's attributes."""

    text: str
    phonemes: str | None
    whitespace: str
    start_ts: float | None = None
    end_ts: float | None = None


def tokens() -> list[Token]:
    return [
        Token("Don't", "dˈOnt", " "),
        Token("stop", "stˈɑp", ""),
        Token(",", ",", " "),
        Token("please", "plˈiz", ""),
        Token("!", "!", ""),
    ]


def test_tokens_of_misaki_are_given_to_the_words_they_stand_in() -> None:
    text = "Don't stop, please!"
    told = from_tokens(text, written_words(text), tokens())
    assert told.symbols == "dˈOnt stˈɑp, plˈiz!"
    assert [told.owners[at] for at in (0, 5, 6, 10, 11, 12, 18)] == [0, -1, 1, 1, -1, -1, -1]


def test_words_are_one_frame_later_than_in_kokoros_own_timestamps() -> None:
    import torch
    from kokoro.pipeline import KPipeline

    text = "Don't stop, please!"
    spans = written_words(text)
    told = from_tokens(text, spans, tokens())
    frames = [9, *[2, 1, 4, 3, 2, 2, 3, 2, 1, 5, 2, 7, 3, 4, 3, 1, 6, 4, 5], 12]
    theirs = tokens()
    KPipeline.join_timestamps(theirs, torch.tensor(frames))
    words = words_of(
        [text[slice(*span)] for span in spans], timed(told, frames), first=0, reached=0, seconds=9
    )
    frame = 1 / FRAMES_A_SECOND
    expected = [(t.start_ts + frame, t.end_ts + frame) for t in theirs if is_sound(t.text[0])]
    assert [(word.start, word.end) for word in words] == [pytest.approx(e) for e in expected]


def test_sounds_are_told_in_the_ipa_with_their_marks() -> None:
    told = Pronunciation("ʧˈIn dʒ", (0, 0, 0, 0, NO_WORD, 1, 1))
    heard = timed(told, [0, *[1] * 7, 0])
    assert [sound.symbol for sound in heard[0]] == ["tʃ", "ˈaɪ", "n"]


def test_what_is_not_heard_lies_between_its_neighbours() -> None:
    heard = timed(Pronunciation("a b", (0, NO_WORD, 2)), [0, 4, 4, 4, 0])
    words = words_of(["a", "🙂", "b"], heard, first=0, reached=0.0, seconds=0.3)
    assert [(word.text, word.start, word.end) for word in words] == [
        ("a", 0.0, pytest.approx(0.15)),
        ("🙂", pytest.approx(0.15), pytest.approx(0.15)),
        ("b", pytest.approx(0.15), pytest.approx(0.3)),
    ]
