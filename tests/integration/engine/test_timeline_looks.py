"""Films with looks: blend modes, color filters, tables of colors, chroma keys, masks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gala.timeline.document.looks import BlendMode
from tests.support.engine import EngineHarness
from tests.support.films import Frames, frames_of, is_near, made, shape

BELOW, ABOVE = np.asarray([60, 150, 220]) / 255, np.asarray([200, 100, 40]) / 255
START = 0.2
"""Seconds at which the blended shapes appear."""


def hexadecimal(color: Any) -> str:
    return "#" + "".join(f"{round(value * 255):02x}" for value in color)


def tile(number: int, side: str = "12%") -> dict[str, str]:
    return {"x": f"{10 + number % 5 * 20}%", "y": f"{10 + number // 5 * 20}%", "width": side,
            "height": side}  # fmt: skip


def picture(number: int, source: str, **fields: Any) -> dict[str, Any]:
    return {"type": "image", "src": source, "fit": "fill", **tile(number), **fields}


MODES = list(BlendMode)
TILES: list[dict[str, Any]] = [
    *(shape(hexadecimal(ABOVE), **tile(at), blend=mode.value, start=START, duration=0.2)
      for at, mode in enumerate(MODES)),
    picture(15, "plain.png", filters={"grayscale": 1}),
    picture(16, "plain.png", lut="swap.cube"),
    picture(17, "plain.png", lut="swap.cube", rotation=90),
    picture(18, "green.png", chroma_key={}),
    picture(19, "green.png", chroma_key={}, rotation=180),
    picture(20, "plain.png", mask="diamond"),
    picture(21, "plain.png", mask={"shape": "diamond", "invert": True}, rotation=90),
    picture(22, "plain.png", mask={"src": "left.png"}),
    picture(23, "plain.png", mask={"text": "H"}),
    {"type": "group", "mask": "diamond", **tile(24), "elements": [
        shape(hexadecimal(ABOVE), width="50%", position="left")]},
]  # fmt: skip
PARAMS = {
    "quality": "production",
    "duration": 0.5,
    "tracks": [{"clips": [one]} for one in (shape(hexadecimal(BELOW)), *TILES)],
}


@pytest.fixture(scope="module")
def film(engine: EngineHarness, tmp_path_factory: pytest.TempPathFactory) -> Frames:
    folder = tmp_path_factory.mktemp("looks")
    Image.new("RGB", (40, 40), hexadecimal(ABOVE)).save(folder / "plain.png")
    green = Image.new("RGB", (40, 40), "#00ff00")
    ImageDraw.Draw(green).rectangle((0, 0, 19, 39), hexadecimal(ABOVE))
    green.save(folder / "green.png")
    rows = [f"{blue} {green} {red}" for blue in (0, 1) for green in (0, 1) for red in (0, 1)]
    (folder / "swap.cube").write_text("\n".join(["LUT_3D_SIZE 2", *rows]))
    left = Image.new("RGBA", (40, 40))
    left.paste("#000000", (0, 0, 20, 40))
    left.save(folder / "left.png")
    names = ("plain.png", "swap.cube", "green.png", "left.png")
    return frames_of(made(engine, PARAMS, *(folder / name for name in names)).path("video"))


def pixel(film: Frames, number: int, frame: int = 6, right: int = 0, down: int = 0) -> Any:
    height, width = film.shape[1:3]
    x, y = 0.1 + number % 5 * 0.2, 0.1 + number // 5 * 0.2
    return film[frame, round(y * height) + down, round(x * width) + right]


def expected(mode: BlendMode) -> Any:
    """Return what CSS has for one color over the other."""
    low, high = BELOW, ABOVE
    double = {False: 2 * low * high, True: 1 - 2 * (1 - low) * (1 - high)}
    return {
        BlendMode.NORMAL: high,
        BlendMode.MULTIPLY: low * high,
        BlendMode.SCREEN: 1 - (1 - low) * (1 - high),
        BlendMode.OVERLAY: np.where(low > 0.5, double[True], double[False]),
        BlendMode.HARD_LIGHT: np.where(high > 0.5, double[True], double[False]),
        # As in Photoshop and FFmpeg: nearly that of CSS.
        BlendMode.SOFT_LIGHT: np.asarray([84, 134, 200]) / 255,
        BlendMode.DARKEN: np.minimum(low, high),
        BlendMode.LIGHTEN: np.maximum(low, high),
        BlendMode.COLOR_DODGE: np.minimum(1, low / (1 - high)),
        BlendMode.COLOR_BURN: 1 - np.minimum(1, (1 - low) / high),
        BlendMode.DIFFERENCE: np.abs(low - high),
        BlendMode.EXCLUSION: low + high - 2 * low * high,
        BlendMode.ADD: np.minimum(1, low + high),
    }[mode]


@pytest.mark.parametrize("mode", MODES)
def test_an_element_is_blended_as_in_css_while_it_is_seen(film: Frames, mode: BlendMode) -> None:
    number = MODES.index(mode)
    wanted = expected(mode) * 255
    assert is_near(pixel(film, number), wanted), (pixel(film, number), wanted)
    for frame in (2, 9):
        assert is_near(pixel(film, number, frame), BELOW * 255, 4)


def test_nothing_beside_a_blended_element_changes(film: Frames) -> None:
    height, width = film.shape[1:3]
    assert is_near(film[6, round(0.2 * height), round(0.2 * width)], BELOW * 255, 4)


def test_filters_and_tables_change_the_colors_of_a_picture(film: Frames) -> None:
    gray = np.dot(ABOVE, [0.2126, 0.7152, 0.0722]) * 255
    assert is_near(pixel(film, 15), [gray] * 3)
    for number in (16, 17):
        assert is_near(pixel(film, number), ABOVE[::-1] * 255)


def test_the_key_color_is_transparent_and_the_rest_is_not(film: Frames) -> None:
    for number, seen in ((18, -5), (19, 5)):
        assert is_near(pixel(film, number, right=seen), ABOVE * 255, 16)
        assert is_near(pixel(film, number, right=-seen), BELOW * 255)


@pytest.mark.parametrize(
    ("number", "seen", "hidden"),
    [
        (20, (0, 0), (7, 5)),
        (21, (4, 6), (0, 0)),
        (22, (-6, 0), (6, 0)),
        (24, (-3, 0), (-7, 5)),
        (24, (-3, 0), (3, 0)),
    ],
)
def test_what_is_beside_a_mask_is_not_seen(
    film: Frames, number: int, seen: tuple[int, int], hidden: tuple[int, int]
) -> None:
    inside = pixel(film, number, right=seen[0], down=seen[1])
    outside = pixel(film, number, right=hidden[0], down=hidden[1])
    assert is_near(inside, ABOVE * 255, 16), inside
    assert is_near(outside, BELOW * 255, 16), outside


def test_a_text_is_a_mask(film: Frames) -> None:
    red = film[6, 101:115, 103:121, 0].astype(float)
    assert 0.1 < (red > 130).mean() < 0.5
    # The bar of the H is between its legs only in the middle.
    between = red[:, 8:11].mean(axis=1)
    assert 4 < int(np.argmax(between)) < 10
    assert between.max() > between[[1, 12]].max() + 30


def test_a_file_that_is_not_a_table_is_named(engine: EngineHarness, tmp_path: Path) -> None:
    Image.new("RGB", (40, 40)).save(tmp_path / "plain.png")
    (tmp_path / "look.cube").write_text("LUT_3D_SIZE 2\n0 0 0")
    clip = {"type": "image", "src": "plain.png", "lut": "look.cube"}
    failed = made(
        engine, {"tracks": [{"clips": [clip]}]}, tmp_path / "plain.png", tmp_path / "look.cube"
    )
    failure = failed.error
    assert failure.field == "/tracks/0/clips/0/lut"
    assert "1 values instead of 8" in failure.message
