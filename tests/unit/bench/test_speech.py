"""The speech benchmark counts decodable sound, not headers."""

from __future__ import annotations

import io
import wave

import pytest

from bench import speech
from bench.speech import CHARACTERS, TEXT, Row, Timing


def recording(seconds: float) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(b"\x01\x00" * round(24_000 * seconds))
    return written.getvalue()


def test_the_first_sound_is_when_samples_have_come() -> None:
    sound = recording(2)
    came = [(0.1, sound[:20]), (0.2, sound[20:44]), (0.3, sound[44:9000]), (0.9, sound[9000:])]
    assert speech._first_sound(came, "wav") == 0.3
    assert speech._lasts(sound, "wav") == pytest.approx(2)
    with pytest.raises(RuntimeError, match="this wav contains no sound"):
        speech._first_sound(came[:2], "wav")


def test_raw_samples_are_sound_from_the_first_one_on() -> None:
    assert speech._first_sound([(0.1, b"\x01"), (0.2, b"\x00")], "pcm") == 0.2
    assert speech._lasts(b"\x01\x00" * 24_000, "pcm") == 1


def test_a_ratio_is_the_median_of_ratios() -> None:
    row = Row("espeak", "mp3", "warm", [Timing(0, sound, 10, 1) for sound in (1, 2, 9)])
    assert row.ratio == 0.2
    assert row.typical("sound") == 2


def test_with_the_first_sound_alone_the_aim_is_one_of_seconds() -> None:
    row = Row("kokoro", "mp3", "warm", [Timing(0, 1.4)])
    assert (row.ratio, row.typical("whole"), row.met) == (None, None, True)
    assert Row("kokoro", "mp3", "warm", [Timing(0, 1.6)]).met is False
    assert Row("kokoro", "mp3", "cold", [Timing(0, 9)]).met is None


def test_the_text_has_the_length_that_it_is_said_to_have() -> None:
    assert len(TEXT) == CHARACTERS
