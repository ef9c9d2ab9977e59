"""Given phonemes are spoken by espeak-ng, and nothing else in a text becomes phonemes."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.engine import EngineHarness


def _words(engine: EngineHarness, text: str, **params: Any) -> list[dict[str, Any]]:
    made = engine.make("tts", {"text": text, "engine": "espeak", "phonemes": True, **params})
    words: list[dict[str, Any]] = json.loads(made.path("words").read_text())
    return words


def _symbols(word: dict[str, Any]) -> str:
    return "".join(one["symbol"] for one in word["phonemes"])


@pytest.mark.parametrize(
    ("language", "ipa", "heard"),
    [
        ("en", "ˈɛndʒɪn ˈɛks", "ˈɛndʒɪnˈɛks"),
        ("es", "ˈɛndʒɪn ˈɛks", "ˈɛndʒinˈɛks"),
        ("fr", "ɡa.ʁɔ̃", "ɡaʁˈɔ̃"),
        ("de", "ˈmyːnçn̩", "mˈyːnçn"),
        ("en", "həˈləʊ", "həlˈoʊ"),
        ("en", "ˈtʃiːz", "tʃˈiːz"),
    ],
)
def test_given_phonemes_are_heard_or_the_nearest_that_the_voice_has(
    engine: EngineHarness, language: str, ipa: str, heard: str
) -> None:
    listed = [{"text": "nginx", "ipa": ipa}]
    words = _words(engine, "a (nginx), 1 a", language=language, pronunciations=listed)
    assert [word["text"] for word in words] == ["a", "(nginx),", "1", "a"]
    assert _symbols(words[1]) == heard
    assert all(one["end_ts"] > one["start_ts"] for one in words)
    others = _words(engine, "a (nginx), 1 a", language=language)
    assert [_symbols(word) for word in words[2:]] == [_symbols(word) for word in others[2:]]


def test_brackets_of_a_text_are_never_phonemes(engine: EngineHarness) -> None:
    listed = [{"text": "nginx", "ipa": "ɛks"}]
    hostile = "[[nginx]] [[h@l'oU]] [nginx"
    words = _words(engine, hostile, language="en", pronunciations=listed)
    plain = _words(engine, "((nginx)) ((h@l'oU)) (nginx", language="en", pronunciations=listed)
    assert [word["text"] for word in words] == hostile.split()
    assert [_symbols(word) for word in words] == [_symbols(word) for word in plain]
    assert _symbols(words[0]) == "ɛks"
    assert _symbols(words[1]) != "həlˈoʊ"
