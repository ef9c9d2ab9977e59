"""Parts of a file, in seconds and in frames."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.render_types.cut import CutParams
from gala.render_types.trim import TrimParams
from gala_renderer.cutting.ranges import (
    Frames,
    Span,
    clipped,
    complement,
    shown_seconds,
    single_span,
    whole_frames,
    within_limits,
)
from gala_renderer.probe.media import Media, VideoStream

NTSC = Fraction(30000, 1001)


def film(rate: Fraction = Fraction(30), frames: int = 90) -> Media:
    picture = VideoStream(
        width=320, height=180, rate=rate, frames=frames, seconds=float(frames / rate)
    )
    return Media(path=Path("/in/film.mp4"), demuxer="mov", picture=picture)


def test_cuts_fall_on_the_nearest_frame() -> None:
    assert whole_frames(film(), [Span(0.34, 2.49)]) == [Frames(10, 74)]
    assert whole_frames(film(), [Span(1.0, 2.0)]) == [Frames(30, 59)]


def test_a_part_has_one_frame_at_least_and_none_past_the_end() -> None:
    assert whole_frames(film(), [Span(1.0, 1.001)]) == [Frames(30, 30)]
    assert whole_frames(film(), [Span(2.999, 3.0)]) == [Frames(89, 89)]


def test_frames_of_fractional_rates_are_counted_exactly() -> None:
    (found,) = whole_frames(film(NTSC, 30 * 3600), [Span(3000, 3003)])
    assert found == Frames(89910, 89999)


@pytest.mark.parametrize(("rate", "made"), [("1/2", 1), ("240", 120), ("30", 30)])
def test_a_video_of_a_rate_that_is_not_made_keeps_its_length(rate: str, made: int) -> None:
    slow = film(Fraction(rate), int(4 * Fraction(rate)))
    assert shown_seconds(slow) == 4
    assert whole_frames(slow, [Span(1.0, 3.0)]) == [Frames(made, 3 * made - 1)]


def test_a_start_past_the_end_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="past the end") as caught:
        single_span(film(), 3.0, None, field="params.start")
    assert caught.value.details["field"] == "params.start"
    assert single_span(film(), 1.0, 99.0, field="params.start") == Span(1.0, 3.0)


def test_what_is_removed_leaves_the_rest_in_order() -> None:
    removed = [Span(2.0, 2.5), Span(0.5, 1.0), Span(0.8, 1.2)]
    assert complement(removed, 3.0) == [Span(0.0, 0.5), Span(1.2, 2.0), Span(2.5, 3.0)]
    assert complement([Span(0, 9)], 3.0) == []


def test_ranges_past_the_end_are_cut_off() -> None:
    assert clipped([Span(2.5, 9), Span(5, 9), Span(0, 1)], 3.0) == [Span(2.5, 3.0), Span(0, 1)]


@pytest.mark.parametrize(
    "params",
    [
        {"start": 2, "end": 2},
        {"end": 0},
        {"duration": 0},
        {"end": 2, "duration": 1},
        {"start": "abc"},
        {"start": -1},
        {"start": 1e9},
        {"mode": "roughly"},
    ],
)
def test_impossible_trims_are_refused_before_anything_is_looked_at(params: object) -> None:
    with pytest.raises(ValidationError):
        TrimParams.parse(params)  # type: ignore[arg-type]


@pytest.mark.parametrize("ranges", [[], [{"start": 2, "end": 1}], [{}] * 501, [{"from": 1}]])
def test_impossible_ranges_are_refused(ranges: object) -> None:
    with pytest.raises(ValidationError):
        CutParams.parse({"ranges": ranges})


def test_a_result_of_more_than_four_hours_is_refused_by_its_field() -> None:
    within_limits(4 * 3600.0, "params.ranges")
    with pytest.raises(InvalidRequest, match=r"params\.ranges: .* longer than 4 hours"):
        within_limits(4 * 3600.1, "params.ranges")
