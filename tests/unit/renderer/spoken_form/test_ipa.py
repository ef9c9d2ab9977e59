"""Pronunciations in the IPA: checked, in the notation of each engine, and merged from lists."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from gala.render_types.params.pronunciations import MAX_PRONUNCIATIONS, Pronunciation, merged
from gala.render_types.params.voice import VoiceParams
from gala_renderer.speech.espeak.mnemonics import phoneme_request
from gala_renderer.speech.kokoro.given_phonemes import GivenPhonemes, kokoro_symbols
from gala_renderer.speech.kokoro.phonemize import Pronunciation as Sounds
from gala_renderer.speech.kokoro.voices import KokoroLanguage
from gala_renderer.speech.protocol import IpaStretch
from gala_renderer.speech.spoken_form.form import spoken_form
from gala_renderer.speech.word_tokens import Span, written_words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("/ˈɛndʒɪn ˈɛks/", "ˈɛndʒɪn ˈɛks"),
        ("[g'u:gl]", "ɡˈuːɡl"),
        ("sɔ̃", "sɔ\u0303"),
        ("ça", "ça"),
        ("ma˥˩", "ma˥˩"),
    ],
)
def test_transcriptions_are_kept_in_one_way_of_writing(typed: str, kept: str) -> None:
    assert Pronunciation(text="a", ipa=typed).ipa == kept


@pytest.mark.parametrize(
    ("ipa", "message"),
    [
        ("ˈɛn5ɪn", r"'5' \(character 4\) is no symbol"),
        ("/nG/", r"'G' \(character 3\)"),
        ("[[Q]]", r"'Q' \(character 3\)"),
        ("ˈː", "a vowel or a consonant"),
        ("  ", "pattern"),
    ],
)
def test_what_is_no_ipa_is_refused_with_its_first_symbol(ipa: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message) as caught:
        VoiceParams.model_validate({"pronunciations": [{"text": "a", "ipa": ipa}]})
    assert caught.value.errors()[0]["loc"] == ("pronunciations", 0, "ipa")


def test_an_entry_without_any_pronunciation_is_refused() -> None:
    with pytest.raises(ValidationError, match="'a': send `say`, `ipa`, or both"):
        Pronunciation.model_validate({"text": "a"})


@pytest.mark.parametrize(
    ("ipa", "language", "symbols"),
    [
        ("ˈɛndʒɪn ˈɛks", "a", "ˈɛnʤɪn ˈɛks"),
        ("həˈloʊ", "a", "həlˈO"),
        ("həˈləʊ", "b", "həlˈQ"),
        ("ˈbʌtn\u0329", "a", "bˈʌtᵊn"),
        ("t\u0361ʃoˈɾiθo", "e", "ʧoɾˈiθo"),
        ("ʙʏɫ", "f", "byl"),
    ],
)
def test_kokoro_gets_the_ipa_in_its_own_notation(ipa: str, language: str, symbols: str) -> None:
    assert kokoro_symbols(ipa, KokoroLanguage(language)) == symbols


class _Spelled:
    """Pronounces each letter as itself."""

    def sounds(self, text: str, words: list[Span]) -> Sounds:
        owners = [
            next((at for at, (start, end) in enumerate(words) if start <= index < end), -1)
            for index in range(len(text))
        ]
        return Sounds(text, tuple(owners))


def test_given_phonemes_stand_in_the_sentence_and_belong_to_their_word() -> None:
    text = "¿Usas (nginx), o nginx's?"
    given = [IpaStretch(m.start(), m.end(), "ɛn ɛks") for m in re.finditer("nginx", text)]
    words = written_words(text)
    spelled = GivenPhonemes(_Spelled(), KokoroLanguage.SPANISH, given).sounds(text, words, 0)
    assert spelled.symbols == "¿Usas (ɛn ɛks), o ɛn ɛks's?"
    pairs = list(zip(spelled.symbols, spelled.owners, strict=True))
    assert "".join(symbol for symbol, owner in pairs if owner == 1) == "ɛn ɛks"
    assert "".join(symbol for symbol, owner in pairs if owner == 3) == "ɛn ɛkss?"


def test_espeak_gets_candidates_of_mnemonics_with_the_stress_at_the_vowel() -> None:
    start, end, units = phoneme_request(IpaStretch(2, 7, "ˈdʒɪ\u0303n"))
    assert (start, end) == (2, 7)
    assert [symbol for symbol, _ in units] == ["dʒ", "", "ɪ", "n"]
    assert units[1] == ["", ["'"]]


def test_the_spoken_form_has_the_phonemes_only_for_engines_that_take_them() -> None:
    listed = (
        Pronunciation(text="New York", ipa="nuː jɔːk"),
        Pronunciation(text="GNU", ipa="ɡnuː", say="gnoo"),
    )
    form = spoken_form("See New York, GNU.", "en", listed, takes_ipa=True)
    assert form.spoken == "See NewYork, GNU."
    assert form.ipa == (IpaStretch(4, 11, "nuː jɔːk"), IpaStretch(13, 16, "ɡnuː"))
    assert form.written_span(4, 11) == (4, 12)
    other = spoken_form("See New York, GNU.", "en", listed)
    assert (other.spoken, other.ipa) == ("See New York, gnoo.", ())


def test_an_entry_of_the_language_comes_before_one_of_all_languages() -> None:
    listed = (
        Pronunciation(text="GALA", say="galla", language="en"),
        Pronunciation(text="GALA", say="gala"),
        Pronunciation(text="C3", say="three", language="en-GB"),
    )
    assert spoken_form("GALA C3", "en-US", listed, rules=False).spoken == "galla C3"
    assert spoken_form("GALA C3", "en_gb", listed, rules=False).spoken == "galla three"
    assert spoken_form("GALA C3", None, listed, rules=False).spoken == "gala C3"


def test_lists_are_merged_and_the_first_comes_first() -> None:
    job = (Pronunciation(text="GALA", say="a"), Pronunciation(text="C3", say="b", language="es"))
    owner = (
        Pronunciation(text="GALA", say="x", language="fr"),
        Pronunciation(text="C3", say="x", language="ES"),
        Pronunciation(text="C3", say="y"),
        Pronunciation(text="absent", say="z"),
    )
    assert merged(job, owner, "GALA and C3") == (*job, owner[2])
    assert merged(job, owner, None) == (*job, owner[2], owner[3])
    full = tuple(Pronunciation(text=f"t{n}", say="a") for n in range(MAX_PRONUNCIATIONS))
    with pytest.raises(ValueError, match="more than 1000; remove some"):
        merged(full, owner, "C3")
