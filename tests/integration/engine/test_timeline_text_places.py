"""Texts of compositions are where their box and its alignment put them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.engine import EngineHarness
from tests.support.films import edges, frames_of, made

COLUMN = {
    "text": "HI", "font_size": "25%", "bold": True, "width": "30%", "height": "80%", "y": "50%",
    "duration": 0.2,
}  # fmt: skip
BOX = (12, 108)
"""Top and bottom of a column, in pixels."""


@pytest.mark.parametrize(
    "movement",
    [{}, {"keyframes": [{"time": 0, "rotation": 0}, {"time": "100%", "rotation": 0}]}],
    ids=["still", "moved"],
)
@pytest.mark.parametrize(
    "kind", [{"type": "text"}, {"type": "countdown", "from": 88}], ids=["text", "countdown"]
)
def test_a_text_is_at_the_top_in_the_middle_or_at_the_bottom_of_its_box(
    engine: EngineHarness, kind: dict[str, Any], movement: dict[str, Any]
) -> None:
    if kind["type"] == "countdown":
        kind = {**kind, "text": None}
    columns = [
        {**COLUMN, **kind, **movement, "x": x, "color": color, "vertical_align": word}
        for x, color, word in (
            ("17%", "#ff0000", "top"),
            ("50%", "#00ff00", "center"),
            ("83%", "#0000ff", "bottom"),
        )
    ]
    clips = [{name: value for name, value in one.items() if value is not None} for one in columns]
    params = {"tracks": [{"clips": [one]} for one in clips]}
    frame = frames_of(made(engine, params).path("video"))[1]
    top, middle, bottom = (edges(frame, color) for color in ((255, 0, 0), (0, 255, 0), (0, 0, 255)))
    # The letters of a line of 38 pixels are about 22 high, in its middle.
    assert abs(top[1] - BOX[0] - 8) <= 3
    assert abs((middle[1] + middle[3]) / 2 - 60) <= 3
    assert abs(BOX[1] - bottom[3] - 8) <= 3


def test_the_box_of_a_text_is_aligned_with_it(engine: EngineHarness) -> None:
    boxed = {**COLUMN, "type": "text", "color": "#ff0000", "box_color": "#ff0000",
             "box_opacity": 1, "box_padding": "5%", "vertical_align": "bottom"}  # fmt: skip
    frame = frames_of(made(engine, {"tracks": [{"clips": [boxed]}]}).path("video"))[1]
    _, top, _, bottom = edges(frame, (255, 0, 0))
    assert bottom == BOX[1]
    # A line of 1.25 em and the padding above and below.
    assert abs(bottom - top - (37.5 + 2 * 6)) <= 2


@pytest.mark.parametrize("moved", [False, True], ids=["still", "animated"])
def test_a_run_has_an_outline_and_no_other_run_has(engine: EngineHarness, moved: bool) -> None:
    runs = [
        {"text": "HH ", "color": "#00ff00"},
        {"text": "HH", "color": "#0000ff", "stroke_color": "#ff0000", "stroke_width": "4%"},
    ]
    fields = {"animation_in": {"type": "fade", "by": "word", "duration": 0.1}} if moved else {}
    text = {"type": "text", "text": runs, "font_size": "25%", "bold": True, "duration": 0.3}
    film = {"tracks": [{"clips": [text | fields]}]}
    frame = frames_of(made(engine, film).path("video"))[-1]
    left, top, right, bottom = edges(frame, (255, 0, 0))
    green, blue = edges(frame, (0, 255, 0)), edges(frame, (0, 0, 255))
    # 4 % of 120 pixels.
    assert left > green[2]
    for outer, inner in ((left, blue[0]), (top, blue[1]), (blue[2], right), (blue[3], bottom)):
        assert 3 <= inner - outer <= 7


@pytest.mark.parametrize("moved", [False, True], ids=["still", "animated"])
def test_a_run_has_a_box_behind_it_and_no_other_run_has(engine: EngineHarness, moved: bool) -> None:
    runs = [{"text": "HH", "color": "#00ff00"},
            {"text": " "},
            {"text": "HH", "color": "#0000ff", "box_color": "#ff0000"}]  # fmt: skip
    fields = {"animation_in": {"type": "fade", "by": "letter", "duration": 0.1}} if moved else {}
    text = {
        "type": "text",
        "text": runs,
        "font_size": "25%",
        "bold": True,
        "duration": 0.3,
        **fields,
    }
    frame = frames_of(made(engine, {"tracks": [{"clips": [text]}]}).path("video"))[-1]
    left, top, right, bottom = edges(frame, (255, 0, 0))
    green, blue = edges(frame, (0, 255, 0)), edges(frame, (0, 0, 255))
    assert left > green[2]
    assert left < blue[0] < blue[2] < right
    assert top < blue[1] < blue[3] < bottom
