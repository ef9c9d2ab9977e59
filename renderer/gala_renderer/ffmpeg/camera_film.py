"""FFmpeg's arguments for films whose frames are predicted from few key frames. Pure.

:mod:`gala_renderer.h264.motion` writes the others between the two runs of FFmpeg.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import ffmpeg

from gala_renderer.ffmpeg.encoder_options import MP4, REPRODUCIBLE, Options
from gala_renderer.ffmpeg.film_formats import FilmFormat, codec_options, sound_options
from gala_renderer.ffmpeg.inputs import Stream, seconds_text
from gala_renderer.ffmpeg.video_source import rate_text

_LEAST_UNITS: Final = 10_000
"""Units of time per second, at least, as in MP4s that FFmpeg encodes."""


@dataclass(frozen=True, slots=True)
class CameraFiles:
    """What is written on the way to the film, in a private folder."""

    folder: Path

    @property
    def keys(self) -> Path:
        """H.264 (Annex B) of the key frames."""
        return self.folder / "camera-keys.h264"

    @property
    def pictures(self) -> Path:
        """H.264 (Annex B) of all frames."""
        return self.folder / "camera.h264"


def encode_keys(frames: Stream, files: CameraFiles, form: FilmFormat) -> tuple[str, ...]:
    """Return arguments that encode frames, each as a key frame."""
    options: Options = {
        **codec_options(form),
        "r": rate_text(form.rate),
        "force_key_frames": "expr:1",
        "forced-idr": 1,
    }
    output = ffmpeg.output(frames, str(files.keys), f="h264", **options, **REPRODUCIBLE)
    return tuple(output.get_args())


def write_camera_film(
    files: CameraFiles, sound: Stream | None, film: Path, form: FilmFormat, frames: int
) -> tuple[str, ...]:
    """Return arguments that put the frames, and the sound, into an MP4."""
    pictures = ffmpeg.input(str(files.pictures), f="h264", framerate=rate_text(form.rate)).video
    # Each frame's time, in units that are whole; H.264 alone has none.
    frame = f"{form.rate.denominator}/({form.rate.numerator}*TB)"
    options: Options = {
        "c:v": "copy",
        "bsf:v": f"setts=pts=N*{frame}:dts=N*{frame}:duration={frame}",
        "video_track_timescale": _units_of(form.rate),
        "t": seconds_text(float(frames / form.rate)),
        **MP4,
        **REPRODUCIBLE,
    }
    streams = [pictures]
    if sound is not None:
        streams.append(sound)
        options |= sound_options(form.file_format, form.codec)
    return tuple(ffmpeg.output(*streams, str(film), **options).get_args())


def _units_of(rate: Fraction) -> int:
    units = rate.numerator
    while units < _LEAST_UNITS:
        units *= 2
    return units
