"""The parts of the forced alignment, without sound."""

# ruff: noqa: RUF001 - the IPA and texts in many scripts

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from gala_renderer.speech.words import Phoneme, Word
from gala_renderer.transcription.arpabet import arpabet
from gala_renderer.transcription.dtw import warp, warp_times
from gala_renderer.transcription.language_detection import detect_language
from gala_renderer.transcription.mfcc import Features, features
from gala_renderer.transcription.word_placement import checked, place

SOUNDS = set(
    re.findall(
        "[A-Z]+",
        "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW"
        " V W Y Z ZH",
    )
)


@pytest.mark.parametrize(
    ("symbols", "language", "sounds"),
    [
        (["w", "ˈɔː", "ɾ", "ɚ"], "en-US", "W AO D ER"),
        (["p", "ˈe", "ɾ", "o"], "es", "P EH R OW"),
        (["ʃ", "p", "ʁ", "ˈɛ", "ç", "ə", "n"], "de", "SH P R EH HH AH N"),
        (["b", "ɔ̃"], "fr", "B AO N"),
        (["tʃ", "ˈiː", "z"], "en", "CH IY Z"),
        (["n", "i", "ɜ", "5", "ʔ"], "cmn", "N IY ER"),
    ],
)
def test_sounds_of_any_language_become_the_nearest_english_ones(
    symbols: list[str], language: str, sounds: str
) -> None:
    assert arpabet(symbols, language) == tuple(sounds.split())


def test_every_letter_of_the_ipa_becomes_sounds_that_the_model_has() -> None:
    letters = [chr(code) for code in (*range(0x61, 0x7B), *range(0x250, 0x2B0))]
    assert set(arpabet(letters, "es")) <= SOUNDS


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The river was cold and we walked.", "en-US"),
        ("El río estaba frío y los barcos se fueron.", "es"),
        ("Der Fluss ist kalt und nicht tief.", "de"),
        ("L'eau est froide dans la rivière et les bateaux.", "fr"),
        ("みなさん、こんにちは。東京です。", "ja"),
        ("大家早上好", "zh"),
        ("صباح الخير", "ar"),
        ("शुभ प्रभात", "hi"),
        ("안녕하세요", "ko"),
        ("1984 😀", "en-US"),
    ],
)
def test_a_language_is_guessed_from_script_and_common_words(text: str, language: str) -> None:
    assert detect_language(text) == language


def a_word(text: str, start: float, end: float) -> Word:
    return Word(text, start, end, (Phoneme("a", start, end),))


def test_words_keep_their_order_and_lie_within_the_sound() -> None:
    words = [a_word("a", 0, 0.2), a_word("b", 0.2, 0.4), a_word("c", 0.4, 0.6)]
    placed = place(words, [(-0.1, 0.3), (0.25, 0.5), (0.5, 9.0)], 0.9)
    times = [time for word in placed for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] == 0
    assert times[-1] <= 0.9
    assert [word.text for word in placed] == ["a", "b", "c"]
    assert placed[1].phonemes[0].end == pytest.approx(placed[1].end)


def test_music_before_the_first_word_is_not_part_of_it() -> None:
    words = [a_word("a", 0, 0.2), a_word("b", 0.2, 0.4), a_word("c", 0.4, 0.6)]
    placed = place(words, [(0, 5.0), (5.0, 5.2), (5.2, 5.4)], 6)
    assert placed[0].start == pytest.approx(4.8)


def test_a_pause_after_a_word_is_not_part_of_it() -> None:
    words = [a_word("a", 0, 0.2), a_word("b", 0.2, 0.4), a_word("c", 0.4, 0.6)]
    placed = place(words, [(0, 0.2), (0.2, 3.0), (3.0, 3.2)], 4)
    assert placed[1].end == pytest.approx(0.4)


def test_words_that_are_not_spoken_share_the_time_between_their_neighbours() -> None:
    words = [a_word("a", 0, 0.2), Word("😀", 0.2, 0.2), Word("😀", 0.2, 0.2), a_word("b", 0.2, 0.4)]
    placed = place(words, [(0.1, 0.3), None, None, (0.5, 0.7)], 1)
    assert placed[1].start == pytest.approx(0.3)
    assert placed[1].end == placed[2].start == pytest.approx(0.4)
    assert placed[2].end == pytest.approx(0.5)


def test_a_word_that_two_methods_find_far_apart_is_taken_from_the_second() -> None:
    found = [(0, 1), (1, 2), (2.6, 2.7), None]
    other = [(0.1, 1), (1.1, 2), (2.1, 3), None]
    assert checked(found, other) == [(0, 1), (1, 2), (2.1, 3), None]


def test_a_second_method_that_went_astray_counts_for_nothing() -> None:
    found = [(0, 1), (1, 2), (2, 3)]
    assert checked(found, [(5, 6), (6, 7), (7, 8)]) == found


def test_a_text_that_is_mostly_not_spoken_takes_no_more_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gala_renderer.transcription.dtw._CELLS_AT_MOST", 100_000)
    spoken = noise(60, 1)
    path = warp(spoken, spoken[1000:5000])
    assert len(path.first) == len(path.last) == 4000
    assert all(one <= other for one, other in zip(path.first, path.last, strict=True))
    assert abs(int(path.first[2000]) - 3000) < 30


def noise(seconds: float, seed: int) -> Features:
    chance = np.random.default_rng(seed)
    rows = np.repeat(chance.normal(size=(round(seconds * 10), 13)), 10, axis=0)
    return rows.astype(np.float32)


def test_a_sound_is_found_in_itself_at_another_speed() -> None:
    spoken = noise(6, 1)
    slower = np.repeat(spoken, 2, axis=0)
    assert warp_times(spoken, slower, [1, 2, 3, 5]) == pytest.approx([2, 4, 6, 10], abs=0.03)


def test_what_lies_before_and_after_is_left_out() -> None:
    spoken = noise(6, 1)
    heard = np.concatenate([noise(4, 2), spoken, noise(3, 3)])
    assert warp_times(spoken, heard, [0.5, 3, 5.5]) == pytest.approx([4.5, 7, 9.5], abs=0.05)


def test_a_long_sound_is_warped_from_coarse_to_fine_as_a_short_one() -> None:
    spoken = noise(60, 1)
    pauses = [np.zeros((150, 13), np.float32)] * 3
    heard = np.concatenate([pauses[0], spoken[:2000], pauses[1], spoken[2000:], pauses[2]])
    found = warp_times(spoken, heard, [10, 30, 50])
    assert found == pytest.approx([11.5, 33, 53], abs=0.05)


def test_a_path_never_goes_back() -> None:
    path = warp(noise(3, 1), noise(4, 2))
    assert all(one <= other for one, other in pairwise(path.last))
    assert path.first[0] >= 0
    assert path.last[-1] == len(noise(3, 1)) - 1


@pytest.mark.parametrize("count", [0, 1, 159, 160, 5000])
def test_any_number_of_samples_has_features(count: int) -> None:
    found = features(np.zeros(count, np.float32))
    assert found.shape[1] == 13
    assert np.isfinite(found).all()
