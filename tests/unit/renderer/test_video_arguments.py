"""FFmpeg's arguments for the video types, without running FFmpeg."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gala.render_types.colorkey_overlay import ColorkeyOverlayParams
from gala.render_types.frames import FramesParams
from gala.render_types.loop import LoopParams
from gala.render_types.merge import MergeParams
from gala.render_types.params.video_encoding import Quality
from gala.render_types.picture_in_picture import PictureInPictureParams
from gala.render_types.preview import PreviewParams
from gala.render_types.reframe import ReframeParams
from gala.render_types.slideshow import SlideshowParams
from gala_renderer.ffmpeg.encoder_options import software
from gala_renderer.ffmpeg.overlay import Rectangle
from gala_renderer.ffmpeg.video_source import Target, even_size, rate_of
from gala_renderer.probe.media import DEMUXERS, AudioStream, Media, VideoStream
from gala_renderer.types.colorkey_overlay import overlaid
from gala_renderer.types.frames import frame_times
from gala_renderer.types.loop import can_be_copied
from gala_renderer.types.merge import volume_db
from gala_renderer.types.picture_in_picture import Inset, box_of, composed
from gala_renderer.types.preview import gif, shrunk
from gala_renderer.types.reframe import reframed
from gala_renderer.types.reverse import part_frames, reversed_part
from gala_renderer.types.speed import at_speed

FILM = Media(
    path=Path("/data/in/film"),
    demuxer="mov",
    seconds=4.0,
    picture=VideoStream(
        width=640, height=360, fps=30, rate=Fraction(30), seconds=4.0, frames=120,
        codec="h264", pixel_format="yuv420p",
    ),
    sound=AudioStream(rate=48000, channels=2),
)  # fmt: skip
PHOTO = Media(
    path=Path("/data/in/photo"),
    demuxer="png_pipe",
    picture=VideoStream(width=300, height=400, still=True, pixel_format="rgb24"),
)
TARGET = Target(Path("/data/out/video.mp4.part"), software(Quality.DRAFT), Fraction(30), 2)


def inset(media: Media) -> Inset:
    return Inset(media, Rectangle(10, 10, 100, 56), 0.5, 2.0, mask=Path("/data/tmp/mask.png"))


RUNS = {
    "reframe": reframed(FILM, ReframeParams.parse({}), (360, 640), TARGET),
    "blur": reframed(FILM, ReframeParams.parse({"fit": "blur"}), (360, 640), TARGET),
    "speed": at_speed(FILM, 8, TARGET),
    "reverse": reversed_part(FILM, 60, 60, TARGET, Path("/data/tmp/sound.wav")),
    "colour key": overlaid(FILM, FILM, ColorkeyOverlayParams.parse({}), (640, 360), TARGET),
    "key of a photo": overlaid(FILM, PHOTO, ColorkeyOverlayParams.parse({}), (640, 360), TARGET),
    "inset": composed(FILM, inset(PHOTO), PictureInPictureParams().sound, (640, 360), TARGET),
    "gif": gif(shrunk(FILM, PreviewParams(), 3.0), Path("/data/tmp/p.png"), Path("/data/out/x")),
}


def options(arguments: Sequence[str], name: str) -> list[str]:
    return [value for key, value in pairwise(arguments) if key == name]


@pytest.mark.parametrize("name", RUNS)
def test_every_user_file_is_fenced_in_and_every_path_is_absolute(name: str) -> None:
    arguments = RUNS[name]
    files = [value for value in arguments if value.startswith("/")]
    assert files
    assert all(path.startswith("/data/") for path in files)
    for at, value in enumerate(arguments):
        if value.startswith("/data/in/"):
            start = max((i for i, v in enumerate(arguments[: at - 1]) if v == "-i"), default=-2) + 2
            fences = arguments[start:at]
            assert options(fences, "-protocol_whitelist") == ["file"]
            assert options(fences, "-format_whitelist") == [",".join(DEMUXERS)]
            assert options(fences, "-max_pixels") == ["40000000"]


@pytest.mark.parametrize("name", [name for name in RUNS if name != "gif"])
def test_every_video_is_what_players_expect(name: str) -> None:
    arguments = RUNS[name]
    expected = {"-pix_fmt": "yuv420p", "-movflags": "+faststart", "-r": "30/1", "-fps_mode": "cfr"}
    assert {key: options(arguments, key)[0] for key in expected} == expected
    assert options(arguments, "-t")[-1] == {"speed": "0.500000", "reverse": "2.000000"}.get(
        name, "4.000000"
    )


@pytest.mark.parametrize(
    ("size", "at_most"), [((640, 360), 600), ((1920, 1080), 90), ((4096, 4096), 11)]
)
def test_a_reversed_part_fits_into_memory(size: tuple[int, int], at_most: int) -> None:
    frames = part_frames(*size)
    assert 8 <= frames <= at_most


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, -6.02),
        ({"music_volume": 1}, 0),
        ({"music_volume": 0}, -100),
        ({"music_volume_db": -12}, -12),
    ],
)
def test_a_volume_may_be_a_part_or_in_decibels(params: dict[str, Any], expected: float) -> None:
    assert volume_db(MergeParams.parse(params)) == pytest.approx(expected, abs=0.01)


def test_only_what_every_player_shows_is_copied() -> None:
    assert FILM.picture is not None
    assert can_be_copied(FILM.picture, 120)
    assert not can_be_copied(FILM.picture, 119), "an edit list hides a frame"
    others: list[dict[str, Any]] = [
        {"codec": "hevc"}, {"pixel_format": "yuv444p"}, {"steady": False}, {"rotation": 90},
        {"sample_aspect": Fraction(4, 3)}, {"start": 0.5}, {"interlaced": True},
    ]  # fmt: skip
    assert not any(can_be_copied(replace(FILM.picture, **other), 120) for other in others)


@pytest.mark.parametrize(
    ("params", "shape", "box"),
    [
        ({"size": 0.5, "margin": 0}, (640, 360), Rectangle(320, 180, 320, 180)),
        ({"size": 0.5, "position": "top-left"}, (640, 360), Rectangle(12, 12, 320, 180)),
        ({"size": 0.5, "position": "center"}, (300, 400), Rectangle(252, 90, 136, 180)),
        ({"size": 1, "x": 0.9, "y": 0.9}, (640, 360), Rectangle(0, 0, 640, 360)),
    ],
)
def test_an_inset_is_inside_the_frame(
    params: dict[str, Any], shape: tuple[int, int], box: Rectangle
) -> None:
    words = PictureInPictureParams.parse(params)
    assert box_of(words, VideoStream(width=shape[0], height=shape[1]), (640, 360)) == box


def test_frames_are_told_apart_by_time() -> None:
    assert frame_times(FramesParams.parse({"every": 1}), 4.0) == [0, 1, 2, 3]
    assert frame_times(FramesParams.parse({"count": 2}), 4.0) == [1, 3]
    assert frame_times(FramesParams.parse({"timestamps": ["0:03", 9]}), 4.0) == [3, 3.7]
    assert len(frame_times(FramesParams.parse({}), 4.0)) == 12


def test_odd_rates_and_sizes_become_what_can_be_encoded() -> None:
    assert rate_of(VideoStream(width=1, height=1, rate=Fraction(30000, 1001))) == Fraction(
        30000, 1001
    )
    assert rate_of(VideoStream(width=1, height=1, fps=1000.0)) == 120
    assert rate_of(VideoStream(width=1, height=1)) == 30
    assert even_size(VideoStream(width=97, height=63)) == (96, 64)
    assert even_size(VideoStream(width=720, height=576, sample_aspect=Fraction(16, 15))) == (
        768,
        576,
    )
    assert even_size(VideoStream(width=8192, height=4096)) == (4096, 2048)


@pytest.mark.parametrize(
    ("model", "params", "field"),
    [
        (LoopParams, {}, "count"),
        (LoopParams, {"count": 2, "duration": 3}, "duration"),
        (FramesParams, {"count": 2, "every": 3}, "every"),
        (MergeParams, {"music_volume": 1, "music_volume_db": 1}, "music_volume"),
        (PictureInPictureParams, {"x": 0.5}, "x, y"),
        (PictureInPictureParams, {"start": 2, "end": 1}, "end"),
        (SlideshowParams, {"seconds_each": 0.4, "transition_seconds": 0.3}, "transition_seconds"),
        (ReframeParams, {"crop": {"x": 0, "y": 0, "width": 3, "height": 2}}, "crop"),
    ],
)
def test_params_that_contradict_each_other_are_refused_by_name(
    model: Any, params: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValueError, match=field):
        model.parse(params)
