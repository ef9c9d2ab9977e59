"""The audio filters, by their arguments; nothing is run."""

from __future__ import annotations

import re
from typing import Any

import ffmpeg
import pytest

from gala_renderer.ffmpeg import audio_filters
from gala_renderer.probe.media import AudioStream


def source(name: str = "a.wav") -> Any:
    return ffmpeg.input(name).audio


def graph(stream: Any) -> str:
    arguments = ffmpeg.output(stream, "out.wav").get_args()
    if "-filter_complex" not in arguments:
        return ""
    return str(arguments[arguments.index("-filter_complex") + 1])


def filters(stream: Any) -> list[str]:
    """Return the filters of the chain in order, with their options."""
    return [re.sub(r"\[\w+(:a)?\]", "", part) for part in graph(stream).split(";") if part]


def test_stereo_needs_no_limiter_and_mono_is_laid_on_both_sides() -> None:
    assert not any(
        "alimiter" in f
        for f in filters(audio_filters.stereo(source(), AudioStream(rate=8, channels=2)))
    )
    mono = filters(audio_filters.stereo(source(), AudioStream(rate=8000, channels=1)))
    assert mono[-1] == "volume=1.41421356"


@pytest.mark.parametrize("channels", [3, 6, 8])
def test_what_is_mixed_down_is_limited(channels: int) -> None:
    down = filters(audio_filters.stereo(source(), AudioStream(rate=48000, channels=channels)))
    assert down[-1].startswith("alimiter=")


def test_no_gain_no_fade_no_delay_and_no_tempo_cost_nothing() -> None:
    same = source()
    assert audio_filters.gained(same, 0) is same
    assert audio_filters.faded(same, fade_in=0, fade_out=0, seconds=3) is same
    assert audio_filters.delayed(same, 0) is same
    assert audio_filters.at_tempo(same, 1) is same
    assert audio_filters.joined([same]) is same
    assert audio_filters.mixed([same]) is same


@pytest.mark.parametrize(
    ("factor", "steps"),
    [
        (1.5, ["atempo=1.500000"]),
        (2, ["atempo=2.000000"]),
        (6, ["atempo=2.0", "atempo=2.0", "atempo=1.500000"]),
        (0.3, ["atempo=0.5", "atempo=0.600000"]),
    ],
)
def test_a_large_change_of_tempo_is_made_in_steps(factor: float, steps: list[str]) -> None:
    assert filters(audio_filters.at_tempo(source(), factor)) == steps


def test_fades_never_overlap() -> None:
    fades = filters(audio_filters.faded(source(), fade_in=9, fade_out=9, seconds=4))
    assert fades == ["afade=d=2.000000:type=in", "afade=d=2.000000:st=2.000000:type=out"]


def test_voices_keep_their_level_in_a_mix() -> None:
    mix = graph(audio_filters.mixed([source("a"), source("b"), source("c")]))
    assert "inputs=3:normalize=0" in mix
    assert mix.count("alimiter") == 1


def test_music_that_must_not_duck_is_left_alone() -> None:
    music, voice = source("music"), source("voice")
    assert audio_filters.ducked(music, voice, 0) == (music, voice)


def test_ducking_is_bounded() -> None:
    deepest, further = (
        graph(audio_filters.music_under(source("voice"), source("music"), duck_db=db))
        for db in (60, 400)
    )
    assert deepest == further
