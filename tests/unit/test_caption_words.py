"""Caption params, and their names in the media server's form and in ``subtitle_config``."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.media_server.caption_form import captions_from_form
from gala.media_server.subtitle_config import captions_from_subtitle_config
from gala.render_types.caption_video import TYPE as CAPTION_VIDEO
from gala.render_types.captions import TYPE as CAPTIONS
from gala.render_types.params.captions import (
    CaptionParams,
    CaptionPlace,
    CaptionStyle,
    WordList,
)


def test_the_media_servers_fields_mean_the_same_here() -> None:
    params = captions_from_form(
        {
            "line_count": "2",
            "line_max_length": "15",
            "font_size": "80",
            "font_name": "Noto Sans",
            "font_bold": "true",
            "font_italic": "true",
            "font_color": "fff",
            "subtitle_position": "center",
            "shadow_color": "#00f",
            "shadow_transparency": "0.25",
            "shadow_blur": "3",
            "stroke_color": "ff0000",
            "stroke_size": "4",
        }
    )
    assert (params.max_lines, params.max_chars, params.font_size) == (2, 15, 80)
    assert (params.font, params.bold, params.italic) == ("Noto Sans", True, True)
    assert (params.color, params.stroke_color, params.shadow_color) == (
        "#ffffff", "#ff0000", "#0000ff",
    )  # fmt: skip
    assert (params.position, params.height) == (CaptionPlace.CENTER, 0.45)
    assert (params.shadow_opacity, params.shadow_blur, params.stroke_width) == (0.75, 3, 4)


def test_without_fields_the_media_server_shows_one_large_word_at_a_time_at_the_top() -> None:
    params = captions_from_form({"font_size": "", "font_name": None})
    assert (params.max_lines, params.max_chars, params.font_size) == (1, 1, 120)
    assert params.position is CaptionPlace.TOP
    assert params.style is CaptionStyle.CLASSIC


def test_the_librarys_fields_mean_the_same_here() -> None:
    params = captions_from_subtitle_config(
        {
            "font": "Noto Sans",
            "font_size": 60,
            "bold": False,
            "color": "yellow",
            "outline_color": "#000",
            "outline_width": 3,
            "shadow": 0,
            "max_lines": 3,
            "max_length": 30,
            "alignment": 10,
        }
    )
    assert (params.font_size, params.bold, params.color) == (60, False, "#ffff00")
    assert (params.stroke_width, params.shadow_opacity) == (3, 0)
    assert (params.max_lines, params.max_chars) == (3, 30)
    assert params.position is CaptionPlace.CENTER


@pytest.mark.parametrize(
    ("number", "place"),
    [(2, CaptionPlace.BOTTOM), (5, CaptionPlace.TOP), (10, CaptionPlace.CENTER)],
)
def test_alignments_are_places(number: int, place: CaptionPlace) -> None:
    assert captions_from_subtitle_config({"alignment": number}).position is place


@pytest.mark.parametrize("config", [{"alignment": 7}, {"colour": "red"}, {"alignment": "x"}])
def test_what_the_library_does_not_know_is_refused_by_name(config: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=next(iter(config))):
        captions_from_subtitle_config(config)


@pytest.mark.parametrize(
    "params",
    [
        {"position": 1.5},
        {"position": "left"},
        {"color": "red;movie=/etc/passwd"},
        {"max_lines": 0},
        {"font_size": 1e9},
        {"exclude": [{"start": 2, "end": 1}]},
        {"replace": [{"find": "", "replace": "x"}]},
        {"font": "a" * 200},
        {"shadow_opacity": float("nan")},
        {"glow": 1},
    ],
)
def test_a_slip_is_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CaptionParams.parse(params)


def test_a_position_may_be_a_part_of_the_height() -> None:
    assert CaptionParams.parse({"position": 1}).height == 1
    assert CaptionParams.parse({"position": 0.25}).height == 0.25


@pytest.mark.parametrize(
    "words",
    [
        [],
        [{"text": "a", "start_ts": 2, "end_ts": 1}],
        [{"text": "a", "start_ts": 2, "end_ts": 3}, {"text": "b", "start_ts": 1, "end_ts": 4}],
        [{"text": "a\x00", "start_ts": 2, "end_ts": 3}],
    ],
)
def test_words_must_be_in_order(words: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        WordList.parse({"words": words})


@pytest.mark.parametrize("render_type", [CAPTIONS, CAPTION_VIDEO], ids=lambda one: one.name)
def test_captions_come_from_one_source_only(render_type: Any) -> None:
    words = [{"text": "a", "start_ts": 1, "end_ts": 2}]
    params = render_type.params.parse({"words": words})
    with pytest.raises(InvalidRequest, match="only one"):
        render_type.check(params, frozenset({"subtitles"}))


def test_a_text_without_a_sound_needs_an_end() -> None:
    assert CAPTIONS.check is not None
    with pytest.raises(InvalidRequest, match=r"params\.end"):
        CAPTIONS.check(CAPTIONS.params.parse({"text": "hello"}), frozenset())
