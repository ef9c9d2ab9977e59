"""What countdowns show when."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.countdowns import shown
from gala.timeline.compilation.layers import Layer
from gala.timeline.document.countdowns import CountdownElement
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.reader import read_timeline


def planned(**fields: Any) -> Layer:
    composition = read_timeline(
        {"tracks": [{"clips": [{"type": "countdown", "name": "it", **fields}]}]}
    )
    frame = Format(width=160, height=120, fps=20)
    return compile_timeline(composition, frame, KnownMeasurements()).layer("it")


def texts(**fields: Any) -> list[str]:
    layer = planned(**fields)
    assert isinstance(layer.element, CountdownElement)
    return [text for text, _ in shown(layer.element, layer.length)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"from": 3}, ["3", "2", "1", "0"]),
        ({"from": 3, "end_text": "Go!"}, ["3", "2", "1", "Go!"]),
        ({"from": 1, "to": 3}, ["1", "2", "3"]),
        ({"duration": 3}, ["3", "2", "1"]),
        ({"duration": 3, "end_text": "Go!"}, ["2", "1", "Go!"]),
        ({"from": "1:01", "to": 59, "format": "m:ss"}, ["1:01", "1:00", "0:59"]),
        ({"from": 61, "format": "mm:ss", "duration": 1.5}, ["01:01", "01:00"]),
        ({"from": 3661, "format": "h:mm:ss", "duration": 1}, ["1:01:01"]),
    ],
)
def test_each_number_is_shown_for_a_second(fields: dict[str, Any], expected: list[str]) -> None:
    assert texts(**fields) == expected


def test_a_countdown_is_as_long_as_its_numbers() -> None:
    assert planned(**{"from": 3, "end_text": "Go!"}).length == Fraction(4)


def test_the_place_of_a_countdown_has_room_for_its_widest_text() -> None:
    short, long = planned(**{"from": 3}), planned(**{"from": 3, "end_text": "Now we go!"})
    assert short.placement is not None
    assert long.placement is not None
    assert long.placement.box.width > 3 * short.placement.box.width
