"""Camera moves over still pictures (Ken Burns, pan), smooth because windows have sub-pixel bounds.

FFmpeg decodes a picture once, to raw planes somewhat larger than the frame.
``ken_burns_program.py`` resamples the window of each frame and writes the frames to a named pipe,
which FFmpeg reads as an input. Everything here is pure, except that ``feeder`` writes the program's
job file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Final, TypeAlias

import ffmpeg

from gala.render_types.params.motion import Direction, Effect, Motion, Speed
from gala_renderer.engine.plan import Canvas, Feeder, FFmpegStep
from gala_renderer.ffmpeg.color import opaque
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream, user_input
from gala_renderer.probe.media import Media, VideoStream

Window: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels of the picture."""

_PROGRAM: Final = str(Path(__file__).with_name("ken_burns_program.py"))
_BT709: Final = {"out_color_matrix": "bt709", "out_range": "tv"}
_MAX_ZOOM: Final = 1.5
_MAX_SLACK: Final = 0.25
"""How far a pan may travel, in frame sides, over a picture of exactly the frame's shape."""

_PER_SECOND: Final = {Speed.SLOW: 0.02, Speed.NORMAL: 0.04, Speed.FAST: 0.08}
_MAX_SHAPE: Final = 4.0
"""A prepared picture is at most this many times as wide or high as the frame."""


@dataclass(frozen=True, slots=True)
class MovingPicture:
    """A camera move over a picture: the size of the prepared planes, and a window per frame."""

    media: Media
    canvas: Canvas
    width: int
    height: int
    windows: tuple[Window, ...]
    background: str = "#000000"


def moving_picture(
    media: Media, canvas: Canvas, motion: Motion, *, background: str = "#000000"
) -> MovingPicture:
    """Return the windows of ``motion`` over this picture, which covers the canvas all the time.

    What is transparent shows ``background``.
    """
    picture = media.require_picture("picture")
    shape = _shape(picture, canvas)
    windows = _ken_burns(canvas, motion) if motion.is_zoom else None
    if not (motion.is_zoom or motion.is_still):
        windows = _pan(shape, canvas, motion)
    if windows is None:
        windows = [_centred(shape, 1.0)] * canvas.frames
    elif motion.is_zoom:
        windows = [_within(shape, window) for window in windows]
    # The size half-way between sharp at the beginning and sharp at the end.
    level = sqrt(1 / min(right - left for left, _, right, _ in windows))
    width, height = _even(shape[0] * canvas.width * level), _even(shape[1] * canvas.height * level)
    across, down = width / shape[0], height / shape[1]
    return MovingPicture(
        media,
        canvas,
        width,
        height,
        tuple(
            (
                max(0.0, left * across),
                max(0.0, top * down),
                min(width, right * across),
                min(height, bottom * down),
            )
            for left, top, right, bottom in windows
        ),
        background,
    )


def preparation_steps(moving: Sequence[MovingPicture], folder: Path) -> tuple[FFmpegStep, ...]:
    """Return the steps that decode the pictures, one each."""
    return tuple(
        FFmpegStep(f"preparing picture {at + 1}", _prepare(one, _planes(folder, at)), 1.0, 0.5)
        for at, one in enumerate(moving)
    )


def feeder(moving: Sequence[MovingPicture], folder: Path, threads: int) -> Feeder:
    """Return the program that draws all of them; its job file is written into ``folder``."""
    job = [
        {
            "planes": str(_planes(folder, at)),
            "width": one.width,
            "height": one.height,
            "pipe": str(_pipe(folder, at)),
            "frame_width": one.canvas.width,
            "frame_height": one.canvas.height,
            "windows": one.windows,
        }
        for at, one in enumerate(moving)
    ]
    path = folder / "moving.json"
    path.write_text(json.dumps(job))
    command = (sys.executable, "-I", _PROGRAM, str(path), str(threads))
    return Feeder(command, tuple(_pipe(folder, at) for at in range(len(moving))))


def stream(moving: MovingPicture, folder: Path, at: int = 0) -> Stream:
    """Return the frames of picture number ``at``: 8-bit 4:2:0 BT.709, as the canvas requires."""
    canvas = moving.canvas
    raw = ffmpeg.input(
        str(_pipe(folder, at)),
        f="rawvideo",
        pixel_format="yuv420p",
        video_size=(canvas.width, canvas.height),
        framerate=canvas.fps,
        thread_queue_size=2,
    ).video
    return raw.filter(
        "setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv"
    ).filter("setsar", 1)


def _planes(folder: Path, at: int) -> Path:
    return folder / f"moving-{at}.yuv"


def _pipe(folder: Path, at: int) -> Path:
    return folder / f"moving-{at}.pipe"


def _prepare(moving: MovingPicture, target: Path) -> tuple[str, ...]:
    shape = f"({moving.width}/{moving.height})/clip(sar,0.25,4)"
    source = user_input(moving.media, an=None).video
    picture = moving.media.require_picture("picture")
    drawn = (
        opaque(source, picture, moving.background)
        .filter("crop", w=f"max(1,min(iw,ih*{shape}))", h=f"max(1,min(ih,iw/({shape})))", exact=1)
        .filter("scale", w=moving.width, h=moving.height, flags="lanczos", **_BT709)
        .filter("format", "yuv420p")
    )
    options = {"f": "rawvideo", "frames:v": 1, **REPRODUCIBLE}
    return tuple(ffmpeg.output(drawn, str(target), **options).get_args())


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))


def _shape(picture: VideoStream, canvas: Canvas) -> tuple[float, float]:
    """Return the picture's sides in frame sides, at the smallest size that covers the frame."""
    wide = (picture.width / picture.height) / (canvas.width / canvas.height)
    return min(_MAX_SHAPE, max(1.0, wide)), min(_MAX_SHAPE, max(1.0, 1 / wide))


def _centred(shape: tuple[float, float], zoom: float) -> Window:
    return _within(shape, ((1 - 1 / zoom) / 2, (1 - 1 / zoom) / 2, *((1 + 1 / zoom) / 2,) * 2))


def _within(shape: tuple[float, float], window: Window) -> Window:
    across, down = (shape[0] - 1) / 2, (shape[1] - 1) / 2
    left, top, right, bottom = window
    return left + across, top + down, right + across, bottom + down


def _ken_burns(canvas: Canvas, motion: Motion) -> list[Window]:
    """Return windows in frame sides, on a picture of exactly the frame's shape."""
    steps = max(1, canvas.frames - 1)
    per_frame = min(motion.zoom_factor, (_MAX_ZOOM - 1) / steps)
    x, y = {
        Direction.ZOOM_TO_TOP: (0.5, 0.0),
        Direction.ZOOM_TO_TOP_LEFT: (0.0, 0.0),
    }.get(motion.way, (0.5, 0.5))
    windows = []
    for frame in range(canvas.frames):
        side = 1 / (1 + per_frame * frame)
        left, top = (1 - side) * x, (1 - side) * y
        windows.append((left, top, left + side, top + side))
    return windows[::-1] if motion.effect is Effect.ZOOM_OUT else windows


def _pan(shape: tuple[float, float], canvas: Canvas, motion: Motion) -> list[Window]:
    """Return windows in frame sides; a picture with too little excess is zoomed in a little."""
    along = 0 if motion.way in {Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT} else 1
    distance = _PER_SECOND[motion.speed] * canvas.seconds
    # A window of side s leaves an excess of shape - s, and s * travel is needed.
    travel = min(distance, max(_MAX_SLACK, shape[along] - 1))
    side = min(1.0, shape[along] / (1 + travel))
    way = side * travel
    steps = max(1, canvas.frames - 1)
    backwards = motion.way in {Direction.RIGHT_TO_LEFT, Direction.BOTTOM_TO_TOP}
    windows = []
    for frame in range(canvas.frames):
        done = frame / steps
        corner = [(shape[0] - side) / 2, (shape[1] - side) / 2]
        corner[along] += way * ((0.5 - done) if backwards else (done - 0.5))
        windows.append((corner[0], corner[1], corner[0] + side, corner[1] + side))
    return windows
