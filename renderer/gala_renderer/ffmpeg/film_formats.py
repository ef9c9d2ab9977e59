"""FFmpeg's arguments for films in all formats: codecs, containers, and what lies beside them. Pure.

Pictures are 8-bit 4:2:0 in BT.709, with transparency if that is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala.render_types.frames import PictureFormat
from gala.render_types.params.presenters import TransparentFormat
from gala.render_types.params.video_encoding import Quality
from gala.timeline.document.output import FileFormat, VideoCodec
from gala_renderer.ffmpeg.encoder_options import (
    AAC,
    AUDIO_RATE,
    BT709,
    KEY_FRAME_SECONDS,
    MP4,
    REPRODUCIBLE,
    TRANSPARENT,
    Options,
    VideoEncoding,
    h264,
    uploaded,
)
from gala_renderer.ffmpeg.frame_extraction import written
from gala_renderer.ffmpeg.inputs import Stream, own_input, seconds_text
from gala_renderer.ffmpeg.video_source import rate_text

_OPUS: Final[Options] = {"c:a": "libopus", "b:a": "128k", "ar": AUDIO_RATE, "ac": 2}
_PCM: Final[Options] = {"c:a": "pcm_s16le", "ar": AUDIO_RATE, "ac": 2}
CONTAINERS: Final[Mapping[FileFormat, Options]] = {
    FileFormat.MP4: MP4,
    FileFormat.MOV: {"f": "mov", "movflags": "+faststart"},
    FileFormat.WEBM: {"f": "webm"},
}
HVC1: Final = "hvc1"
"""The tag of HEVC that players of Apple accept."""
_HEVC: Final = {
    Quality.DRAFT: ("ultrafast", 30),
    Quality.PREVIEW: ("superfast", 25),
    Quality.PRODUCTION: ("slow", 22),
}
_AV1: Final = {Quality.DRAFT: (12, 42), Quality.PREVIEW: (10, 35), Quality.PRODUCTION: (6, 28)}
_VP9: Final = {Quality.DRAFT: (8, 40), Quality.PREVIEW: (6, 34), Quality.PRODUCTION: (2, 28)}
"""Presets and levels of constant quality."""
_SOUND: Final[Mapping[FileFormat, Options]] = {
    FileFormat.M4A: {"f": "mp4", "movflags": "+faststart", **AAC},
    FileFormat.MP3: {"f": "mp3", "c:a": "libmp3lame", "b:a": "192k", "ar": AUDIO_RATE, "ac": 2},
    FileFormat.WAV: {"f": "wav", "rf64": "auto", **_PCM},
}
_FEW_THREADS: Final = 2
_SHEET: Final = (4, 3)
"""Columns and rows of a contact sheet."""
_SHEET_WIDTH: Final = 320


@dataclass(frozen=True, slots=True)
class FilmFormat:
    """How a film is encoded."""

    file_format: FileFormat
    codec: VideoCodec
    quality: Quality
    transparent: bool
    h264: VideoEncoding
    """The encoder for H.264."""
    rate: Fraction
    threads: int


def film_output(
    pictures: Stream,
    sound: Stream | None,
    path: Path,
    form: FilmFormat,
    *,
    seconds: float,
    beside: Sequence[Stream] = (),
    more: Options | None = None,
) -> tuple[str, ...]:
    """Return arguments that write an MP4, MOV or WebM of ``seconds``.

    ``beside`` are other outputs of the same run, ``more`` further options of the encoder.
    """
    is_h264 = form.codec is VideoCodec.H264
    streams = [uploaded(pictures, form.h264) if is_h264 else pictures]
    options: dict[str, Any] = {
        **CONTAINERS[form.file_format],
        **codec_options(form),
        **(more or {}),
        "r": rate_text(form.rate),
        "t": seconds_text(seconds),
        **REPRODUCIBLE,
    }
    if sound is not None:
        streams.append(sound)
        options |= sound_options(form.file_format, form.codec)
    output = ffmpeg.output(*streams, str(path), **options)
    return (*(form.h264.device if is_h264 else ()), *with_others(output, beside))


def sound_options(file_format: FileFormat, codec: VideoCodec) -> Options:
    """Return the options for the sound of an MP4, MOV or WebM."""
    if codec is VideoCodec.PRORES:
        return _PCM
    return _OPUS if file_format is FileFormat.WEBM else AAC


def codec_options(form: FilmFormat) -> Options:
    """Return the options for the pictures, tagged as BT.709."""
    common: Options = {
        "g": max(1, round(form.rate * KEY_FRAME_SECONDS)),
        "fps_mode": "cfr",
        "threads:v": form.threads,
        **BT709,
    }
    if form.codec is VideoCodec.H264:
        return _on_few_cores(h264(form.h264, fps=float(form.rate), threads=form.threads), form)
    if form.transparent:
        wanted = TransparentFormat.MOV
        if form.codec is VideoCodec.VP9:
            wanted = TransparentFormat.WEBM
        return TRANSPARENT[wanted]
    return {**common, **_OPTIONS[form.codec](form)}


def _on_few_cores(options: Options, form: FilmFormat) -> Options:
    """Return options of x264 with one thread more than cores, where these are few.

    Each waits for lines of the frame before: two threads leave a fifth of two cores idle, three
    make a film in a tenth less time. A fourth makes it no shorter, and takes 17 MB. There is no
    thread for the look-ahead alone: the frames that wait for it are a tenth of the memory.
    """
    if form.h264.codec != "libx264" or form.threads > _FEW_THREADS:
        return options
    found = {**options, "threads:v": form.threads + 1}
    return found if "x264-params" in found else {**found, "x264-params": "sync-lookahead=0"}


def _hevc(form: FilmFormat) -> Options:
    preset, crf = _HEVC[form.quality]
    quiet = f"log-level=error:pools={form.threads}"
    chosen: Options = {"c:v": "libx265", "preset": preset, "crf": crf, "x265-params": quiet}
    return {**chosen, "tag:v": HVC1, "pix_fmt": "yuv420p"}


def _av1(form: FilmFormat) -> Options:
    speed, crf = _AV1[form.quality]
    chosen: Options = {"c:v": "libsvtav1", "preset": speed, "crf": crf, "pix_fmt": "yuv420p"}
    return {**chosen, "svtav1-params": f"lp={form.threads}"}


def _vp9(form: FilmFormat) -> Options:
    speed, crf = _VP9[form.quality]
    good = "good" if form.quality is Quality.PRODUCTION else "realtime"
    chosen: Options = {"c:v": "libvpx-vp9", "crf": crf, "b:v": 0, "cpu-used": speed, "row-mt": 1}
    return {**chosen, "deadline": good, "pix_fmt": "yuv420p"}


def _prores(form: FilmFormat) -> Options:
    del form
    chosen: Options = {"c:v": "prores_ks", "profile:v": "hq", "pix_fmt": "yuv422p10le"}
    return {**chosen, "vendor": "apl0"}


_OPTIONS: Final[Mapping[VideoCodec, Callable[[FilmFormat], Options]]] = {
    VideoCodec.HEVC: _hevc,
    VideoCodec.AV1: _av1,
    VideoCodec.VP9: _vp9,
    VideoCodec.PRORES: _prores,
}


def sound_output(sound: Stream, path: Path, file_format: FileFormat) -> tuple[str, ...]:
    """Return arguments that write sound alone."""
    output = ffmpeg.output(sound, str(path), **_SOUND[file_format], **REPRODUCIBLE)
    return tuple(output.get_args())


def frame_output(
    pictures: Stream, frame: int, path: Path, form: PictureFormat, *, transparent: bool
) -> Stream:
    """Return an output that writes one frame; ``transparent`` only as PNG."""
    one = pictures.filter("trim", start_frame=frame, end_frame=frame + 1)
    options = {"f": "image2", "update": 1, "frames:v": 1, **REPRODUCIBLE}
    if not transparent:
        return written(one.filter("setpts", "0"), path, form, **options)
    rgb = one.filter("setpts", "0").filter("scale", in_color_matrix="bt709", in_range="tv")
    return ffmpeg.output(rgb.filter("format", "rgba"), str(path), **{"c:v": "png"}, **options)


def contact_sheet_frames(frames: int) -> range:
    """Return the numbers of the frames, at most 12, that a contact sheet of a film shows."""
    columns, rows = _SHEET
    apart = max(1, frames // (columns * rows))
    return range(apart // 2, frames, apart)[: columns * rows]


def contact_sheet_output(pictures: Stream, frames: int, path: Path) -> Stream:
    """Return an output that writes a contact sheet of all frames of a film."""
    wanted = contact_sheet_frames(frames)
    some = pictures.filter("select", f"not(mod(n-{wanted.start},{wanted.step}))")
    return contact_sheet(some, path)


def contact_sheet(pictures: Stream, path: Path) -> Stream:
    """Return an output that writes a picture with the first 12 of these."""
    columns, rows = _SHEET
    small = pictures.filter("scale", w=_SHEET_WIDTH, h=-2, flags="area")
    tiled = small.filter("tile", f"{columns}x{rows}", margin=8, padding=8, color="#181818")
    options = {"f": "image2", "update": 1, "frames:v": 1, **REPRODUCIBLE}
    return written(tiled, path, PictureFormat.JPEG, **options)


def palette_output(pictures: Stream, path: Path, beside: Sequence[Stream] = ()) -> tuple[str, ...]:
    """Return arguments that write the best 256 colours as a PNG: a pass of its own saves memory."""
    found = pictures.filter("palettegen", stats_mode="diff")
    options = {"f": "image2pipe", "c:v": "png", "frames:v": 1, **REPRODUCIBLE}
    return with_others(ffmpeg.output(found, str(path), **options), beside)


def gif_output(pictures: Stream, palette: Path, path: Path) -> tuple[str, ...]:
    """Return arguments that write a GIF, which loops for ever."""
    drawn = ffmpeg.filter(
        [pictures, own_input(palette)], "paletteuse", dither="sierra2_4a", diff_mode="rectangle"
    )
    return tuple(ffmpeg.output(drawn, str(path), f="gif", loop=0, **REPRODUCIBLE).get_args())


def webp_output(
    pictures: Stream, path: Path, beside: Sequence[Stream] = (), *, transparent: bool
) -> tuple[str, ...]:
    """Return arguments that write an animated WebP, which loops for ever."""
    # The encoder that finds equal parts of frames forgets that a picture is transparent.
    encoder = "libwebp" if transparent else "libwebp_anim"
    options: dict[str, Any] = {"c:v": encoder, "quality": 75, "compression_level": 3}
    output = ffmpeg.output(pictures, str(path), f="webp", loop=0, **options, **REPRODUCIBLE)
    return with_others(output, beside)


def lossless_output(
    pictures: Stream, path: Path, *, seconds: float, beside: Sequence[Stream] = ()
) -> tuple[str, ...]:
    """Return arguments that store frames without loss, for another pass."""
    options = {"f": "matroska", "c:v": "ffv1", "t": seconds_text(seconds), **REPRODUCIBLE}
    return with_others(ffmpeg.output(pictures, str(path), **options), beside)


def stored_frames(path: Path) -> Stream:
    """Return the frames that :func:`lossless_output` stores."""
    return ffmpeg.input(str(path), f="matroska").video


def with_others(output: Stream, beside: Sequence[Stream]) -> tuple[str, ...]:
    """Return the arguments of an output, and of others of the same run."""
    return tuple((ffmpeg.merge_outputs(output, *beside) if beside else output).get_args())
