"""FFmpeg's arguments for films that are joined from encoded parts, and their pictures. Pure."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import ffmpeg

from gala.render_types.frames import PictureFormat
from gala.timeline.document.output import FileFormat, VideoCodec
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE, Options
from gala_renderer.ffmpeg.film_formats import (
    CONTAINERS,
    HVC1,
    FilmFormat,
    contact_sheet,
    contact_sheet_frames,
    frame_output,
    sound_options,
)
from gala_renderer.ffmpeg.inputs import Stream, seconds_text

_REORDERED: Final = frozenset({VideoCodec.H264, VideoCodec.HEVC})
"""Codecs whose frames are stored in another order than they are seen in."""
_MOST_REORDERED: Final = 2
"""Frames that a frame is stored ahead of its turn, at most: B-frames refer to one another once."""


def part_format(form: FilmFormat) -> FilmFormat:
    """Return the format of a film's parts: WebM would round their times to milliseconds.

    MP4 has no place for transparency, so that a transparent WebM is rounded.
    """
    is_mov = form.codec is VideoCodec.PRORES
    return replace(form, file_format=FileFormat.MOV if is_mov else FileFormat.MP4)


def _even_decoding_times(form: FilmFormat) -> Options:
    """Return options for copied parts, so that frames are decoded at even distances.

    Parts of one or two frames are stored without delay, others with one or two frames of it. After
    such a part, a film would seem to have frames of several lengths, and another frame rate.
    """
    if form.codec not in _REORDERED:
        return {}
    length = f"{form.rate.denominator}/({form.rate.numerator}*TB)"
    return {"bsf:v:0": f"setts=pts=PTS:dts=(N-{_MOST_REORDERED})*{length}"}


def joined_output(
    parts: Stream,
    sound: Stream | None,
    target: Path,
    form: FilmFormat,
    *,
    seconds: float,
    is_encoded: bool,
) -> tuple[str, ...]:
    """Return arguments that copy the pictures of joined parts, and the sound if that is encoded."""
    streams = [parts]
    options: Options = {**CONTAINERS[form.file_format], "c:v": "copy", **_even_decoding_times(form)}
    if form.codec is VideoCodec.HEVC:
        options["tag:v"] = HVC1
    if sound is not None:
        streams.append(sound)
        encoding = sound_options(form.file_format, form.codec)
        options |= {"c:a": "copy"} if is_encoded else encoding
    output = ffmpeg.output(
        *streams, str(target), t=seconds_text(seconds), **options, **REPRODUCIBLE
    )
    return tuple(output.get_args())


def poster_of(film: Path, number: int, rate: Fraction, path: Path) -> tuple[str, ...]:
    """Return arguments that write a frame of a film that is finished."""
    pictures = _from(film, number, rate)
    one = frame_output(pictures, 0, path, PictureFormat.JPEG, transparent=False)
    return tuple(one.get_args())


def contact_sheet_of(film: Path, frames: int, rate: Fraction, path: Path) -> tuple[str, ...]:
    """Return arguments that write the contact sheet of a film that is finished.

    Its frames are searched for one by one: most of the film need not be decoded.
    """
    shown = [
        _from(film, number, rate).filter("trim", end_frame=1).filter("setpts", "0")
        for number in contact_sheet_frames(frames)
    ]
    joined = ffmpeg.concat(*shown, v=1, a=0) if len(shown) > 1 else shown[0]
    return tuple(contact_sheet(joined, path).get_args())


def _from(film: Path, number: int, rate: Fraction) -> Stream:
    """Return the pictures of a film from a frame on."""
    at = max(Fraction(0), (number - Fraction(1, 2)) / rate)
    return ffmpeg.input(str(film), ss=seconds_text(float(at)), threads=1).video
