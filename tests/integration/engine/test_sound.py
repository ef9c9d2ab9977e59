"""The audio filters: rendered by FFmpeg and measured sample by sample."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any, TypeAlias

import ffmpeg
import numpy as np
import numpy.typing as npt
import pytest

from gala_renderer.ffmpeg import audio_filters
from gala_renderer.probe.media import AudioStream
from tests.fakes.media_files import make

Samples: TypeAlias = npt.NDArray[np.float64]

RATE = 48_000
MONO = AudioStream(rate=44_100, channels=1)
SURROUND = AudioStream(rate=48_000, channels=6)
# Noise in syllables, from 1.0 to 2.5 seconds.
VOICE = (
    "anoisesrc=d=3:c=pink:a={level}:r=24000:seed=1,"
    "volume='if(between(t,1,2.5)*lt(mod(t,0.5),0.35),1,0)':eval=frame"
)


def drawn(what: str) -> Any:
    return ffmpeg.input(what, f="lavfi").audio


def tone(frequency: int, seconds: float, rate: int = 44_100) -> Any:
    return audio_filters.stereo(drawn(f"sine=f={frequency}:d={seconds}:r={rate}"), MONO)


def heard(stream: Any, folder: Path) -> Samples:
    """Return the stream's samples between -1 and 1, a column per channel."""
    target = folder / "heard.wav"
    arguments = ffmpeg.output(stream, str(target), **{"c:a": "pcm_s16le"}).get_args()
    make(target, *arguments[:-1])
    with wave.open(str(target)) as file:
        assert file.getframerate() == RATE
        raw = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return raw.reshape(-1, file.getnchannels()) / 32768


def level(samples: Samples, start: float, end: float) -> float:
    """Return the RMS level in decibels between two times."""
    part = samples[round(start * RATE) : round(end * RATE)]
    return float(20 * np.log10(np.sqrt(np.mean(part**2)) + 1e-9))


def test_mono_keeps_its_level_on_both_sides(tmp_path: Path) -> None:
    samples = heard(tone(440, 1), tmp_path)
    assert samples.shape == (RATE, 2)
    # FFmpeg's tone has an amplitude of one eighth.
    assert level(samples, 0.1, 0.9) == pytest.approx(20 * np.log10(0.125 / np.sqrt(2)), abs=0.02)


def test_a_gain_after_mono_counts_once(tmp_path: Path) -> None:
    louder = level(heard(audio_filters.gained(tone(440, 1), 6), tmp_path), 0.1, 0.9)
    assert louder == pytest.approx(level(heard(tone(440, 1), tmp_path), 0.1, 0.9) + 6, abs=0.02)


@pytest.mark.parametrize(
    ("channel", "left", "right"),
    [("FL", 0, None), ("FC", -3, -3), ("BL", -3, None), ("LFE", None, None)],
)
def test_surround_is_mixed_down_as_the_standard_says(
    tmp_path: Path, channel: str, left: float | None, right: float | None
) -> None:
    source = f"aevalsrc=0.5*sin(440*2*PI*t):d=1:s=48000,pan=5.1|{channel}=c0,aformat=s16"
    samples = heard(audio_filters.stereo(drawn(source), SURROUND), tmp_path)
    for side, expected in ((0, left), (1, right)):
        measured = level(samples[:, side], 0.1, 0.9) - 20 * np.log10(0.5 / np.sqrt(2))
        if expected is None:
            assert measured < -90
        else:
            assert measured == pytest.approx(expected, abs=0.05)


def test_loud_surround_does_not_clip(tmp_path: Path) -> None:
    loud = "sine=f=440:d=1:r=48000,volume=18dB,pan=5.1|FL=c0|FR=c0|FC=c0|BL=c0|BR=c0"
    samples = heard(audio_filters.stereo(drawn(loud), SURROUND), tmp_path)
    assert np.abs(samples).max() == pytest.approx(10 ** (audio_filters.PEAK_DB / 20), abs=0.001)


@pytest.mark.parametrize("seconds", [0.4, 2.345678])
def test_a_sound_is_fitted_to_the_sample(tmp_path: Path, seconds: float) -> None:
    assert len(heard(audio_filters.fitted(tone(440, 1), seconds), tmp_path)) == round(
        seconds * RATE
    )


def test_a_sound_repeats_without_a_gap(tmp_path: Path) -> None:
    samples = heard(audio_filters.repeated(tone(441, 1, RATE), 3.5), tmp_path)
    assert len(samples) == 3.5 * RATE
    assert np.abs(np.diff(samples[:, 0])).max() < 2 * np.pi * 441 / RATE * 0.126


def test_a_sound_is_delayed_to_the_sample(tmp_path: Path) -> None:
    samples = heard(audio_filters.delayed(tone(440, 1), 0.25), tmp_path)
    assert len(samples) == 1.25 * RATE
    assert np.flatnonzero(np.abs(samples[:, 0]) > 1e-3)[0] - 0.25 * RATE < 10


def test_what_is_added_up_does_not_clip_and_what_is_soft_stays_as_it_is(tmp_path: Path) -> None:
    both = [audio_filters.gained(tone(440, 1), 18), audio_filters.gained(tone(550, 2), 18)]
    samples = heard(audio_filters.mixed(both), tmp_path)
    assert len(samples) == 2 * RATE
    assert np.abs(samples).max() <= 10 ** (audio_filters.PEAK_DB / 20) + 0.001
    alone = heard(audio_filters.gained(tone(550, 2), -12), tmp_path)
    limited = heard(audio_filters.limited(audio_filters.gained(tone(550, 2), -12)), tmp_path)
    assert np.array_equal(limited, alone)


def test_peaks_between_the_samples_are_limited_too(tmp_path: Path) -> None:
    # A quarter of the rate, out of phase: each sample is 3 dB below the true peak.
    between = drawn("aevalsrc=sin(2*PI*12000*t+PI/4):d=1:s=48000")
    loud = audio_filters.stereo(between, AudioStream(rate=RATE, channels=1))
    kept = heard(audio_filters.true_peak_limited(loud, peak_db=-6), tmp_path)
    assert np.abs(kept[4800:-4800]).max() == pytest.approx(10 ** (-9 / 20), abs=0.01)


@pytest.mark.parametrize("db", [6, 12, 20])
@pytest.mark.parametrize("loudness", [0.5, 0.05])
def test_music_falls_under_speech_by_just_what_was_asked(
    tmp_path: Path, db: float, loudness: float
) -> None:
    voice = audio_filters.stereo(
        drawn(VOICE.format(level=loudness)), AudioStream(rate=24_000, channels=1)
    )
    music, spoken = audio_filters.ducked(tone(1000, 6), voice, db)
    # The voice is not part of the measured signal.
    samples = heard(audio_filters.mixed([music, audio_filters.gained(spoken, -200)]), tmp_path)
    before, under, after = level(samples, 0, 0.6), level(samples, 1.6, 2.2), level(samples, 5, 6)
    assert under == pytest.approx(before - db, abs=0.2)
    assert after == pytest.approx(before, abs=0.1)
    assert len(samples) == 6 * RATE


def test_music_is_down_when_the_first_word_begins_and_stays_between_words(tmp_path: Path) -> None:
    voice = audio_filters.stereo(
        drawn(VOICE.format(level=0.4)), AudioStream(rate=24_000, channels=1)
    )
    music, spoken = audio_filters.ducked(tone(1000, 6), voice, 12)
    samples = heard(audio_filters.mixed([music, audio_filters.gained(spoken, -200)]), tmp_path)
    loudest = level(samples, 0, 0.6)
    assert level(samples, 1.0, 1.1) < loudest - 9
    steps = [level(samples, at, at + 0.1) for at in np.arange(1.3, 2.5, 0.1)]
    assert max(steps) - min(steps) < 1.5


def test_ducking_makes_no_click(tmp_path: Path) -> None:
    voice = audio_filters.stereo(
        drawn(VOICE.format(level=0.4)), AudioStream(rate=24_000, channels=1)
    )
    music, spoken = audio_filters.ducked(tone(1000, 6), voice, 20)
    samples = heard(audio_filters.mixed([music, audio_filters.gained(spoken, -200)]), tmp_path)
    plain = heard(tone(1000, 6), tmp_path)
    assert np.abs(np.diff(samples[:, 0])).max() <= np.abs(np.diff(plain[:, 0])).max() + 0.001
