"""FFmpeg's arguments for a video whose frames are each encoded once, however long shown. Pure.

Drawings, and stills with captions, are shown for several frames, and x264 takes as long for a frame
that repeats the one before as for any other. So it gets each once;
:mod:`gala_renderer.h264.repeats` adds the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ffmpeg

from gala_renderer.captions.overlay_track import drawn_over_still, over_video
from gala_renderer.engine.plan import Canvas
from gala_renderer.ffmpeg.drawn_layer import frames_of, with_logo
from gala_renderer.ffmpeg.encoder_options import (
    AAC,
    KEY_FRAME_SECONDS,
    MP4,
    REPRODUCIBLE,
    VideoEncoding,
    h264,
    tagged,
)
from gala_renderer.ffmpeg.inputs import Stream, one_frame, seconds_text
from gala_renderer.ffmpeg.narration_graph import (
    Narration,
    background_of,
    sound_of,
    thumbnail_frame,
)

_UNITS: Final = 512
"""Units of time per frame, as in MP4s that FFmpeg encodes."""
_NO_OTHER_KEY_FRAMES: Final = 100_000


@dataclass(frozen=True, slots=True)
class SparseFiles:
    """What is written on the way to the video, in a private folder."""

    folder: Path

    @property
    def drawings(self) -> Path:
        """H.264 (Annex B) of the drawings, each once."""
        return self.folder / "drawings.h264"

    @property
    def times(self) -> Path:
        """The number of the frame from which each drawing is shown, one per line."""
        return self.folder / "drawings.txt"

    @property
    def pictures(self) -> Path:
        """H.264 (Annex B) of all frames."""
        return self.folder / "pictures.h264"

    @property
    def sound(self) -> Path:
        """The encoded sound."""
        return self.folder / "sound.mp4"


def encode_drawings(
    narration: Narration, files: SparseFiles, *, encoding: VideoEncoding, threads: int
) -> tuple[str, ...]:
    """Return arguments that encode the frames that differ from those before, and the sound.

    They are those of a sparse layer; or of a still background, with captions whose pictures are
    listed for the whole video.
    """
    canvas = narration.canvas
    options = h264(encoding, fps=canvas.fps, threads=threads)
    del options["r"]
    options |= {
        "g": _NO_OTHER_KEY_FRAMES,
        "force_key_frames": f"expr:gte(t,n_forced*{KEY_FRAME_SECONDS})",
        "fps_mode": "vfr",
        "enc_time_base:v": f"1/{canvas.fps}",
        "stats_enc_post:v": str(files.times),
        "stats_enc_post_fmt:v": "{pts}",
    }
    seconds = seconds_text(canvas.seconds)
    shown = _drawings(narration)
    movie = ffmpeg.output(shown, str(files.drawings), f="h264", **options, **REPRODUCIBLE)
    sound = ffmpeg.output(
        sound_of(narration), str(files.sound), f="mp4", **AAC, **REPRODUCIBLE, t=seconds
    )
    return tuple(ffmpeg.merge_outputs(movie, sound).get_args())


def write_video(
    files: SparseFiles, canvas: Canvas, *, video: Path, thumbnail: Path, tags: Mapping[str, str]
) -> tuple[str, ...]:
    """Return arguments that put the pictures and the sound into an MP4, and one into a JPEG."""
    pictures = ffmpeg.input(str(files.pictures), f="h264", framerate=canvas.fps).video
    sound = ffmpeg.input(str(files.sound), f="mp4").audio
    # Each frame's time, in units that are whole; H.264 alone has none.
    frame = f"1/({canvas.fps}*TB)"
    times = f"setts=pts=N*{frame}:dts=N*{frame}:duration={frame}"
    options = {
        "c": "copy",
        "bsf:v": times,
        "video_track_timescale": canvas.fps * _UNITS,
        "t": seconds_text(canvas.seconds),
    }
    movie = ffmpeg.output(
        pictures, sound, str(video), **MP4, **options, **REPRODUCIBLE, **tagged(tags)
    )
    still = one_frame(pictures, thumbnail_frame(canvas), "image/jpeg", str(thumbnail))
    return tuple(ffmpeg.merge_outputs(movie, still).get_args())


def times_of(lines: Sequence[str], frames: int) -> list[int]:
    """Return the numbers of the frames from which drawings are shown."""
    return [number for number in map(int, lines) if number < frames]


def _drawings(narration: Narration) -> Stream:
    layer, canvas = narration.layer, narration.canvas
    if layer is None and narration.logo is None and not narration.moves:
        return _still(narration)
    if layer is None or not layer.sparse or not layer.covers(canvas):
        raise ValueError(
            "only a still, and a sparse layer that covers the canvas, have frames that repeat"
        )
    shown = frames_of(layer, canvas)
    if narration.logo is None and narration.captions is None:
        return shown
    # What is laid over them changes at times of its own.
    shown = shown.filter("fps", canvas.fps).filter("tpad", stop=-1, stop_mode="clone")
    if narration.logo is not None:
        shown = with_logo(shown, narration.logo, canvas)
    if narration.captions is not None:
        shown = over_video(shown, narration.captions)
    whole = shown.trim(end_frame=canvas.frames).filter("format", "yuv420p")
    return whole.filter("mpdecimate", hi=0, lo=0, frac=0)


def _still(narration: Narration) -> Stream:
    """Return the background with each picture of the captions, and again at each key frame."""
    canvas, picture = narration.canvas, background_of(narration)
    if narration.captions is not None:
        size = {"width": canvas.width, "height": canvas.height}
        return drawn_over_still(picture, narration.captions, **size)
    apart = key_frame_distance(canvas)
    count = -(-canvas.frames // apart)
    again = picture.filter("loop", loop=count - 1, size=1)
    return again.filter("settb", f"1/{canvas.fps}").filter("setpts", f"N*{apart}")


def key_frame_distance(canvas: Canvas) -> int:
    """Return the number of frames from one key frame to the next."""
    return round(KEY_FRAME_SECONDS * canvas.fps)
