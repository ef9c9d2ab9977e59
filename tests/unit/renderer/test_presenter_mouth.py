"""The mouth of presenters follows the phonemes of the engines."""

# ruff: noqa: RUF001 - the IPA's own letters

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from gala_renderer.avatars.motion.loudness import Loudness
from gala_renderer.avatars.motion.sounds import sounds_of
from gala_renderer.avatars.motion.tracks import audio_motion, speech_motion
from gala_renderer.avatars.motion.visemes import Viseme
from gala_renderer.avatars.pose import MotionTrack
from gala_renderer.speech.words import Phoneme, Word

RATES = [
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60),
]
LIPS = [
    "m ˈa m a",
    "k ˈo m p ɾ a",
    "ˈo m b ɾ e",
    "t ɾ ˈa m p a",
    "p ˈa p a",
    "ɪ m p ˈɔː ɹ t ə n t",
    "p ˈɑ p m ˈæ n",
    "b ˈʌ b əl",
    "ɹ ˈɪ ð m",
    "s ˈɪ m p əl",
    "pʰ ˈu mʲ i bʰ aː",
    "pf ˈa n",
]


def word(symbols: str, *, start: float = 0.4, each: float = 0.08, text: str = "word") -> Word:
    """Return a word whose phonemes all have the same duration in seconds."""
    parts = symbols.split()
    edges = [start + index * each for index in range(len(parts) + 1)]
    return Word(text, start, edges[-1], tuple(map(Phoneme, parts, edges, edges[1:])))


def spoken(*words: Word, fps: Fraction = Fraction(60), seconds: float | None = None) -> MotionTrack:
    length = seconds or max(each.end for each in words) + 0.6
    return speech_motion(words, seconds=length, fps=fps, seed=1)


def during(track: MotionTrack, name: str, start: float, end: float) -> Sequence[float]:
    """Return the values of the frames whose middle is in the given time."""
    middles = (np.arange(len(track)) + 0.5) / float(track.fps)
    values: list[float] = track.curve(name)[(middles >= start) & (middles <= end)].tolist()
    return values


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("speed", [0.7, 1.3, 2.0, 3.0])
def test_lips_shut_fully_on_every_m_b_and_p(speed: float, fps: Fraction) -> None:
    for symbols in LIPS:
        each = 0.075 / speed
        said = word(symbols, each=each)
        track = spoken(said, fps=fps)
        # The closure of a very short sound may begin before it.
        margin = max(0.0, 0.05 - each) / 2
        for sound in said.phonemes:
            if set(sound.symbol) & set("mbp"):
                end = sound.end if sound.symbol != "pf" else sound.start + each / 2
                around = during(track, "shut", sound.start - margin - 0.01, end + margin + 0.01)
                assert max(around) > 0.999, (symbols, sound, around)


@pytest.mark.parametrize("fps", RATES)
def test_the_lower_lip_reaches_the_teeth_on_every_f_and_v(fps: Fraction) -> None:
    for each in (0.03, 0.08, 0.12):
        said = word("k a f e v i f", each=each)
        track = spoken(said, fps=fps)
        for sound in said.phonemes:
            if sound.symbol in "fv":
                around = during(track, "lip_to_teeth", sound.start - 0.03, sound.end + 0.03)
                assert max(around) > 0.98
                assert min(during(track, "shut", sound.start - 0.03, sound.end + 0.03)) < 0.1


def test_closures_are_seen_at_low_frame_rates_too() -> None:
    said = word("k a m a f a", each=0.1)
    track = spoken(said, fps=Fraction(10))
    assert max(during(track, "shut", 0.58, 0.72)) > 0.999
    assert max(during(track, "lip_to_teeth", 0.78, 0.92)) > 0.98


def test_silence_is_a_shut_mouth_and_short_gaps_are_not() -> None:
    first, close, later = (
        word("l a", start=0.5),
        word("l a", start=0.76),
        word("l a", start=1.5),
    )
    track = spoken(first, close, later, seconds=2.6)
    for start, end in ((0.0, 0.4), (1.05, 1.38), (1.75, 2.6)):
        assert min(during(track, "shut", start, end)) > 0.999
        assert max(during(track, "jaw", start, end)) < 0.001
    assert max(during(track, "shut", 0.58, 0.84)) < 0.05


@pytest.mark.parametrize("symbols", ["ʌ p", "ɪ m", "w p", "f m", "ʌ", "m", "ˈ"])
@pytest.mark.parametrize("each", [0.0, 0.02, 0.05])
def test_recordings_may_begin_with_their_first_sound(symbols: str, each: float) -> None:
    track = spoken(word(symbols, start=0.0, each=each), seconds=0.5)
    assert track.values.shape[0] == 30
    assert np.isfinite(track.values).all()


def test_the_mouth_is_open_between_two_closures_of_quick_speech() -> None:
    said = word("m a m a m a", each=0.06)
    track = spoken(said)
    for vowel in said.phonemes[1:-1:2]:
        assert min(during(track, "shut", vowel.start, vowel.end)) < 0.25
        assert max(during(track, "jaw", vowel.start, vowel.end)) > 0.2


def test_open_vowels_open_the_jaw_wider() -> None:
    def opening(vowel: str) -> float:
        track = spoken(word(f"t {vowel} t", each=0.1))
        return max(during(track, "jaw", 0.5, 0.6))

    order = ["a", "ɛ", "e", "i"]
    jaws = [opening(vowel) for vowel in order]
    assert jaws == sorted(jaws, reverse=True)
    assert jaws[0] > 1.3 * jaws[2] > 1.6 * jaws[3]
    assert opening("ˈa") > opening("ˈə")


def test_stressed_vowels_open_wider_than_others() -> None:
    track = spoken(word("t a t ˈa t", each=0.1))
    assert max(during(track, "jaw", 0.7, 0.8)) > 1.1 * max(during(track, "jaw", 0.5, 0.6))


def test_sibilants_close_the_jaw_between_open_vowels() -> None:
    for symbol in ("s", "ʃ", "z", "ts", "tʃ", "ɕ"):
        track = spoken(word(f"a {symbol} a", each=0.1))
        assert min(during(track, "jaw", 0.5, 0.6)) < 0.22


def test_rounding_begins_before_the_vowel_and_passes_through_tongue_sounds() -> None:
    track = spoken(word("a t u", each=0.09))
    assert during(track, "round", 0.49, 0.52)[0] > 0.25
    assert max(during(track, "round", 0.55, 0.66)) > 0.85
    spread = spoken(word("i t i", each=0.09))
    assert min(during(spread, "spread", 0.45, 0.6)) > 0.6


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(60)])
def test_curves_of_the_mouth_have_a_limited_speed(fps: Fraction) -> None:
    track = spoken(*(word(symbols, start=0.4 + 0.6 * i) for i, symbols in enumerate(LIPS)), fps=fps)
    for name, fastest in (("jaw", 20), ("spread", 14), ("round", 14), ("tongue", 20), ("shut", 55)):
        change = np.abs(np.diff(track.curve(name))).max()
        assert change * float(fps) <= fastest, name


def test_the_mouth_does_not_chatter() -> None:
    """Between two vowels the jaw has one valley."""
    track = spoken(word("a t a k a l a n a", each=0.09))
    jaw = np.array(during(track, "jaw", 0.44, 1.16))
    turns = np.count_nonzero(np.diff(np.sign(np.diff(jaw))))
    assert turns <= 9


def test_every_symbol_has_sounds_that_fill_its_time() -> None:
    symbols = "aɪ tʃʲ ɐ̃ʊ̃ ts.h e- ˈʔe ɯᵝ dʒː ɚ↗ ꭧʰ r̝̊ pf ˈonɡ əl n̩ ɓ ȵ ᶑ ʬ ख 한 Ω X 你"
    for symbol in symbols.split():
        assert sum(share for _, share in sounds_of(symbol)) == pytest.approx(1.0), symbol


def test_unknown_letters_have_the_class_of_the_letter_they_derive_from() -> None:
    assert [sounds_of(letter)[0][0].viseme for letter in "ᵽⱱṁç"] == [
        Viseme.PP, Viseme.FF, Viseme.PP, Viseme.IH,
    ]  # fmt: skip
    assert not sounds_of("ˌ")
    assert not sounds_of("ː-.")
    spoken(word("ˌ 𝔘 \u0301 \ud800 7 ? ˈʘ"))


def test_words_without_phonemes_move_by_their_letters() -> None:
    track = spoken(Word("mamá", 0.4, 0.9), Word("世界", 0.9, 1.3), Word("—", 1.3, 1.4))
    assert max(during(track, "shut", 0.65, 0.78)) > 0.999
    assert max(during(track, "jaw", 0.78, 0.9)) > 0.4
    assert max(during(track, "jaw", 0.95, 1.3)) > 0.1


def test_silence_that_belongs_to_a_phoneme_shuts_the_mouth_if_the_sound_is_known() -> None:
    said = word("l a s i", each=0.15)
    said = Word("las", 0.4, 1.8, (*said.phonemes[:3], Phoneme("i", 0.85, 1.4)))
    rate = 8000
    sound = np.zeros(rate * 2, np.float32)
    sound[int(0.4 * rate) : int(1.0 * rate)] = 0.3
    track = speech_motion(
        [said], seconds=2.0, fps=Fraction(30), seed=0, loudness=Loudness.measured(sound, rate)
    )
    assert min(during(track, "shut", 1.1, 2.0)) > 0.999


def test_loud_vowels_open_wider() -> None:
    rate = 8000
    loud = np.sin(np.arange(rate * 2) * 0.2).astype(np.float32)
    loud[rate:] *= 0.08
    words = [word("l a l a", start=0.3), word("l a l a", start=1.3)]
    measured = Loudness.measured(loud, rate)
    track = speech_motion(words, seconds=2.0, fps=Fraction(30), seed=0, loudness=measured)
    assert max(during(track, "jaw", 0.3, 0.8)) > 1.2 * max(during(track, "jaw", 1.3, 1.8))


def test_a_voice_without_words_opens_the_mouth_and_silence_shuts_it() -> None:
    rate = 8000
    now = np.arange(rate * 2) / rate
    sound = (0.3 * np.sin(2 * np.pi * 700 * now)).astype(np.float32)
    sound[(now > 0.8) & (now < 1.3)] = 0.0
    measured = Loudness.measured(sound, rate)
    track = audio_motion(measured, seconds=2.0, fps=Fraction(30), seed=0)
    assert len(track) == 60
    assert min(during(track, "jaw", 0.2, 0.7)) > 0.4
    assert min(during(track, "shut", 0.9, 1.22)) > 0.999
    assert max(during(track, "jaw", 0.9, 1.2)) < 0.001
    nothing = Loudness.measured(np.zeros(rate, np.float32), rate)
    silent = audio_motion(nothing, seconds=1.0, fps=Fraction(30), seed=0)
    assert silent.curve("shut").min() == 1.0


@pytest.mark.parametrize("sizes", [(1, 2, 79, 80, 81, 4000), (7993,), (0, 8000)])
def test_loudness_is_the_same_in_blocks(sizes: Sequence[int]) -> None:
    sound = np.random.default_rng(1).uniform(-1, 1, 8000).astype(np.float32)
    blocks = np.split(sound, np.cumsum(sizes))
    whole, parts = Loudness.measured(sound, 8000), Loudness.of_blocks(blocks, 8000)
    assert whole.frequencies is not None
    assert parts.frequencies is not None
    assert np.array_equal(whole.values, parts.values)
    assert np.array_equal(whole.frequencies, parts.frequencies)


@pytest.mark.parametrize("count", [0, 1, 79])
def test_the_shortest_sounds_have_a_loudness(count: int) -> None:
    loudness = Loudness.measured(np.full(count, 0.5, np.float32), 8000)
    assert len(loudness.values) == min(1, count)
    assert np.isfinite(audio_motion(loudness, seconds=0.1, fps=Fraction(30), seed=0).values).all()
