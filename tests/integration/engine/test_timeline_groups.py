"""Groups that are drawn as a whole, and masks that move."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gala.media import Format
from gala.render_types.timeline import TYPE
from gala_renderer.engine.frames import TimelineFrames
from gala_renderer.timeline.frame import FrameOrder
from tests.support.engine import EngineHarness
from tests.support.films import SIZE, Frames, frames_of, is_near, made, shape

FRAME = Format(width=SIZE[0], height=SIZE[1], fps=SIZE[2])
WHITE = "#ffffff"
BELOW, UNDER, ABOVE = (60, 150, 220), (200, 60, 60), (200, 180, 40)


def hexadecimal(color: tuple[int, int, int]) -> str:
    return "#" + "".join(f"{value:02x}" for value in color)


def group(*elements: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "group", "elements": list(elements), **fields}


def place(left: int, top: int, width: int, height: int) -> dict[str, str]:
    """Return the fields of a box in pixels of the frame."""
    return {
        "x": f"{(left + width / 2) / 1.6:g}%",
        "y": f"{(top + height / 2) / 1.2:g}%",
        "width": f"{width / 1.6:g}%",
        "height": f"{height / 1.2:g}%",
    }


def pair() -> list[dict[str, Any]]:
    """Return two shapes of which the right one covers half of the left one."""
    half = {"width": "75%", "height": "100%"}
    return [
        shape(hexadecimal(UNDER), position="left", **half),
        shape(hexadecimal(ABOVE), x="75%", width="50%", height="100%"),
    ]


def mixed(low: Any, high: Any, part: float) -> Any:
    return np.asarray(low) * (1 - part) + np.asarray(high) * part


MASKED = {"duration": 1, "keyframes": [
    {"time": 0, "x": "60%", "easing": "linear"}, {"time": 1, "x": "85%"}]}  # fmt: skip
GROWING = {"shape": "circle", "keyframes": [
    {"time": 0, "scale": 0, "easing": "linear"}, {"time": 1, "scale": 2}]}  # fmt: skip


CLIPS = [
    shape(hexadecimal(BELOW)),
    # 40 x 20 pixels each, the first row.
    group(*pair(), blend="multiply", **place(0, 0, 40, 20)),
    group(*pair(), opacity=0.5, **place(40, 0, 40, 20)),
    group(*pair(), fade_in=1, duration=1, **place(80, 0, 40, 20)),
    group(
        *pair(), blend="multiply", duration=1, **place(120, 0, 40, 20),
        keyframes=[{"time": 0, "opacity": 0, "easing": "linear"}, {"time": 1, "opacity": 1}],
    ),
    # A group whose first element is mixed with nothing, and whose second one with the first.
    group(
        shape(hexadecimal(UNDER), position="left", width="50%", height="100%"),
        shape(hexadecimal(ABOVE), width="50%", height="100%", blend="multiply"),
        blend="screen", **place(0, 20, 40, 20),
    ),
    # 40 x 40 pixels: a mask that moves with its group; and those that move by themselves.
    group(
        shape(WHITE, width="300%", height="300%"), mask="circle",
        **{**place(0, 40, 40, 40), **MASKED},
    ),
    shape(WHITE, mask=GROWING, duration=1, **place(0, 80, 40, 40)),
    shape(WHITE, mask={**GROWING, "invert": True}, duration=1, **place(40, 80, 40, 40)),
    group(shape(WHITE), mask=GROWING, duration=1, **place(80, 80, 40, 40)),
    shape(WHITE, mask={"shape": "circle", "x": "25%", "scale": 0.5}, **place(120, 80, 40, 40)),
]  # fmt: skip
FILM = {"quality": "production", "duration": 1, "tracks": [{"clips": [one]} for one in CLIPS]}


@pytest.fixture(scope="module")
def film(engine: EngineHarness) -> Frames:
    return frames_of(made(engine, FILM).path("video"))


@pytest.mark.parametrize("frame", [0, 10, 19])
def test_a_group_is_blended_as_a_whole(film: Frames, frame: int) -> None:
    low = np.asarray(BELOW) / 255
    assert is_near(film[frame, 10, 10], low * UNDER)
    # Its second element hides the first one, and is not multiplied with it.
    for across in (25, 35):
        assert is_near(film[frame, 10, across], low * ABOVE)


def test_the_elements_of_a_half_transparent_group_do_not_shine_through(film: Frames) -> None:
    for across in (65, 75):
        assert is_near(film[10, 10, across], mixed(BELOW, ABOVE, 0.5))
    assert is_near(film[10, 10, 50], mixed(BELOW, UNDER, 0.5))


@pytest.mark.parametrize("frame", [1, 5, 15])
def test_a_group_fades_in_as_a_whole(film: Frames, frame: int) -> None:
    for across, color in ((90, UNDER), (105, ABOVE), (115, ABOVE)):
        assert is_near(film[frame, 10, across], mixed(BELOW, color, frame / 20), 16)


@pytest.mark.parametrize("frame", [1, 5, 15])
def test_a_blended_group_has_the_opacity_of_its_keyframes(film: Frames, frame: int) -> None:
    wanted = np.asarray(BELOW) / 255 * ABOVE
    for across in (145, 155):
        assert is_near(film[frame, 10, across], mixed(BELOW, wanted, frame / 20), 16)


def test_elements_are_blended_within_a_blended_group(film: Frames) -> None:
    def screened(color: Any) -> Any:
        return 255 - (255 - np.asarray(BELOW)) * (255 - np.asarray(color)) / 255

    assert is_near(film[10, 30, 5], screened(UNDER))
    assert is_near(film[10, 30, 15], screened(np.asarray(UNDER) * ABOVE / 255))
    assert is_near(film[10, 30, 25], screened(ABOVE))
    assert is_near(film[10, 30, 35], BELOW)


def test_the_mask_of_a_group_moves_with_it(film: Frames) -> None:
    for frame in (0, 10, 19):
        center = 160 * (0.6 + 0.25 * frame / 20)
        bright = np.flatnonzero((film[frame, 60].astype(int) > 235).all(axis=1))
        assert (bright[0] + bright[-1] + 1) / 2 == pytest.approx(center, abs=1)
        assert len(bright) == pytest.approx(40, abs=3)
        # Beside the circle, but in its box and on its elements.
        assert is_near(film[frame, 43, round(center) - 17], BELOW)
        assert is_near(film[frame, 43, round(center)], (255, 255, 255), 20)


def covered(film: Frames, frame: int, left: int) -> float:
    return float((film[frame, 80:120, left : left + 40].astype(int) > 200).all(axis=2).mean())


@pytest.mark.parametrize("left", [0, 80])
def test_a_mask_moves_within_its_box(film: Frames, left: int) -> None:
    for frame in (0, 5, 10):
        wanted = np.pi * (40 * frame / 20) ** 2 / 1600
        assert covered(film, frame, left) == pytest.approx(wanted, abs=0.04)
    assert covered(film, 19, left) > 0.97


def test_an_inverted_mask_moves_as_a_hole(film: Frames) -> None:
    assert covered(film, 0, 40) > 0.97
    for frame in (5, 10):
        wanted = 1 - np.pi * (40 * frame / 20) ** 2 / 1600
        assert covered(film, frame, 40) == pytest.approx(wanted, abs=0.04)


def test_a_mask_may_be_anywhere_in_its_box(film: Frames) -> None:
    # A circle of 20 pixels about 130, 100.
    assert is_near(film[10, 100, 130], (255, 255, 255), 16)
    for down, across in ((100, 144), (86, 130), (100, 150)):
        assert is_near(film[10, down, across], BELOW)


def test_groups_take_the_place_of_clips_with_transitions(engine: EngineHarness) -> None:
    params = {
        "tracks": [{"clips": [
            shape(hexadecimal(BELOW), duration=1),
            group(shape(hexadecimal(UNDER)), duration=1.5,
                  transition={"type": "fade", "duration": 0.5}),
            shape(hexadecimal(ABOVE), duration=1,
                  transition={"type": "wipe-left", "duration": 0.5}),
        ]}]
    }  # fmt: skip
    film = frames_of(made(engine, {"quality": "production", **params}).path("video"))
    assert is_near(film[15, 60, 80], mixed(BELOW, UNDER, 0.5), 16)
    # From 1.5 s on, the next clip comes from the right.
    assert is_near(film[25, 60, 80], UNDER)
    assert is_near(film[35, 60, 20], UNDER)
    assert is_near(film[35, 60, 140], ABOVE)


def test_elements_are_blended_with_what_is_below_in_transparent_films(
    engine: EngineHarness,
) -> None:
    clips = [
        shape(hexadecimal(UNDER), position="left", width="50%", height="100%", duration=0.2),
        shape(hexadecimal(ABOVE), width="100%", height="50%", blend="multiply", duration=0.2),
    ]
    params = {
        "file_format": "png", "transparent": True,
        "tracks": [{"clips": [one]} for one in clips],
    }  # fmt: skip
    with Image.open(made(engine, params).path("video")) as picture:
        seen = np.asarray(picture.convert("RGBA"))
    assert is_near(seen[60, 40, :3], np.asarray(UNDER) * ABOVE / 255)
    assert is_near(seen[60, 120, :3], ABOVE)
    assert seen[60, 120, 3] == seen[60, 40, 3] == 255
    assert seen[10, 120, 3] == 0


def test_a_frame_with_groups_is_that_of_the_film(film: Frames, engine: EngineHarness) -> None:
    frames = TimelineFrames(engine.engine)
    for number in (0, 7, 19):
        order = FrameOrder(params=TYPE.params.parse(FILM), frame=FRAME, at=number / SIZE[2])
        with Image.open(io.BytesIO(engine.run(frames.draw(order)))) as picture:
            drawn = np.asarray(picture.convert("RGB")).astype(int)
        assert np.abs(drawn - film[number]).mean() < 1.5, number


def test_a_group_has_filters_and_a_look_of_its_own(engine: EngineHarness, tmp_path: Path) -> None:
    table = tmp_path / "swap.cube"
    corners = [(r, g, b) for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    rows = "\n".join(f"{b} {g} {r}" for r, g, b in corners)
    table.write_text(f"LUT_3D_SIZE 2\n{rows}\n")
    picture = tmp_path / "still.png"
    Image.new("RGB", (40, 40), UNDER).save(picture)
    inside = {"type": "image", "src": "still.png", **place(10, 10, 40, 40)}
    left = group(inside, filters={"grayscale": 1})
    right = group(shape(hexadecimal(ABOVE), **place(100, 10, 40, 40)), lut="swap.cube")
    params = {"background": hexadecimal(BELOW), "duration": 0.2, "quality": "production",
              "tracks": [{"clips": [left]}, {"clips": [right]}]}  # fmt: skip
    frame = frames_of(made(engine, params, picture, table).path("video"))[1]
    grey = round(0.2126 * UNDER[0] + 0.7152 * UNDER[1] + 0.0722 * UNDER[2])
    assert is_near(frame[30, 30], (grey, grey, grey))
    assert is_near(frame[30, 120], (ABOVE[2], ABOVE[1], ABOVE[0]))
    # What is below the groups, and beside what is in them, has its own colors.
    assert is_near(frame[100, 30], BELOW)
    assert is_near(frame[30, 75], BELOW)
