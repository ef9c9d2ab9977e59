"""Easings go from 0 to 1, and keyframes keep within what their values may be."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.easings import eased
from gala.timeline.compilation.sampling import state_at
from gala.timeline.document.easing import CubicBezier, Easing
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.reader import read_timeline
from gala_renderer.program_jobs import job_text, read_job
from gala_renderer.timeline.drawing.figures import Growth

TIMES = [at / 100 for at in range(101)]


@pytest.mark.parametrize("easing", list(Easing))
def test_each_easing_goes_from_0_to_1_without_a_jump(easing: Easing) -> None:
    values = [eased(easing, at) for at in TIMES]
    assert values[0] == pytest.approx(0, abs=1e-3)
    assert values[-1] == 1
    if easing is not Easing.STEP_END:
        steps = [after - before for before, after in pairwise(values)]
        assert max(map(abs, steps)) < 0.16


@pytest.mark.parametrize(
    ("easing", "low", "high"),
    [
        (Easing.EASE_IN_BACK, -0.1, 1.0),
        (Easing.EASE_OUT_BACK, 0.0, 1.1),
        (Easing.EASE_OUT_BOUNCE, 0.0, 1.0),
        (Easing.EASE_OUT_ELASTIC, 0.0, 1.37),
    ],
)
def test_how_far_easings_go(easing: Easing, low: float, high: float) -> None:
    values = [eased(easing, at) for at in TIMES]
    assert (min(values), max(values)) == pytest.approx((low, high), abs=0.01)


@pytest.mark.parametrize(
    ("named", "written"),
    [
        (Easing.EASE, "cubic-bezier(0.25, 0.1, 0.25, 1)"),
        (Easing.EASE_IN_OUT, " Cubic-Bezier( .42,0,.58,1.0 ) "),
        (Easing.LINEAR, "cubic-bezier(0, 0, 1, 1)"),
    ],
)
def test_the_curves_of_css_are_those_of_its_names(named: Easing, written: str) -> None:
    curve = CubicBezier.parsed(written)
    assert [eased(curve, at) for at in TIMES] == pytest.approx([eased(named, at) for at in TIMES])


def test_a_curve_goes_as_far_as_its_control_points_pull_it() -> None:
    values = [eased(CubicBezier(0.34, 1.56, 0.64, 1.0), at) for at in TIMES]
    assert (values[0], values[-1]) == (0, 1)
    assert max(values) == pytest.approx(1.1, abs=0.02)


def test_a_curve_is_written_back_as_it_was_read() -> None:
    frames = [{"time": 0, "x": "0%", "easing": "cubic-bezier(0.34, 1.56, 0.64, 1)"},
              {"time": 1, "x": "50%"}]  # fmt: skip
    chart = {"type": "chart", "values": [1], "easing": "cubic-bezier(0.7, 0, 0.84, 0)"}
    clips = [{"type": "shape", "keyframes": frames, "duration": 1}, chart]
    film = read_timeline({"tracks": [{"clips": clips}]})
    dumped = film.model_dump(mode="json", exclude_unset=True)["tracks"][0]["clips"]
    assert dumped[0]["keyframes"][0]["easing"] == frames[0]["easing"]
    assert dumped[1]["easing"] == chart["easing"]
    assert read_timeline(film.model_dump(mode="json", by_alias=True)) == film


def test_what_is_drawn_grows_along_a_curve() -> None:
    curve = CubicBezier(0.7, 0.0, 0.84, 0.0)
    growth = read_job(Growth, job_text(Growth.along(curve, first=10, frames=100)))
    assert growth.at(60) == pytest.approx(eased(curve, 0.5))
    named = read_job(Growth, job_text(Growth.along(Easing.LINEAR, first=10, frames=100)))
    assert named.at(60) == 0.5


def test_a_ball_touches_the_ground_four_times() -> None:
    values = [eased(Easing.EASE_OUT_BOUNCE, at / 1000) for at in range(1001)]
    assert sum(a < b > c for a, b, c in zip(values, values[1:], values[2:], strict=False)) == 3


@pytest.mark.parametrize("name", ["scale", "opacity"])
def test_what_goes_further_than_its_keyframes_stays_a_possible_value(name: str) -> None:
    frames: list[dict[str, Any]] = [
        {"time": 0, name: 0, "easing": "ease-in-back"},
        {"time": 1, name: 1, "easing": "ease-out-back"},
        {"time": 2, name: 0.9},
    ]
    clip = {"type": "shape", "keyframes": frames, "duration": 2}
    film = compile_timeline(
        read_timeline({"tracks": [{"clips": [clip]}]}),
        Format(width=160, height=90, fps=10),
        KnownMeasurements({}),
    )
    states = [state_at(film.layers[0], at / 20) for at in range(40)]
    values = [
        state.opacity if name == "opacity" else state.width for state in states if state is not None
    ]
    assert min(values) == 0
    assert name == "scale" or max(values) == 1
