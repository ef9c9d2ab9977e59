"""The media server's form fields about captions, as the server and the library read them."""

from __future__ import annotations

from typing import Any

import pytest

from gala.errors import InvalidRequest
from gala.media_server.caption_form import caption_params, motion_effect


@pytest.mark.parametrize("font", ["Arial", "helvetica", " HELVETICA ", "", None])
def test_a_font_that_nobody_chose_is_the_usual_one(font: str | None) -> None:
    assert "font" not in caption_params({"font_name": font})


def test_a_font_that_somebody_chose_stays() -> None:
    assert caption_params({"font_name": "Noto Serif"})["font"] == "Noto Serif"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("font_color", "ultraviolet"),
        ("stroke_color", "#12345"),
        ("shadow_color", "url(x)"),
        ("font_name", "x" * 101),
        ("subtitle_position", "left"),
        ("shadow_transparency", "some"),
        ("shadow_transparency", "nan"),
        ("shadow_transparency", 7),
        ("font_size", "1e999"),
        ("line_count", 0),
        ("glow", "1"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_that_the_form_has(field: str, value: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        caption_params({field: value})
    assert refused.value.details["field"] == f"caption_config_{field}"
    assert refused.value.message.startswith(f"caption_config_{field}: ")


def test_a_picture_moves_as_it_is_told_or_stands_still() -> None:
    assert [motion_effect(word) for word in ("ken_burns", "pan", "spin", "")] == [
        "ken_burns",
        "pan",
        "still",
        "still",
    ]
