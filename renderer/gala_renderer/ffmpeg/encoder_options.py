"""Encoder options for video and audio output, shared by every render type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from gala.render_types.params.presenters import TransparentFormat
from gala.render_types.params.video_encoding import Encoder, Quality
from gala_renderer.h264 import motion as h264_motion
from gala_renderer.h264 import repeats as h264_repeats

Options: TypeAlias = dict[str, str | int | float | None]
"""Output options for ffmpeg-python; ``None`` stands for an option without a value."""

AUDIO_RATE: Final = 48_000

KEY_FRAME_SECONDS: Final = 2
"""Players seek to key frames, and exact cuts re-encode at most this length."""

AAC: Final[Options] = {
    "c:a": "aac",
    "b:a": "160k",
    "aac_coder": "fast",
    "ar": AUDIO_RATE,
    "ac": 2,
}
"""At this rate, the fast coder takes 40 to 60 % less time than FFmpeg's usual one, and its noise is
1 to 10 dB lower in relation to what masks it: for speech, music with sharp beginnings, and both."""

REPRODUCIBLE: Final[Options] = {
    "map_metadata": -1,
    "fflags": "+bitexact",
    "flags:v": "+bitexact",
    "flags:a": "+bitexact",
}
"""Equal work gives equal bytes: no dates, no versions, no metadata of the source."""


def tagged(tags: Mapping[str, str]) -> Options:
    """Return options that write these tags into the container, beside ``REPRODUCIBLE``."""
    # ffmpeg-python takes each option once; what follows the specifier g (global) is ignored.
    return {
        f"metadata:g:{number}": f"{name}={value}"
        for number, (name, value) in enumerate(tags.items())
    }


MP4: Final[Options] = {"f": "mp4", "movflags": "+faststart"}

BT709: Final[Options] = {
    "color_primaries": "bt709",
    "color_trc": "bt709",
    "colorspace": "bt709",
    "color_range": "tv",
}

TRANSPARENT: Final[Mapping[TransparentFormat, Options]] = {
    TransparentFormat.WEBM: {
        "f": "webm",
        "c:v": "libvpx-vp9",
        "pix_fmt": "yuva420p",
        "crf": 24,
        "b:v": 0,
        "deadline": "realtime",
        "cpu-used": 6,
        "row-mt": 1,
        "auto-alt-ref": 0,
        "c:a": "libopus",
        "b:a": "128k",
        "ar": AUDIO_RATE,
        **BT709,
    },
    TransparentFormat.MOV: {
        "f": "mov",
        "movflags": "+faststart",
        "c:v": "prores_ks",
        "profile:v": "4444",
        "pix_fmt": "yuva444p10le",
        "alpha_bits": 16,
        "vendor": "apl0",
        "c:a": "pcm_s16le",
        "ar": AUDIO_RATE,
        **BT709,
    },
    TransparentFormat.PNG: {"f": "image2", "c:v": "png", "pix_fmt": "rgba"},
}
"""Videos with transparency, with their sound."""

_FOOTAGE: Final = "partitions=i8x8,i4x4:subme=1:rc-lookahead=6:sync-lookahead=0:bframes=3:b-adapt=0"
"""``veryfast`` without what it spends most time on: blocks split between frames, a search for
quarters of a pixel by transform, a search for how many B-frames. A third to a half less time on
clips of a camera, an animation, patterns and gradients, for 16 % fewer to 7 % more bytes (14 % with
strong grain) at a VMAF that is at most 0.4 lower. A short look-ahead without a thread of its own
keeps fewer frames in memory: 55 MB at 1080x1920.
"""

_X264: Final[dict[Quality, Options]] = {
    Quality.DRAFT: {"preset": "ultrafast", "crf": 26},
    Quality.PREVIEW: {"preset": "veryfast", "crf": 20, "x264-params": _FOOTAGE},
    Quality.PRODUCTION: {"preset": "slow", "crf": 18},
}

_NVENC: Final[dict[Quality, Options]] = {
    Quality.DRAFT: {"preset": "p1", "cq": 29},
    Quality.PREVIEW: {"preset": "p4", "cq": 23},
    Quality.PRODUCTION: {"preset": "p7", "cq": 19},
}
_QSV: Final[dict[Quality, Options]] = {
    Quality.DRAFT: {"preset": "veryfast", "global_quality": 29},
    Quality.PREVIEW: {"preset": "medium", "global_quality": 23},
    Quality.PRODUCTION: {"preset": "veryslow", "global_quality": 19},
}
_VAAPI_QP: Final = {Quality.DRAFT: 29, Quality.PREVIEW: 23, Quality.PRODUCTION: 19}
# From 1 to 100, higher is better; constant quality requires Apple silicon.
_VIDEOTOOLBOX_Q: Final = {Quality.DRAFT: 45, Quality.PREVIEW: 60, Quality.PRODUCTION: 75}

_PICTURES: Final = "mbtree=1:rc-lookahead=6:sync-lookahead=0:bframes=5:b-adapt=0:b-pyramid=none"
_QUICK: Final = "no-deblock=0:deblock=0,0:cabac=1:b-adapt=0:b-pyramid=none:weightp=0"
"""What ``ultrafast`` leaves out although it pays: deblocking and CABAC. B-frames cost least so."""
_TALKING: Final = (
    "rc-lookahead=0:sync-lookahead=0:scenecut=0:bframes=1:ipratio=1.7:pbratio=1.2:" + _QUICK
)
_OVER_VIDEO: Final = "mbtree=1:rc-lookahead=6:sync-lookahead=0:aq-mode=1:bframes=5:" + _QUICK
_ONCE: Final = "mbtree=0:rc-lookahead=0:sync-lookahead=0:scenecut=0:" + h264_repeats.ENCODER
_DRAWINGS: Final = f"aq-mode=0:{_ONCE}"
_CHANGES: Final = f"aq-mode=1:{_ONCE}"
_KEYS: Final = (
    "mbtree=0:rc-lookahead=0:sync-lookahead=0:scenecut=0:qcomp=1:aq-mode=1:" + h264_motion.ENCODER
)


@dataclass(frozen=True, slots=True)
class VideoEncoding:
    """A video encoder of FFmpeg with its options, and the filters that it needs before it.

    ``device`` are the global options that open the hardware: put them before all others,
    ``(*encoding.device, *output.get_args())``, and pass the stream through :func:`uploaded`.
    """

    codec: str
    options: tuple[tuple[str, str | float], ...]
    device: tuple[str, ...] = ()
    upload: tuple[str, ...] = ()
    """Filters that upload 8-bit 4:2:0 frames to the hardware, in FFmpeg's syntax."""


def uploaded(stream: Any, encoding: VideoEncoding) -> Any:
    """Return the stream for the encoder: uploaded to the hardware if it requires that."""
    for name in encoding.upload:
        filter_name, _, argument = name.partition("=")
        stream = stream.filter(filter_name, *([argument] if argument else []))
    return stream


def h264(encoding: VideoEncoding, *, fps: float, threads: int) -> Options:
    """Return output options for H.264 at a constant frame rate, tagged as BT.709."""
    return {
        "c:v": encoding.codec,
        **dict(encoding.options),
        "g": max(1, round(fps * KEY_FRAME_SECONDS)),
        "r": f"{fps:g}",
        "fps_mode": "cfr",
        "threads:v": threads,
        **BT709,
    }


def software(quality: Quality) -> VideoEncoding:
    """Return the options of x264, which is always available."""
    options: dict[str, str | int] = {
        **{key: value for key, value in _X264[quality].items() if isinstance(value, str | int)},
        "profile:v": "high",
        "pix_fmt": "yuv420p",
    }
    return VideoEncoding("libx264", tuple(options.items()))


def capped(encoding: VideoEncoding, kbps: int | None) -> VideoEncoding:
    """Return the encoding with a limit of the bit rate over two seconds; hardware has none."""
    if kbps is None or encoding.codec != "libx264":
        return encoding
    limits: tuple[tuple[str, str | float], ...] = (
        ("maxrate:v", f"{kbps}k"),
        ("bufsize:v", f"{2 * kbps}k"),
    )
    return replace(encoding, options=(*encoding.options, *limits))


def for_still(encoding: VideoEncoding, quality: Quality) -> VideoEncoding:
    """Return the encoding for frames that are still but for small changes.

    x264 spends most of its time on a motion search that finds nothing: without, it takes half the
    time. Adaptive quantisation stays on; without it, skies show bands.
    """
    quick: Options = {"preset": "ultrafast", "x264-params": "cabac=1:aq-mode=1"}
    return _with_x264(encoding, quality, quick)


def for_changes(encoding: VideoEncoding, quality: Quality) -> VideoEncoding:
    """Return the encoding of x264 for frames as in ``for_still``, each of which it gets once.

    Few frames may take more time each: ``veryfast`` spends a fifth fewer bytes than ``superfast``
    for the same SSIM (0.9998 on a captioned photo).
    """
    quick: Options = {"preset": "veryfast", "crf": 22, "x264-params": _CHANGES}
    return _with_x264(encoding, quality, quick)


def for_pictures(encoding: VideoEncoding, quality: Quality) -> VideoEncoding:
    """Return the encoding for pictures and texts that move, without footage of a camera.

    With x264's macroblock tree, ``superfast`` takes a little more than half the time of
    ``veryfast`` for a camera that moves over a picture, at the same SSIM (0.990).
    """
    quick: Options = {"preset": "superfast", "crf": 16, "x264-params": _PICTURES}
    return _with_x264(encoding, quality, quick)


def for_presenters(encoding: VideoEncoding, quality: Quality) -> VideoEncoding:
    """Return the encoding for presenters, who move little before what stands still.

    Most of a frame repeats the one before, so that x264's look-ahead and macroblock tree take
    longer than what they save. Constant quantisers, finer in key frames, take a quarter less time
    than ``for_presenters_over_video``, for 5 % fewer to 34 % more bytes, with a PSNR of the face
    0.1 to 1.5 dB higher. One B-frame between two others saves a fifth of the bytes; more
    cost more time than they are worth.
    """
    quick: Options = {"preset": "ultrafast", "crf": None, "qp": 20, "x264-params": _TALKING}
    return _with_x264(encoding, quality, quick)


def for_presenters_over_video(encoding: VideoEncoding, quality: Quality) -> VideoEncoding:
    """Return the encoding for presenters before or beside a video.

    ``ultrafast`` with x264's macroblock tree, adaptive quantisation, deblocking and CABAC, which it
    leaves out, takes three quarters of the time of ``superfast`` with the tree, and less than half
    of that of ``veryfast``, for the same SSIM (0.984 on a portrait) and a tenth to a quarter more
    bytes. B-frames cost least: five in a row, without a search for how many, none of which others
    refer to. A short look-ahead without a thread of its own keeps few frames in memory.
    """
    quick: Options = {"preset": "ultrafast", "crf": 17.5, "x264-params": _OVER_VIDEO}
    return _with_x264(encoding, quality, quick)


def for_key_frames(encoding: VideoEncoding, quality: Quality) -> VideoEncoding | None:
    """Return the encoding of x264 for key frames that all others are predicted from.

    They are few, so that each may take its time: ``medium`` spends a tenth fewer bytes than
    ``superfast`` for a higher SSIM. None for other encoders and qualities, and with a limit of the
    bit rate, which key frames alone cannot keep.
    """
    is_usual = encoding.codec == "libx264" and quality is Quality.PREVIEW
    if not is_usual or "maxrate:v" in dict(encoding.options):
        return None
    return _with_x264(encoding, quality, {"preset": "medium", "crf": 16, "x264-params": _KEYS})


def for_drawings(encoding: VideoEncoding, quality: Quality) -> VideoEncoding:
    """Return the encoding of x264 for drawings, each of which it gets once.

    What moves in drawings is new, and what does not is skipped: a look-ahead, which decides where
    bits are spent, takes a third of the time and spends as many for the same quality.
    """
    quick: Options = {"preset": "superfast", "crf": None, "qp": 18, "x264-params": _DRAWINGS}
    return _with_x264(encoding, quality, quick)


def _with_x264(encoding: VideoEncoding, quality: Quality, options: Options) -> VideoEncoding:
    """Return x264's encoding for previews with other options, without those that are None.

    Other encoders and qualities are left as they are.
    """
    if encoding.codec != "libx264" or quality is not Quality.PREVIEW:
        return encoding
    merged = {**dict(encoding.options), **options}
    kept = tuple((name, value) for name, value in merged.items() if value is not None)
    return replace(encoding, options=kept)


def hardware(encoder: Encoder, quality: Quality, *, device: Path | None = None) -> VideoEncoding:
    """Return a hardware encoder's options; ``device`` is the render node for VAAPI.

    :class:`gala_renderer.ffmpeg.hardware_encoders.Encoders` finds out whether it works here.
    """
    match encoder:
        case Encoder.NVENC:
            chosen = {**_NVENC[quality], "rc": "vbr", "b:v": 0, "pix_fmt": "yuv420p"}
            return _hardware("h264_nvenc", chosen)
        case Encoder.QSV:
            start = ("-init_hw_device", "qsv=gala")
            return _hardware("h264_qsv", {**_QSV[quality], "pix_fmt": "nv12"}, device=start)
        case Encoder.VIDEOTOOLBOX:
            chosen = {"q:v": _VIDEOTOOLBOX_Q[quality], "allow_sw": 0, "pix_fmt": "yuv420p"}
            return _hardware("h264_videotoolbox", chosen)
        case Encoder.VAAPI:
            node = f"vaapi=gala:{device}" if device else "vaapi=gala"
            return _hardware(
                "h264_vaapi",
                {"rc_mode": "CQP", "qp": _VAAPI_QP[quality]},
                device=("-init_hw_device", node, "-filter_hw_device", "gala"),
                upload=("format=nv12", "hwupload"),
            )
        case _:
            raise ValueError(f"{encoder} is not a hardware encoder")


def _hardware(
    codec: str, options: Options, *, device: tuple[str, ...] = (), upload: tuple[str, ...] = ()
) -> VideoEncoding:
    chosen = {key: value for key, value in options.items() if isinstance(value, str | int)}
    return VideoEncoding(codec, tuple({**chosen, "profile:v": "high"}.items()), device, upload)
