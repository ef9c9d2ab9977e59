"""Films of parts that play backwards, repeat, or are held: which frames and sounds are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.media_files import make
from tests.support.clock_video import HEIGHT, RATE, WIDTH, Seen, make_clock_video, watch
from tests.support.engine import EngineHarness
from tests.support.films import frames_of, is_near


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


PRORES = ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")
VP9 = ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p")


@pytest.mark.parametrize(("suffix", "codec"), [("mov", PRORES), ("webm", VP9)])
@pytest.mark.parametrize(
    ("played", "colours"),
    [
        ({"loop": True, "duration": 1.5}, "rrrrrgggggrrrrr"),
        ({"loop": True, "trim": {"start": 0.3}, "duration": 1.5}, "rrgggggrrgggggr"),
        ({"reverse": True}, "gggggrrrrr"),
    ],
    ids=["repeats", "repeats in part", "backwards"],
)
def test_what_is_transparent_stays_so_when_it_repeats_or_plays_backwards(
    engine: EngineHarness,
    tmp_path: Path,
    suffix: str,
    codec: tuple[str, ...],
    played: dict[str, Any],
    colours: str,
) -> None:
    halves = (f"color={color}:s=80x40:r=10:d=0.5,format=yuva444p" for color in ("red", "lime"))
    inputs = [word for half in halves for word in ("-f", "lavfi", "-i", half)]
    clear = "geq=lum=lum(X\\,Y):cb=cb(X\\,Y):cr=cr(X\\,Y):a=255*lt(X\\,40)"
    graph = f"[0][1]concat=n=2,{clear}"
    sticker = make(tmp_path / f"sticker.{suffix}", *inputs, "-filter_complex", graph, *codec)
    clip = {"type": "video", "src": "sticker", **played}
    params = {"background": "white", "quality": "draft", "tracks": [{"clips": [clip]}]}
    made = engine.make("timeline", params, size=(80, 40, 10), media=[sticker])
    assert not made.logs
    film = frames_of(made.path("video"))
    assert "".join("r" if frame[20, 20, 0] > 128 else "g" for frame in film) == colours
    assert all(is_near(frame[20, 60], (255, 255, 255)) for frame in film)
