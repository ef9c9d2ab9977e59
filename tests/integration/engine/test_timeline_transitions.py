"""Transitions between clips of any two kinds, whatever their size and place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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
