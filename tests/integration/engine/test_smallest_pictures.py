"""Pictures of a single pixel, as swatches of one color are, and pictures of a single line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.engine import EngineHarness
from tests.support.films import frames_of, is_near

SPEECH = {"text": "Wow.", "engine": "espeak", "voice": "en-us", "quality": "draft"}
FORM = (64, 96, 10)
RED = (254, 0, 0)
_IMAGE = {"type": "image", "src": "picture", "duration": 0.3}


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (600, 2)])
@pytest.mark.parametrize("form", ["png", "jpg"])
def test_the_smallest_pictures_fill_a_frame(
    engine: EngineHarness, tmp_path: Path, size: tuple[int, int], form: str
) -> None:
    path = tmp_path / f"picture.{form}"
    Image.new("RGB", size, "red").save(path)
    made = engine.make("captioned_video", SPEECH, size=FORM, background=path)
    assert is_near(frames_of(made.path("video"))[0][4, 4], RED, tolerance=24)


@pytest.mark.parametrize(
    ("type_name", "params", "key"),
    [
        ("slideshow", {"seconds_each": 0.3, "transition_seconds": 0.1, "fit": "cover"}, "pictures"),
        ("concatenate", {"still_seconds": 0.3, "fit": "cover"}, "clips"),
        ("timeline", {"tracks": [{"clips": [_IMAGE, {**_IMAGE, "fit": "blur"}]}]}, "media"),
        ("presenter", {**SPEECH, "inset": {}}, "background"),
        ("hello_render", {"text": "."}, "bg"),
    ],
)
def test_a_single_pixel_is_a_background_of_every_type(
    engine: EngineHarness, tmp_path: Path, type_name: str, params: dict[str, Any], key: str
) -> None:
    Image.new("RGB", (1, 1), "red").save(tmp_path / "picture.png")
    duration = 300 if type_name == "hello_render" else None
    inputs = {key: [tmp_path / "picture.png"]}
    made = engine.make(type_name, params, size=FORM, duration_ms=duration, **inputs)
    assert is_near(frames_of(made.path("video"))[0][4, 4], RED, tolerance=24)


def test_a_single_pixel_is_an_inset(
    engine: EngineHarness, tmp_path: Path, samples: Callable[[str], Path]
) -> None:
    Image.new("RGB", (1, 1), "red").save(tmp_path / "picture.png")
    params = {"position": "center", "size": 0.5, "quality": "draft"}
    made = engine.make(
        "picture_in_picture", params, video=samples("video"), inset=tmp_path / "picture.png"
    )
    assert is_near(frames_of(made.path("video"))[0][90, 160], RED, tolerance=24)


def test_a_picture_of_a_few_lines_is_laid_over_a_film(
    engine: EngineHarness, tmp_path: Path
) -> None:
    Image.new("RGB", (3000, 3), "red").save(tmp_path / "picture.png")
    params = {"text": ".", "overlay_fit": "contain"}
    made = engine.make(
        "hello_render", params, size=FORM, duration_ms=300, overlay=tmp_path / "picture.png"
    )
    assert len(frames_of(made.path("video"))) == 3
