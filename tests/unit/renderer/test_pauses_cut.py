"""The parts that remain when pauses are shortened, and their joins."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from gala_renderer.cutting.pauses import kept_spans
from gala_renderer.cutting.pcm_splice import SpliceCancelled, splice

RATE = 8000


@pytest.mark.parametrize(
    ("silences", "expected"),
    [
        ([], ((0, 10),)),
        ([(2, 2.4)], ((0, 10),)),
        ([(2, 4)], ((0, 2.25), (3.75, 10))),
        ([(2, 4), (5, 8)], ((0, 2.25), (3.75, 5.25), (7.75, 10))),
        ([(0, 3)], ((0, 0.25), (2.75, 10))),
        ([(7, 10)], ((0, 7.25), (9.75, 10))),
    ],
)
def test_a_long_pause_is_cut_in_its_middle(
    silences: list[tuple[float, float]], expected: tuple[tuple[float, float], ...]
) -> None:
    assert kept_spans(silences, 10, max_pause=0.5) == expected


def test_silence_at_the_ends_goes_but_for_a_breath() -> None:
    spans = kept_spans([(0, 3), (7, 10)], 10, max_pause=0.5, breath=0.1, trim_ends=True)
    assert spans == ((2.9, 7.1),)


def test_a_breath_is_kept_even_if_the_pause_gets_longer_than_asked() -> None:
    assert kept_spans([(2, 4)], 10, max_pause=0, breath=0.2) == ((0, 2.2), (3.8, 10))


def test_nothing_remains_of_silence() -> None:
    assert kept_spans([(0, 10)], 10, max_pause=0.5, trim_ends=True) == ()


def test_what_is_told_beyond_the_sounds_end_does_not_matter() -> None:
    assert kept_spans([(8, 10.02)], 10, max_pause=0.5, breath=0.1, trim_ends=True) == ((0, 8.1),)


def raw(folder: Path, samples: object) -> Path:
    path = folder / "whole.raw"
    path.write_bytes(np.asarray(samples, "<f4").tobytes())
    return path


def spliced(folder: Path, samples: object, spans: list[tuple[float, float]]) -> object:
    target = folder / "short.raw"
    splice(
        raw(folder, samples),
        target,
        spans,
        rate=RATE,
        channels=1,
        report=lambda _: None,
        stop=threading.Event(),
    )
    return np.frombuffer(target.read_bytes(), "<f4")


def test_fifty_joins_neither_drift_nor_click(tmp_path: Path) -> None:
    time = np.arange(60 * RATE) / RATE
    spans = [(at + 0.1, at + 0.8331) for at in range(50)]
    short = spliced(tmp_path, 0.5 * np.sin(2 * np.pi * 97.3 * time), spans)
    frames = [round(end * RATE) - round(start * RATE) for start, end in spans]
    assert len(short) == sum(frames)  # type: ignore[arg-type]
    # Within a join, two tones of half a step each at most, and the fade between them.
    step = 0.5 * 2 * np.pi * 97.3 / RATE
    assert np.abs(np.diff(short)).max() < step + 2 * 0.5 / (0.008 * RATE) * np.pi / 2  # type: ignore[arg-type]


def test_what_is_not_at_a_join_stays_as_it_was(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).normal(0, 0.1, 2 * RATE).astype("<f4")
    short = spliced(tmp_path, samples, [(0, 0.5), (1, 1.5)])
    assert np.array_equal(short[: RATE // 2], samples[: RATE // 2])  # type: ignore[index]
    assert np.array_equal(  # type: ignore[index]
        short[RATE // 2 + 64 :], samples[RATE + 64 : RATE + RATE // 2]
    )


def test_splicing_stops_when_told_to(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(SpliceCancelled):
        splice(
            raw(tmp_path, np.zeros(RATE)),
            tmp_path / "short.raw",
            [(0, 1)],
            rate=RATE,
            channels=1,
            report=lambda _: None,
            stop=stop,
        )
