"""Camera moves over pictures: their windows, and that the drawn frames do not jitter."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy
import pytest
from PIL import Image
from pydantic import ValidationError

from gala.render_types.params.motion import Direction, Motion
from gala_renderer.engine.plan import Canvas
from gala_renderer.ffmpeg.ken_burns import MovingPicture, moving_picture, preparation_steps
from gala_renderer.ffmpeg.ken_burns_program import draw
from gala_renderer.probe.media import Media, VideoStream

CANVAS = Canvas(width=90, height=160, fps=30, frames=60)
WAYS = [
    {"effect": "ken_burns", "direction": "zoom-to-center"},
    {"effect": "ken_burns", "direction": "zoom-to-top"},
    {"effect": "ken_burns", "direction": "zoom-to-top-left"},
    {"effect": "pan", "direction": "left-to-right"},
    {"effect": "pan", "direction": "right-to-left", "speed": "fast"},
    {"effect": "pan", "direction": "top-to-bottom", "speed": "slow"},
    {"effect": "pan", "direction": "bottom-to-top"},
    {"effect": "still"},
]


def moving(width: int, height: int, canvas: Canvas = CANVAS, **motion: Any) -> MovingPicture:
    media = Media(
        path=Path("/data/in/photo"),
        demuxer="png_pipe",
        picture=VideoStream(width=width, height=height, still=True),
    )
    return moving_picture(media, canvas, Motion.parse(motion))


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("size", [(90, 160), (4000, 3000), (300, 5000), (16000, 20)], ids=str)
def test_every_window_is_inside_the_picture_and_has_the_frames_shape(
    way: dict[str, Any], size: tuple[int, int]
) -> None:
    shown = moving(*size, **way)
    assert len(shown.windows) == CANVAS.frames
    for left, top, right, bottom in shown.windows:
        assert 0 <= left < right <= shown.width
        assert 0 <= top < bottom <= shown.height
        assert (right - left) / (bottom - top) == pytest.approx(90 / 160, rel=0.03)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_camera_goes_where_it_is_sent(way: dict[str, Any]) -> None:
    shown = moving(900, 1600, **way)
    first, last = shown.windows[0], shown.windows[-1]
    dx, dy = (((last[i] + last[i + 2]) - (first[i] + first[i + 2])) / 2 for i in (0, 1))
    expected = {
        "zoom-to-center": (0, 0),
        "zoom-to-top": (0, -1),
        "zoom-to-top-left": (-1, -1),
        "left-to-right": (1, 0),
        "right-to-left": (-1, 0),
        "top-to-bottom": (0, 1),
        "bottom-to-top": (0, -1),
        None: (0, 0),
    }[way.get("direction")]
    assert (numpy.sign(round(dx, 6)), numpy.sign(round(dy, 6))) == expected


def test_a_long_zoom_is_slowed_down_and_never_stops() -> None:
    shown = moving(90, 160, Canvas(90, 160, 30, 3000), effect="ken_burns")
    widths = [right - left for left, _, right, _ in shown.windows]
    assert widths[0] / widths[-1] == pytest.approx(1.5)
    assert all(second < first for first, second in pairwise(widths))


def test_a_long_pan_reaches_the_edge_with_the_last_frame() -> None:
    shown = moving(200, 160, Canvas(90, 160, 30, 3000), effect="pan")
    assert shown.windows[0][0] == pytest.approx(0, abs=0.1)
    assert shown.windows[-1][2] == pytest.approx(shown.width, abs=0.1)


@pytest.mark.parametrize("way", WAYS[:7], ids=str)
def test_a_drawn_detail_moves_evenly(way: dict[str, Any]) -> None:
    """Its positions follow a smooth path within 0.1 pixel; whole pixels would jitter."""
    canvas = Canvas(180, 320, 30, 40)
    shown = moving(180, 320, canvas, **way)
    planes = [_spot(shown.width, shown.height)]
    planes += [Image.new("L", (shown.width // 2, shown.height // 2), 128)] * 2
    places = numpy.array([_place(planes, window) for window in shown.windows])
    at = numpy.arange(len(places))
    for axis in (0, 1):
        smooth = numpy.polynomial.Polynomial.fit(at, places[:, axis], 2)(at)
        assert numpy.abs(places[:, axis] - smooth).max() < 0.1
    assert numpy.abs(places[-1] - places[0]).max() > 1


def _spot(width: int, height: int) -> Image.Image:
    y, x = numpy.mgrid[0:height, 0:width]
    far = (x - width * 0.4) ** 2 + (y - height * 0.6) ** 2
    return Image.fromarray((20 + 200 * numpy.exp(-far / 18)).astype(numpy.uint8))


def _place(planes: list[Image.Image], window: tuple[float, float, float, float]) -> Any:
    luma = numpy.frombuffer(draw(planes, window, (180, 320))[0], numpy.uint8).reshape(320, 180)
    light = numpy.clip(luma.astype(float) - 30, 0, None)
    y, x = numpy.mgrid[0:320, 0:180]
    return (light * x).sum() / light.sum(), (light * y).sum() / light.sum()


def test_colour_stays_on_its_outline() -> None:
    """Chroma is sampled at the position of its luma: an edge of both stays one edge."""
    luma = numpy.zeros((64, 64), numpy.uint8)
    luma[:, 32:] = 200
    chroma = luma[::2, 1::2] // 2 + luma[::2, ::2] // 2
    planes = [Image.fromarray(luma), *[Image.fromarray(chroma)] * 2]
    drawn = draw(planes, (16.0, 16.0, 48.0, 48.0), (64, 64))
    row = numpy.frombuffer(drawn[0], numpy.uint8).reshape(64, 64)[32]
    half = numpy.frombuffer(drawn[1], numpy.uint8).reshape(32, 32)[16]
    edge = numpy.interp(100, row, numpy.arange(64))
    assert numpy.interp(100, half, numpy.arange(32)) * 2 == pytest.approx(edge, abs=1.0)


def test_a_direction_must_belong_to_its_effect() -> None:
    with pytest.raises(ValidationError, match="direction"):
        Motion.parse({"effect": "pan", "direction": "zoom-to-top"})
    assert Motion.parse({"effect": "pan"}).way is Direction.LEFT_TO_RIGHT


def test_the_picture_is_decoded_once_and_fenced_in() -> None:
    (step,) = preparation_steps([moving(4000, 3000)], Path("/data/tmp"))
    assert step.arguments[step.arguments.index("-frames:v") + 1] == "1"
    assert step.arguments[step.arguments.index("-protocol_whitelist") + 1] == "file"
