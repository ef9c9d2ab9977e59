"""FFmpeg's arguments for films as HLS: a ladder of sizes in fMP4 segments, and the sound. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala_renderer.ffmpeg.encoder_options import AAC, REPRODUCIBLE, Options, uploaded
from gala_renderer.ffmpeg.film_formats import FilmFormat, codec_options, with_others
from gala_renderer.ffmpeg.inputs import Stream, seconds_text
from gala_renderer.ffmpeg.video_source import even

MASTER: Final = "master.m3u8"
"""The playlist of playlists."""
_SEGMENT_SECONDS: Final = 4
_LADDER: Final = (1080, 720, 480, 360)
"""Shorter sides of the ladder, below that of the film."""


def ladder(width: int, height: int) -> list[tuple[int, int]]:
    """Return the sizes of a ladder, the largest first: that of the film, and smaller ones."""
    short = min(width, height)
    smaller = [side for side in _LADDER if side < short]
    return [
        (width, height),
        *((even(width * side / short), even(height * side / short)) for side in smaller),
    ]


def steady_options(size: tuple[int, int], rate: Fraction) -> Options:
    """Return the options of the encoder for pictures whose bit rate is limited, as players need."""
    most = _kilobits(*size, rate)
    return {"maxrate": f"{most}k", "bufsize": f"{2 * most}k", "sc_threshold": 0}


def hls_output(
    pictures: Stream,
    sound: Stream | None,
    folder: Path,
    form: FilmFormat,
    *,
    size: tuple[int, int],
    seconds: float,
    beside: Sequence[Stream] = (),
    encoded: Stream | None = None,
) -> tuple[str, ...]:
    """Return arguments that write a ladder as HLS with fMP4 segments, all in ``folder``.

    ``encoded`` is a film that is copied as the largest size; ``pictures`` are its frames. The sound
    is encoded once, as a rendition of its own.
    """
    sizes = ladder(*size)
    streams = _renditions(pictures, encoded, sizes, form)
    options: dict[str, Any] = {}
    for number, one in enumerate(sizes):
        is_copied = number == 0 and encoded is not None
        wanted = {"c": "copy"} if is_copied else _encoding(one, form)
        if encoded is not None and not is_copied:
            # Segments of all sizes begin at the same times.
            wanted["force_key_frames"] = "source"
        options |= {f"{name}:v:{number}": value for name, value in wanted.items()}
    group = ",agroup:sound" if sound is not None else ""
    names = [f"v:{number}{group}" for number in range(len(sizes))]
    if sound is not None:
        streams.append(sound)
        names.append("a:0,agroup:sound,default:yes")
        options |= AAC
    # FFmpeg writes the names of a single rendition as they are.
    name = "v%v" if len(names) > 1 else "v0"
    output = ffmpeg.output(
        *streams,
        str(folder / f"{name}.m3u8"),
        **options,
        t=seconds_text(seconds),
        f="hls",
        hls_time=_SEGMENT_SECONDS,
        hls_playlist_type="vod",
        hls_segment_type="fmp4",
        hls_flags="independent_segments",
        hls_fmp4_init_filename=f"{name}-init.mp4",
        hls_segment_filename=str(folder / f"{name}-%04d.m4s"),
        master_pl_name=MASTER,
        var_stream_map=" ".join(names),
        **REPRODUCIBLE,
    )
    return (*form.h264.device, *with_others(output, beside))


def gathered(folder: Path, target: Path) -> tuple[str, ...]:
    """Return arguments that write an MP4 of the largest size of a ladder, read as players do."""
    stream = ffmpeg.input(
        str(folder / MASTER), f="hls", protocol_whitelist="file", allowed_extensions="m3u8,m4s,mp4"
    )
    output = ffmpeg.output(stream, str(target), c="copy", f="mp4", **REPRODUCIBLE)
    return tuple(output.get_args())


def _renditions(
    pictures: Stream, encoded: Stream | None, sizes: Sequence[tuple[int, int]], form: FilmFormat
) -> list[Stream]:
    """Return the pictures of each size; the largest is ``encoded``, if there is such."""
    found = [] if encoded is None else [encoded]
    own = sizes[len(found) :]
    copies = pictures.split() if len(own) > 1 else [pictures]
    for number, (width, height) in enumerate(own):
        shown = copies[number]
        if (width, height) != sizes[0]:
            shown = shown.filter("scale", w=width, h=height, flags="bicubic").filter("setsar", 1)
        found.append(uploaded(shown, form.h264))
    return found


def _encoding(size: tuple[int, int], form: FilmFormat) -> Options:
    """Return the options of the encoder for a size, for any stream."""
    options = {name.removesuffix(":v"): value for name, value in codec_options(form).items()}
    return {**options, **steady_options(size, form.rate)}


def _kilobits(width: int, height: int, rate: Fraction) -> int:
    """Return the highest bit rate that a size needs for a few seconds: 6 Mbit/s at 1080p30."""
    return max(300, round(6000 * width * height / (1920 * 1080) * max(1.0, float(rate) / 30)))
