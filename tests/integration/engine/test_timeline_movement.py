"""Films of what moves: where it is in each frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from gala.errors import ErrorCode
from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.sampling import state_at
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.reader import read_timeline
from gala_renderer.avatars import sandboxed_program
from tests.support.engine import EngineHarness
from tests.support.films import SIZE, Frames, frames_of, made, shape, sound_of

Weights = NDArray[np.float64]


def keys(*frames: tuple[float | str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"time": time, **values} for time, values in frames]


RED = shape(
    "#ff0000", name="red", width="15%", height="20%", duration=2,
    keyframes=keys(
        (0, {"x": "20%", "y": "30%", "easing": "linear"}),
        (1, {"x": "27%", "y": "30%", "easing": "ease-in-out"}),
        (2, {"x": "80%", "y": "60%"}),
    ),
)  # fmt: skip
GREEN = shape(
    "#00ff00", name="green", width="20%", height="10%", x="30%", y="65%", duration=2,
    keyframes=keys((0, {"rotation": 0, "scale": 1}), (1, {"rotation": 90, "scale": 2}),
                   (2, {"rotation": 90, "scale": 1, "opacity": 1}), ("50%", {"opacity": 1}),
                   ("60%", {"opacity": 1})),
)  # fmt: skip
GROUP = {
    "type": "group", "width": "40%", "height": "40%", "x": "75%", "y": "25%", "duration": 2,
    "keyframes": keys((0, {"scale": 0.5, "opacity": 0}), (1, {"scale": 1, "opacity": 1})),
    "elements": [shape("#0000ff", name="blue", width="50%", height="50%", position="top-left")],
}  # fmt: skip
DRAWING = {
    "type": "svg", "width": "20%", "height": "20%", "position": "bottom-right", "duration": 2,
    "svg": "<svg viewBox='0 0 10 10'><circle cx='5' cy='5' r='5' fill='#ffff00'/></svg>",
}  # fmt: skip
PARAMS: dict[str, Any] = {
    "quality": "production",
    "background": "#000000",
    "duration": 2,
    "tracks": [{"clips": [one]} for one in (GREEN, GROUP, DRAWING, RED)],
}


@pytest.fixture(scope="module")
def film(engine: EngineHarness) -> Frames:
    return frames_of(made(engine, PARAMS).path("video"))


def weights(frame: Frames, channel: int) -> Weights:
    """Return how much of a pixel has the colour of a channel, 0 to 1."""
    others = [at for at in range(3) if at != channel]
    more = (frame[..., channel].astype(float) - frame[..., others].max(axis=2)) / 255
    # Without the noise of the encoder.
    return np.where(more > 0.1, np.clip(more, 0, 1), 0)


def center(seen: Weights) -> tuple[float, float]:
    """Return the center of gravity in pixels."""
    rows, columns = np.indices(seen.shape) + 0.5
    return float((columns * seen).sum() / seen.sum()), float((rows * seen).sum() / seen.sum())


def test_a_layer_is_where_its_keyframes_say_in_each_frame(film: Frames) -> None:
    form = Format(width=SIZE[0], height=SIZE[1], fps=SIZE[2])
    layer = compile_timeline(read_timeline(PARAMS), form, KnownMeasurements()).layer("red")
    for number, frame in enumerate(film):
        state = state_at(layer, number / SIZE[2])
        assert state is not None
        assert np.abs(np.subtract(center(weights(frame, 0)), state.center)).max() < 0.5


def test_what_moves_slowly_moves_by_parts_of_a_pixel(film: Frames) -> None:
    # 11.2 pixels in 20 frames.
    across = [center(weights(frame, 0))[0] for frame in film[:20]]
    assert np.abs(np.diff(across) - 0.56).max() < 0.2
    down = [center(weights(frame, 0))[1] for frame in film[:20]]
    assert np.ptp(down) < 0.4


def test_a_layer_turns_and_grows_about_its_anchor(film: Frames) -> None:
    seen = weights(film[20], 1)
    covered = [np.flatnonzero(seen.sum(axis=axis) > 3) for axis in (0, 1)]
    # 32 x 12 pixels, twice as large, turned by a right angle.
    assert [len(covered[0]), len(covered[1])] == pytest.approx([24, 64], abs=2)
    assert center(seen)[0] == pytest.approx(48, abs=0.5)


def test_elements_of_a_group_move_and_fade_with_it(film: Frames) -> None:
    # 32 x 24 pixels in the upper left quarter of the group, whose center is at 120, 30.
    assert weights(film[0], 2).sum() < 1
    half, whole = weights(film[10], 2), weights(film[30], 2)
    assert half.max() == pytest.approx(0.5, abs=0.1)
    assert whole.sum() == pytest.approx(32 * 24, rel=0.06)
    assert center(whole) == pytest.approx((104, 18), abs=0.8)
    # At three quarters of its size.
    assert center(half) == pytest.approx((120 - 12, 30 - 9), abs=0.7)


def test_a_drawing_is_shown_whole_in_its_box(film: Frames) -> None:
    # 32 x 24 pixels at the lower right; a circle of 24 in its middle.
    seen = (film[30][..., :2] > 150).all(axis=2) & (film[30][..., 2] < 110)
    assert seen.sum() == pytest.approx(np.pi * 12**2, rel=0.12)
    assert center(seen.astype(float)) == pytest.approx((144, 108), abs=0.7)


@pytest.fixture(scope="module")
def film_of_a_camera(
    engine: EngineHarness, samples: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A picture with a white square under a camera, and a video that turns."""
    picture = Image.new("RGB", (640, 480), "#204080")
    picture.paste((255, 255, 255), (300, 220, 340, 260))
    path = tmp_path_factory.mktemp("camera") / "square.png"
    picture.save(path)
    video = {"type": "video", "src": "video", "width": "30%", "duration": 1, "x": "15%",
             "radius": "20%", "rotation": 90, "volume": 0}  # fmt: skip
    params = {
        "tracks": [
            {"clips": [{"type": "image", "src": "square", "duration": 1,
                        "motion": {"type": "pan-right", "amount": "20%"}}]},
            {"clips": [video]},
            {"clips": [{"type": "audio", "src": "song", "duration": 1,
                        "keyframes": keys((0, {"volume": 1, "easing": "linear"}),
                                          (1, {"volume": 0}))}]},
        ],
    }  # fmt: skip
    return made(engine, params, path, samples("video"), samples("song")).path("video")


@pytest.fixture(scope="module")
def camera(film_of_a_camera: Path) -> Frames:
    return frames_of(film_of_a_camera)


def test_a_volume_changes_as_its_keyframes_say(film_of_a_camera: Path) -> None:
    sound, rate = sound_of(film_of_a_camera)
    levels = [
        float(np.abs(sound[round(at * rate) : round((at + 0.1) * rate)]).max())
        for at in (0.05, 0.45, 0.85)
    ]
    assert levels[1] / levels[0] == pytest.approx(0.5 / 0.9, rel=0.15)
    assert levels[2] / levels[0] == pytest.approx(0.1 / 0.9, rel=0.5)


def test_a_camera_moves_steadily_over_a_picture(camera: Frames) -> None:
    places = []
    for frame in camera:
        bright = np.clip((frame[:, 50:150, 0].astype(float) - 60) / 190, 0, 1)
        places.append(center(bright))
    across = np.diff([x for x, _ in places])
    # The view passes over 20 % of a picture that is 1.2 times as large, in 20 frames.
    assert across.mean() == pytest.approx(-160 * 0.2 / 20, rel=0.05)
    assert np.abs(across - across.mean()).max() < 0.1
    assert np.ptp([y for _, y in places]) < 0.1


def test_a_video_turns_with_its_corners(camera: Frames, samples: Callable[[str], Path]) -> None:
    # 48 x 27 pixels stand upright around 24, 60.
    source = frames_of(samples("video"))
    upright = camera[10][36:84, 11:38].astype(int)
    turned = np.rot90(np.asarray(Image.fromarray(source[15]).resize((48, 27))), -1).astype(int)
    assert np.abs(upright[8:-8, 8:-8] - turned[8:-8, 8:-8]).mean() < 20
    assert np.abs(camera[10][36, 10].astype(int) - (0x20, 0x40, 0x80)).max() < 40


@pytest.mark.parametrize(
    "movement",
    [{"motion": {"type": "zoom-in", "amount": "20%"}}, {"radius": "2%", "rotation": 180}],
    ids=["camera", "round corners"],
)
def test_the_blurred_copy_around_a_picture_moves_with_it(
    engine: EngineHarness, tmp_path: Path, movement: dict[str, Any]
) -> None:
    path = tmp_path / "flat.png"
    Image.new("RGB", (80, 20), "#ff0000").save(path)
    picture = {"type": "image", "src": path.name, "fit": "blur", "duration": 0.3, **movement}
    frames = frames_of(made(engine, {"tracks": [{"clips": [picture]}]}, path).path("video"))
    for row in (8, 60, 112):
        assert (frames[:, row, 20:140, 0] > 120).all(), row


def test_a_drawing_that_keeps_the_program_busy_is_said_to(
    engine: EngineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandboxed_program, "PREPARATION_SECONDS", 0.001)
    drawing = {"type": "svg", "duration": 0.1, "svg": "<svg viewBox='0 0 3 3'><rect/></svg>"}
    failed = made(engine, {"tracks": [{"clips": [drawing]}]})
    assert failed.error.code is ErrorCode.RENDER_FAILED
    assert failed.error.message.startswith("The drawings cannot be drawn: it took longer than")
