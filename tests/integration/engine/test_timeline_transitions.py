"""Transitions between clips of any two kinds, whatever their size and place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gala.render_types.params.transitions import TransitionName
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness
from tests.support.films import frames_of, made, shape

SUBTITLES = "1\n00:00:00,000 --> 00:00:00,700\nSaid\n"
SECONDS = 0.8
KINDS: dict[str, dict[str, Any]] = {
    "caption": {"type": "caption", "src": "said"},
    "text": {"type": "text", "text": "Text", "position": "top"},
    "countdown": {"type": "countdown", "from": 2, "position": "left"},
    "shape": shape("teal", width="30%", x="80%"),
    "video": {"type": "video", "src": "video", "width": "40%", "position": "bottom-left"},
}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("media")
    (folder / "said.srt").write_text(SUBTITLES)
    pattern = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=1", "-pix_fmt", "yuv420p")
    return {"said": folder / "said.srt", "video": make(folder / "video.mp4", *pattern)}


@pytest.mark.parametrize("transition", ["slide-left", "zoom"])
@pytest.mark.parametrize("first", KINDS)
def test_a_clip_takes_the_place_of_one_of_another_kind(
    engine: EngineHarness, media: dict[str, Path], first: str, transition: str
) -> None:
    tracks = [
        {"clips": [
            {**KINDS[first], "duration": SECONDS},
            {**element, "duration": SECONDS, "transition": {"type": transition, "duration": 0.2}},
        ]}
        for kind, element in KINDS.items() if kind not in {first, "caption"}
    ]  # fmt: skip
    files = [media["said"]] if first == "caption" else []
    film = frames_of(made(engine, {"tracks": tracks}, *files, media["video"]).path("video"))
    assert len(film) == round((2 * SECONDS - 0.2) * 20)
    # All is black but for what is shown: one of them before, the others after.
    assert (film[6] > 60).any()
    assert (film[-6] > 60).any()


@pytest.fixture(scope="module")
def greys(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("greys")
    return [make(folder / f"{tone}.png", "-f", "lavfi", "-i", f"color=0x{tone}:s=64x48",
                 "-frames:v", "1") for tone in ("a0a0a0", "f0f0f0")]  # fmt: skip


@pytest.mark.parametrize("name", [one for one in TransitionName if one != TransitionName.NONE])
def test_no_frame_of_a_transition_has_colors_that_neither_picture_has(
    engine: EngineHarness, greys: list[Path], name: TransitionName
) -> None:
    scenes: list[dict[str, Any]] = [
        {"background": "#a0a0a0", "duration": 0.5},
        {"background": "#f0f0f0", "duration": 0.5, "transition": {"type": name, "duration": 0.4}},
    ]
    slides = {"seconds_each": 1.0, "transition": name, "transition_seconds": 0.4}
    films = [
        made(engine, {"scenes": scenes}),
        engine.make("slideshow", slides, size=(64, 48, 20), pictures=greys),
    ]
    if name in _JOINS:
        joined = {"still_seconds": 1.0, "transition": _JOINS[name], "transition_seconds": 0.4}
        films.append(engine.make("concatenate", joined, size=(64, 48, 20), clips=greys))
    for film in films:
        colours = frames_of(film.path("video")).astype(int)
        assert (colours.max(axis=-1) - colours.min(axis=-1)).max() < 12
        if name in _BY_PLACE:
            assert colours.min() > 0x90


_BY_PLACE = {one for one in TransitionName if one.split("-")[0] in {"push", "slide", "wipe"}}
_JOINS = {TransitionName.PUSH_LEFT: "slide", TransitionName.WIPE_LEFT: "wipe"}
