"""Films of parts that play backwards, repeat, or are held: which frames and sounds are there."""

from __future__ import annotations

import pytest

from tests.support.clock_video import HEIGHT, RATE, WIDTH, Seen, make_clock_video, watch
from tests.support.engine import EngineHarness


@pytest.fixture(scope="module")
def film(engine: EngineHarness, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """A second backwards; a part of 0.4 s, 2.5 times as fast, five times; the part backwards."""
    clock = make_clock_video(tmp_path_factory.mktemp("clock") / "clock.mp4")
    clip = {"type": "video", "src": "clock", "duck_db": 0}
    params = {
        "quality": "draft",
        "tracks": [
            {
                "clips": [
                    {**clip, "trim": {"start": 1, "end": 2}, "reverse": True},
                    {**clip, "trim": {"start": 2, "end": 3}, "speed": 2.5, "loop": True,
                     "duration": 2},
                    {**clip, "trim": {"start": 4, "end": 4.4}, "loop": True, "reverse": True,
                     "duration": 1},
                ]
            }
        ],
    }  # fmt: skip
    made = engine.make("timeline", params, size=(WIDTH, HEIGHT, RATE), media=[clock])
    return watch(made.path("video"))


def test_a_part_plays_backwards(film: Seen) -> None:
    assert film.numbers[:30] == list(range(59, 29, -1))


def test_a_part_repeats_at_its_speed(film: Seen) -> None:
    numbers = film.numbers[30:90]
    assert numbers[:12] == numbers[12:24] == numbers[48:]
    expected = [60 + at * 2.5 for at in range(12)]
    assert all(abs(a - b) <= 1 for a, b in zip(numbers[:12], expected, strict=True))


def test_a_part_repeats_backwards(film: Seen) -> None:
    numbers = film.numbers[90:]
    once = list(range(131, 119, -1))
    assert numbers == [*once, *once, *once[:6]]


def test_the_sound_goes_the_same_way(film: Seen) -> None:
    # Beeps of 0.1 s at 1.5 and 2.5 s of the file; backwards the first ends at 0.4 s.
    assert film.beeps[0] == pytest.approx(0.4, abs=0.03)
    # From 1 s on, at 0.2 s of each 0.4 s.
    assert film.beeps[1:] == pytest.approx([1.2, 1.6, 2.0, 2.4, 2.8], abs=0.04)
