"""Timecodes with frames mean the frames of the film, at any rate, in every field with a time."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from gala.errors import InvalidRequest
from gala.media import Format
from gala.render_types.timeline import TimelineJobParams
from gala.templates.filling import (
    Composition,
    InvalidComposition,
    Setting,
    check_composition,
    fill,
)
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.document.times import parse_time, time_in_film
from gala.timeline.exchange.rates import EditRate
from gala.timeline.measurements import KnownMeasurements, Media, Size
from gala.timeline.problems import InvalidTimeline
from gala.timeline.reader import read_timeline

MEASURED = KnownMeasurements({"a.mp4": Media(Fraction(10), Size(64, 64))})


def frame_at(fps: int) -> Format:
    return Format(width=64, height=64, fps=fps)


def compiled(composition: dict[str, Any], fps: int) -> CompiledTimeline:
    return compile_timeline(read_timeline(composition, fps), frame_at(fps), MEASURED)


def clips(*given: dict[str, Any]) -> dict[str, Any]:
    return {"tracks": [{"clips": list(given)}]}


@pytest.mark.parametrize("fps", [1, 24, 25, 30, 50, 60, 120])
def test_every_frame_of_a_rate_starts_exactly_where_its_timecode_says(fps: int) -> None:
    for frame in range(fps):
        clip = {"type": "shape", "start": f"11:59:58:{frame:02d}", "duration": "00:00:01:00"}
        [layer] = compiled({**clips(clip), "duration": "12:00:00:00"}, fps).layers
        seconds = (11 * 60 + 59) * 60 + 58
        assert layer.start == seconds + Fraction(frame, fps)
        assert (layer.first_frame, layer.end_frame) == (
            seconds * fps + frame, (seconds + 1) * fps + frame,
        )  # fmt: skip


def test_five_hundred_clips_of_ten_frames_end_with_their_last_frame() -> None:
    clip = {"type": "shape", "duration": "00:00:00:10"}
    film = compiled(clips(*[clip] * 500), 30)
    assert (film.length, film.frames) == (Fraction(500, 3), 5000)


def test_a_timecode_is_kept_exactly_in_what_a_job_stores() -> None:
    params = TimelineJobParams.parse(clips({"type": "shape", "duration": "00:00:00:07"}), 24)
    stored = params.model_dump(mode="json", exclude_unset=True)
    again = TimelineJobParams.parse(stored, 30)
    assert compile_timeline(again, frame_at(24), MEASURED).length == Fraction(7, 24)


def test_the_rate_is_that_of_the_film() -> None:
    film = clips({"type": "shape", "duration": "00:00:01:45"})
    assert compiled(film, 60).length == Fraction(7, 4)
    with pytest.raises(InvalidTimeline, match="has no frame 45: a second of this film has 30"):
        compiled(film, 30)


def test_all_fields_with_times_take_frames() -> None:
    moved = [{"time": "00:00:00:15", "x": "0%"}, {"time": "00:00:01:00", "x": "50%"}]
    keyframes = [{"time": "00:00:00:15", "scale": 1}, {"time": 1, "scale": 2}]
    film = read_timeline(
        {
            "poster": "00:00:00:06",
            "scenes": [
                {"duration": "00:00:02:00"},
                {"duration": "00:00:02:00", "name": "b",
                 "transition": {"type": "fade", "duration": "00:00:00:06"}},
            ],
            "tracks": [{"clips": [
                {"type": "video", "src": "a.mp4",
                 "duration": {"until": "b", "offset": "-00:00:00:15"},
                 "trim": {"start": "00:00:00:03", "end": "00:00:09:27"}, "fade_in": "00:00:00:12",
                 "fade_out": "0:00:00:24", "keyframes": moved,
                 "mask": {"shape": "star", "keyframes": keyframes}},
                {"type": "video", "src": "a.mp4", "freeze": "00:00:00:03",
                 "start": {"with": "b", "offset": "00:00:00:03"}},
                {"type": "text", "text": "a",
                 "animation_in": {"type": "fade", "duration": "00:00:00:03"}},
                {"type": "chart", "chart": "bar", "values": [1], "grow": "00:00:00:03",
                 "stagger": "00:00:00:03"},
            ]}],
        }
    )  # fmt: skip
    video, still, text, chart = (one.model_dump() for one in film.tracks[0].clips)
    assert (film.poster, film.scenes[0].duration) == (0.2, 2.0)
    assert film.scenes[1].transition is not None
    assert film.scenes[1].transition.duration == 0.2
    assert video["duration"]["offset"] == -0.5
    assert (video["trim"], video["fade_in"], video["fade_out"]) == (
        {"start": 0.1, "end": 9.9}, 0.4, 0.8,
    )  # fmt: skip
    assert (still["freeze"], still["start"]["offset"]) == (0.1, 0.1)
    assert text["animation_in"]["duration"] == 0.1
    assert (chart["grow"], chart["stagger"]) == (0.1, 0.1)
    [at, _] = film.tracks[0].clips[0].keyframes  # type: ignore[union-attr]
    assert at.time.value == 0.5


@pytest.mark.parametrize(("fps", "rate"), [(30, 29.97), (60, 59.94)])
def test_drop_frame_timecode_is_that_of_editing_programs(fps: int, rate: float) -> None:
    edit = EditRate.of(rate)
    for number in (0, 1799, 1800, 3599, 17981, 17982, 107892, 1_000_000):
        timecode = edit.timecode(number)
        assert ";" in timecode
        assert parse_time(timecode, fps) == pytest.approx(float(number / edit.fps), abs=1e-9)
    # It keeps up with the clock.
    assert parse_time("01:00:00;00", fps) == pytest.approx(3600, abs=0.005)


def test_drop_frame_timecode_is_refused_at_other_rates() -> None:
    film = clips({"type": "shape", "duration": "00:00:01;10"})
    with pytest.raises(InvalidTimeline) as refused:
        compiled(film, 25)
    assert "no drop-frame timecode at 25" in refused.value.problems[0].rule
    assert '"00:00:01:10"' in refused.value.problems[0].remedy


def test_a_param_of_a_template_may_be_a_timecode_with_frames() -> None:
    template = Composition(
        document=clips({"type": "shape", "duration": "{{length}}"}),
        params_schema={"length": {"type": "string", "default": "00:00:00:49"}},
    )
    filled = fill(template, {}, Setting(format=frame_at(50)))
    assert compiled(filled.document, 50).length == Fraction(49, 50)
    with pytest.raises(InvalidRequest, match=r"/length: .* has no frame 50"):
        fill(template, {"length": "00:00:00:50"}, Setting(format=frame_at(50)))


def test_a_template_is_checked_at_its_own_rate() -> None:
    template = Composition(document=clips({"type": "shape", "duration": "00:00:00:49"}))
    check_composition(template, 50)
    with pytest.raises(InvalidComposition, match="has no frame 49"):
        check_composition(template)


def test_seconds_that_are_no_frames_stay_as_they_were_written() -> None:
    for written in (0.333333, 0.1234567, 1.0001):
        [layer] = compiled(clips({"type": "shape", "duration": 3, "start": written}), 30).layers
        assert layer.start == Fraction(round(written * 1e6), 10**6)


@pytest.mark.parametrize("wrong", ["00:00:01:30", "soon", "00:00:01;3;0", "1:2:3:4:5", ""])
def test_a_wrong_time_of_a_frame_names_its_field(wrong: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        time_in_film(wrong, 30, "at")
    assert refused.value.details["field"] == "at"
