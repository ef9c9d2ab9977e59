"""Presenters made of the user's sprites."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gala.errors import ErrorCode
from tests.support import xmp
from tests.support.drawn_sprites import BODY_COLOR, MOUTH_PLACE, draw_sprites, save_sprites
from tests.support.engine import EngineHarness, Made
from tests.support.media_probe import read_frames

SIZE = (180, 240, 10)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHarness]:
    harness = EngineHarness(tmp_path_factory.mktemp("sprites"))
    yield harness
    harness.close()


def preview(engine: EngineHarness, paths: dict[str, Path], **layout: Any) -> Made:
    pictures = {name: number for number, name in enumerate(paths, start=1)}
    body = {"sprites": {"pictures": pictures, **layout}}
    files = list(paths.values())
    return engine.make("presenter_preview", {"body": body}, size=SIZE, sprite=files)


def test_sprites_speak_and_their_video_says_that_it_is_composed(
    engine: EngineHarness, tmp_path: Path
) -> None:
    paths = save_sprites(draw_sprites(), tmp_path)
    # The order of the files does not matter: their numbers say what they are.
    files = list(reversed(paths.values()))
    pictures = {path.stem: number for number, path in enumerate(files, start=1)}
    params = {
        "text": "Papá.",
        "engine": "espeak",
        "language": "es",
        "quality": "draft",
        "captions": None,
        "background_color": "#00ff00",
        "presenters": [{"sprites": {"pictures": pictures}}],
    }
    made = engine.make("presenter", params, size=SIZE, sprite=files)
    _, frames = read_frames(made.path("video"), form="rgb24")
    moved = frames.max(0).astype(int) - frames.min(0)
    assert moved.max() > 90
    assert np.abs(frames[0][230, 90].astype(int) - BODY_COLOR).max() < 12
    assert np.abs(frames[0][4, 4].astype(int) - (0, 255, 0)).max() < 12
    packet = xmp.box_packet(made.path("video"))
    assert xmp.source_type(packet) == "composite"
    assert "animated pictures" in xmp.comment(packet)


def test_a_preview_shows_sprites_whose_mouths_are_small_and_have_an_anchor(
    engine: EngineHarness, tmp_path: Path
) -> None:
    paths = save_sprites(draw_sprites(anchored=True), tmp_path)
    made = preview(engine, paths, anchors={"mouth": MOUTH_PLACE})
    _, frames = read_frames(made.path("clip"), form="rgb24")
    reddest = (frames.astype(int) @ (1, -1, 0)).max(0)
    rows, columns = np.nonzero(reddest > 90)
    assert abs(columns.mean() - 90) < 6
    assert 100 < rows.mean() < 160
    assert set(made.outputs) == {"clip", "neutral", "faces"}


@pytest.mark.parametrize("case", ["small", "huge", "truncated", "text"])
def test_a_sprite_that_cannot_be_used_is_refused_by_its_name(
    engine: EngineHarness, tmp_path: Path, case: str
) -> None:
    paths = save_sprites(draw_sprites(), tmp_path)
    mouth = paths["mouth_d"]
    match case:
        case "small":
            Image.new("RGBA", (50, 20), (9, 9, 9, 128)).save(mouth)
        case "huge":
            Image.new("RGBA", (5000, 8), (9, 9, 9, 128)).save(mouth)
        case "truncated":
            mouth.write_bytes(mouth.read_bytes()[:150])
        case "text":
            mouth.write_text("not a picture")
    error = preview(engine, paths).error
    assert error.code in {ErrorCode.VALIDATION_ERROR, ErrorCode.UNPROCESSABLE_MEDIA}
    assert error.message.startswith("params.body.sprites.pictures.mouth_d: ")
    assert EXPECTED[case] in error.message


EXPECTED = {
    "small": "50 by 20 pixels, but base has 160 by 240",
    "huge": "5000 by 8 pixels; at most 4096 by 4096",
    "truncated": "damaged",
    "text": "this file cannot be used",
}
