"""Retouched and stitched pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.engine import EngineHarness

Samples = Callable[[str], Path]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHarness]:
    harness = EngineHarness(tmp_path_factory.mktemp("engine"))
    yield harness
    harness.close()


def drawn(path: Path, size: tuple[int, int], colour: str) -> Path:
    Image.new("RGB", size, colour).save(path)
    return path


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def retouched(engine: EngineHarness, picture: Path, **params: object) -> np.ndarray:
    made = engine.make("image_retouch", {"picture_format": "png", **params}, image=[picture])
    return pixels(made.path("image"))


def test_a_picture_that_is_to_stay_stays(engine: EngineHarness, tmp_path: Path) -> None:
    found = retouched(engine, drawn(tmp_path / "a.png", (64, 48), "#c04020"))
    assert found.shape == (48, 64, 3)
    assert np.abs(found[20, 30] - (0xC0, 0x40, 0x20)).max() <= 4


def test_no_colour_is_black_and_white(engine: EngineHarness, tmp_path: Path) -> None:
    found = retouched(engine, drawn(tmp_path / "a.png", (64, 48), "#c04020"), color=0.0)
    assert np.ptp(found[20, 30]) <= 3


def test_less_contrast_brings_light_and_dark_together(
    engine: EngineHarness, tmp_path: Path
) -> None:
    picture = tmp_path / "a.png"
    halves = np.zeros((48, 64, 3), np.uint8)
    halves[:, 32:] = 255
    Image.fromarray(halves).save(picture)
    found = retouched(engine, picture, contrast=0.5)
    assert 80 < found[20, 60].mean() - found[20, 4].mean() < 180


def test_noise_is_seen_and_the_same_at_every_run(engine: EngineHarness, tmp_path: Path) -> None:
    picture = drawn(tmp_path / "a.png", (64, 48), "#808080")
    first, second = (retouched(engine, picture, noise=50) for _ in range(2))
    assert first.std() > 5
    assert (first == second).all()


def stitched(engine: EngineHarness, pictures: list[Path], **params: object) -> np.ndarray:
    made = engine.make("image_stitch", {"picture_format": "png", **params}, images=pictures)
    return pixels(made.path("image"))


def test_pictures_lie_side_by_side_in_their_order(engine: EngineHarness, tmp_path: Path) -> None:
    colours = ("#ff0000", "#00ff00", "#0000ff", "#ffff00")
    pictures = [drawn(tmp_path / f"{n}.png", (200, 100), c) for n, c in enumerate(colours)]
    whole = stitched(engine, pictures, max_width=400, max_height=200)
    assert whole.shape == (200, 400, 3)
    found = [whole[y, x] for y, x in ((50, 100), (50, 300), (150, 100), (150, 300))]
    for seen, colour in zip(found, colours, strict=True):
        assert np.abs(seen - [int(colour[i : i + 2], 16) for i in (1, 3, 5)]).max() < 12


def test_pictures_of_other_shapes_are_shown_whole(engine: EngineHarness, tmp_path: Path) -> None:
    tall = drawn(tmp_path / "tall.png", (100, 300), "#ff0000")
    wide = drawn(tmp_path / "wide.png", (300, 100), "#0000ff")
    whole = stitched(engine, [tall, wide], max_width=600, max_height=600)
    red = (whole[..., 0] > 200) & (whole[..., 2] < 60)
    blue = (whole[..., 2] > 200) & (whole[..., 0] < 60)
    for seen, shape in ((red, 3.0), (blue, 1 / 3)):
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        high, wide_ = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert high / wide_ == pytest.approx(shape, rel=0.1)


def test_the_whole_keeps_to_its_limits(engine: EngineHarness, samples: Samples) -> None:
    pictures = [samples("picture"), samples("other_picture")] * 3
    whole = stitched(engine, pictures, max_width=300, max_height=150)
    assert whole.shape[0] <= 150
    assert whole.shape[1] <= 300


def test_what_is_no_picture_is_refused(engine: EngineHarness, samples: Samples) -> None:
    error = engine.make("image_stitch", {}, images=[samples("song")]).error
    assert error.code == "UNPROCESSABLE_MEDIA"
    assert "images" in error.message
