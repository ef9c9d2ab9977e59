"""What a plan says about the time that rendering takes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.measurements import KnownMeasurements, Media, Size
from gala.timeline.reader import read_timeline
from gala.timeline.render_time import render_seconds
from gala_renderer.engine.film_pace import FilmPace

_FRAME = Format(width=1080, height=1920, fps=30)
_KNOWN = KnownMeasurements(
    {
        "clip": Media(Fraction(12), Size(1280, 720)),
        "photo": Media(None, Size(1280, 720)),
    }
)


def _seconds(
    *elements: dict[str, Any], length: float = 20, pace: float = 1.0, **fields: Any
) -> float:
    clips = [{"clips": [{**one, "duration": "end"}]} for one in elements]
    timeline = read_timeline({"duration": length, "tracks": clips, **fields})
    film = compile_timeline(timeline, _FRAME, _KNOWN)
    return render_seconds(timeline, film, _KNOWN, pace=pace)


VIDEO = {"type": "video", "src": "clip"}
TEXT = {"type": "text", "text": "A title"}


def test_a_film_twice_as_long_takes_about_twice_the_time() -> None:
    assert _seconds(VIDEO, length=40) == pytest.approx(2 * _seconds(VIDEO), rel=0.05)


def test_what_moves_costs_more_than_what_stands() -> None:
    moving = {**TEXT, "keyframes": [{"time": 0, "y": "20%"}, {"time": "100%", "y": "80%"}]}
    assert _seconds(TEXT) < _seconds(moving) < _seconds(moving, VIDEO)


def test_quality_codec_and_size_count() -> None:
    draft, usual, best = (_seconds(VIDEO, quality=q) for q in ("draft", "preview", "production"))
    assert draft < usual < best
    assert _seconds(VIDEO, preview=True) < draft
    assert _seconds(VIDEO, codec="hevc") > 1.5 * usual
    assert _seconds(VIDEO, file_format="jpeg") < 2


def test_only_one_round_of_a_loop_is_encoded() -> None:
    hour = _seconds({**VIDEO, "loop": True}, length=3600)
    assert hour < 3 * _seconds(VIDEO)
    assert _seconds(TEXT, length=3600) < 2 * _seconds(TEXT, length=10)


def test_the_pace_of_the_renderer_multiplies_it() -> None:
    assert _seconds(VIDEO, pace=2) == pytest.approx(2 * _seconds(VIDEO), abs=0.2)


def test_a_renderer_remembers_how_much_longer_its_films_took(tmp_path: Path) -> None:
    path = tmp_path / "film-pace.json"
    pace = FilmPace(path)
    assert pace.current == 1
    pace.record(0.2, estimate=8)
    assert pace.current == 1
    pace.record(20, estimate=10)
    assert pace.current == 2
    pace.record(10, estimate=10)
    assert 1 < pace.current < 2
    assert FilmPace(path).current == pace.current


def test_a_damaged_file_of_the_pace_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "film-pace.json"
    for text in ("", "[]", '{"pace": "x"}', '{"pace": -3}', '{"pace": 1e300}'):
        path.write_text(text)
        assert FilmPace(path).current == 1


def test_a_camera_that_slowly_nears_a_picture_costs_a_fraction() -> None:
    near, away = (
        _seconds({"type": "image", "src": "photo", "motion": {"type": name, "amount": "20%"}})
        for name in ("zoom-in", "zoom-out")
    )
    assert near < 0.4 * away
    fast = {"type": "image", "src": "photo", "motion": {"type": "zoom-in", "amount": "60%"}}
    assert _seconds(fast) == away
