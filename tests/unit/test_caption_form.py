"""The caption fields of the media server's form."""

from __future__ import annotations

from typing import Any

import pytest

from gala.errors import InvalidRequest
from gala.media_server.caption_form import (
    caption_params,
    captions_from_form,
    captions_to_form,
    motion_effect,
)


@pytest.mark.parametrize("font", ["Arial", "helvetica", " HELVETICA ", "", None])
def test_a_font_that_nobody_chose_is_the_usual_one(font: str | None) -> None:
    assert "font" not in caption_params(captions_from_form({"font_name": font}))


def test_a_font_that_somebody_chose_stays() -> None:
    captions = captions_from_form({"font_name": "Noto Serif"})
    assert caption_params(captions)["font"] == "Noto Serif"


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
        captions_from_form({field: value})
    assert refused.value.details["field"] == f"caption_config_{field}"
    assert refused.value.message.startswith(f"caption_config_{field}: ")


def test_a_picture_moves_as_it_is_told_or_stands_still() -> None:
    assert [motion_effect(word) for word in ("ken_burns", "pan", "spin", "")] == [
        "ken_burns",
        "pan",
        "still",
        "still",
    ]


def test_captions_become_the_form_that_describes_them() -> None:
    fields = {
        "line_count": "2",
        "font_bold": "false",
        "font_color": "#123456",
        "shadow_transparency": "0.25",
        "stroke_size": "3",
    }
    assert captions_to_form(captions_from_form(fields)) == fields
    assert captions_to_form(captions_from_form({})) == {}
