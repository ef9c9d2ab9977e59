"""Parsing of FFmpeg's loudness summary, and the levelling that follows."""

from __future__ import annotations

import ffmpeg
import pytest

from gala_renderer.ffmpeg.loudness import Levelling, Loudness, meter, parse_summary

SUMMARY = """
[Parsed_ebur128_0 @ 0x55] Summary:

  Integrated loudness:
    I:         {lufs} LUFS
    Threshold: -33.5 LUFS

  True peak:
    Peak:       {peak} dBFS
"""


@pytest.mark.parametrize(
    ("lufs", "peak", "expected"),
    [
        ("-23.4", "-1.2", Loudness(-23.4, -1.2)),
        ("-70.0", "-inf", Loudness(None, float("-inf"))),
    ],
)
def test_the_summary_is_understood(lufs: str, peak: str, expected: Loudness) -> None:
    assert parse_summary(SUMMARY.format(lufs=lufs, peak=peak)) == expected


def test_no_summary_is_nothing_heard() -> None:
    assert parse_summary("").lufs is None


def source() -> object:
    return ffmpeg.input("a.wav").audio


def graph(arguments: tuple[str, ...]) -> str:
    return arguments[arguments.index("-filter_complex") + 1]


def test_a_sound_too_short_to_measure_is_measured_as_if_repeated() -> None:
    assert "aloop" in graph(meter(source(), seconds=0.3))
    assert "aloop" not in graph(meter(source(), seconds=30))


def test_peaks_that_fit_cost_no_limiter() -> None:
    plain = Levelling(3.0, None, -16).apply(source(), rate=48_000)
    limited = Levelling(3.0, -1.0, -16).apply(source(), rate=48_000)
    assert "alimiter" not in graph(meter(plain, seconds=9))
    assert "aresample=192000" in graph(meter(limited, seconds=9))
