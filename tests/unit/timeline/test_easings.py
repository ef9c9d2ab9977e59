"""Easings go from 0 to 1, and keyframes keep within what their values may be."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.easings import eased
from gala.timeline.compilation.sampling import state_at
from gala.timeline.document.easing import Easing
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.reader import read_timeline

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
