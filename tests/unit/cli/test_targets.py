"""Assignment of outputs to files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.cli.rendering.output_paths import fill_format, single_target, targets
from gala.errors import InvalidRequest
from gala.render_types import RenderType, find_type


def render_type(name: str) -> RenderType:
    found = find_type(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "out", "role"),
    [
        ("tts", "a.WAV", "audio"),
        ("tts", "a.opus", "audio"),
        ("tts", "a.json", "words"),
        ("captioned_video", "a.jpeg", "thumbnail"),
        ("captions", "a.srt", "srt"),
        ("trim", "a.m4a", "audio"),
        ("trim", "a.mp3", "audio"),
        ("cut", "a.opus", "audio"),
    ],
)
def test_the_ending_tells_the_output(kind: str, out: str, role: str) -> None:
    assert targets(render_type(kind), {}, [Path(out)], "x") == {role: Path(out)}


def test_standard_output_takes_what_is_made_where_that_depends_on_what_is_given() -> None:
    stdout = Path("-")
    assert targets(render_type("trim"), {}, [stdout], "x") == {"video": stdout, "audio": stdout}
    assert targets(render_type("tts"), {}, [stdout], "x") == {"audio": stdout}


def test_an_ending_of_no_output_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InvalidRequest) as refused:
        targets(render_type("captions"), {}, [Path("a.mp4")], "x")
    assert refused.value.hint == "captions makes .vtt, .srt, .ass, .json"


def test_a_folder_gets_every_output(tmp_path: Path) -> None:
    found = targets(render_type("hello_render"), {}, [tmp_path], "hi")
    assert found == {"video": tmp_path / "hi-video.mp4", "thumbnail": tmp_path / "hi-thumbnail.jpg"}


def test_a_name_that_nobody_gave_ends_as_the_params_say() -> None:
    found = single_target(
        render_type("tts"), {"audio_format": "mp3"}, None, stem="speech", roles=("audio",)
    )
    assert found == {"audio": Path("speech.mp3")}


@pytest.mark.parametrize(
    ("kind", "out", "params"),
    [
        ("tts", "a.mp3", {"audio_format": "mp3"}),
        ("tts", "a.opus", {"audio_format": "ogg"}),
        ("thumbnail", "a.jpg", {"picture_format": "jpeg"}),
        ("thumbnail", "a.PNG", {"picture_format": "png"}),
        ("preview", "a.webp", {"preview_format": "webp"}),
        ("trim", "a.mp4", {}),
        ("tts", "-", {}),
    ],
)
def test_the_ending_chooses_the_format(kind: str, out: str, params: dict[str, str]) -> None:
    assert fill_format(render_type(kind), {}, [Path(out)]) == params


def test_a_format_that_was_chosen_stays() -> None:
    chosen = {"audio_format": "flac"}
    assert fill_format(render_type("tts"), chosen, [Path("a.mp3")]) == chosen
