"""Grouping words into segments, and writing ASS in which text is never syntax."""

from __future__ import annotations

from pathlib import Path

import pysubs2
import pytest

from gala.errors import InvalidRequest
from gala_renderer import Caption
from gala_renderer.library.ass_style import style_params

WORDS = [
    {"text": text, "start_ts": at * 0.5, "end_ts": at * 0.5 + 0.4}
    for at, text in enumerate(["Hello", ",", "world", "!", "How", "are", "you", "today", "?"])
]


def test_punctuation_that_stands_alone_joins_the_word_before() -> None:
    segments = Caption().create_subtitle_segments_english(WORDS, max_length=20, lines=1)
    assert [segment["text"] for segment in segments] == [["Hello, world!"], ["How are you today?"]]
    assert segments[0]["start_ts"] == 0.0
    assert segments[1]["end_ts"] == pytest.approx(4.4)


def test_lines_keep_to_their_length_and_number() -> None:
    words = [
        {"text": f"word{at}", "start_ts": at * 0.3, "end_ts": at * 0.3 + 0.3} for at in range(30)
    ]
    segments = Caption().create_subtitle_segments_english(words, max_length=13, lines=2)
    assert all(len(segment["text"]) <= 2 for segment in segments)
    assert all(len(line) <= 13 for segment in segments for line in segment["text"])
    shown = " ".join(line for segment in segments for line in segment["text"])
    assert shown.split() == [word["text"] for word in words]
    ends = [segment["end_ts"] for segment in segments[:-1]]
    assert all(
        end <= after["start_ts"] + 1e-9 for end, after in zip(ends, segments[1:], strict=True)
    )


def test_scripts_without_spaces_are_cut_by_width() -> None:
    words = [{"text": "今日は良い天気ですね", "start_ts": 0.0, "end_ts": 2.0}]
    segments = Caption().create_subtitle_segments_international(words, max_length=10, lines=1)
    assert "".join(line for one in segments for line in one["text"]) == words[0]["text"]
    assert all(len(line) <= 5 for one in segments for line in one["text"])


@pytest.mark.parametrize(
    ("colour", "alpha", "written"),
    [("#ff8800", 0.0, "&H000088FF"), ("fff", 0.0, "&H00FFFFFF"), ("#123456", 1.0, "&HFF563412")],
)
def test_colours_are_written_as_ass_has_them(colour: str, alpha: float, written: str) -> None:
    assert Caption().hex_to_ass(colour, alpha) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0:00:00.00"), (3661.5, "1:01:01.50"), (59.999, "0:01:00.00"), (0.01, "0:00:00.01")],
)
def test_times_are_written_as_ass_has_them(seconds: float, written: str) -> None:
    assert Caption().format_time(seconds) == written


def test_text_never_becomes_syntax(tmp_path: Path) -> None:
    hostile = "{\\an8\\p1}m 0 0\nDialogue: 0,0:00:00.00,9:00:00.00,Default,,0,0,0,,more\\Nlines"
    segments = [{"text": [hostile], "start_ts": 1.0, "end_ts": 2.5}]
    path = Caption().create_subtitle(
        segments, (1080, 1920), tmp_path / "a.ass", font_name="X,1,2\n[Events]\n{x}"
    )
    file = pysubs2.load(str(path))
    assert len(file.events) == 1
    assert list(file.styles) == ["Default"]
    assert (file.events[0].start, file.events[0].end) == (1000, 2500)
    text = file.events[0].text
    assert text.startswith("{\\an5\\pos(540,1440)}")
    assert "{" not in text[1:]
    assert "\\N" not in text


def test_the_look_of_our_ass_is_read_back(tmp_path: Path) -> None:
    segments = [{"text": "Hello", "start_ts": 0.0, "end_ts": 1.0}]
    path = Caption().create_subtitle(
        segments,
        (540, 960),
        tmp_path / "a.ass",
        font_size=48,
        font_name="Anton",
        font_color="#ffcc00",
        stroke_color="#112233",
        stroke_size=4,
        shadow_blur=3,
        shadow_transparency=0.5,
        font_bold=False,
        font_italic=True,
        subtitle_position="top",
    )
    params = style_params(path, 1920, ["anton"])
    assert params is not None
    assert params["font"] == "Anton"
    assert params["font_size"] == 96
    assert (params["color"], params["stroke_color"]) == ("#ffcc00", "#112233")
    assert (params["stroke_width"], params["shadow_blur"]) == (8, 6)
    assert params["shadow_opacity"] == pytest.approx(0.5, abs=0.01)
    assert (params["bold"], params["italic"]) == (False, True)
    assert params["position"] == pytest.approx(0.2, abs=0.001)


def test_a_file_that_is_no_ass_has_no_look(tmp_path: Path) -> None:
    path = tmp_path / "a.ass"
    path.write_bytes(b"\xff\x00 nothing of the kind")
    assert style_params(path, 1920, []) is None


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"font_color": "red"}, "font_color"),
        ({"stroke_color": "#12345"}, "stroke_color"),
        ({"shadow_transparency": 2}, "shadow_color"),
        ({"subtitle_position": "left"}, "subtitle_position"),
    ],
)
def test_what_is_refused_is_named(tmp_path: Path, arguments: dict[str, str], field: str) -> None:
    segments = [{"text": "Hello", "start_ts": 0.0, "end_ts": 1.0}]
    with pytest.raises(InvalidRequest) as refused:
        Caption().create_subtitle(segments, (540, 960), tmp_path / "a.ass", **arguments)  # type: ignore[arg-type]
    assert refused.value.details["field"] == field


def test_words_without_times_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="words"):
        Caption().create_subtitle_segments_english([{"text": "Hello"}])
    with pytest.raises(InvalidRequest, match="max_length"):
        Caption().create_subtitle_segments_english(WORDS, max_length=0)
