"""How finished video and sound are encoded; every type that encodes takes its options from here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from gala.render_types.params.video_encoding import Encoder, Quality

Options: TypeAlias = dict[str, str | int | float | None]
"""Output options for ffmpeg-python; ``None`` is an option without a value."""

AUDIO_RATE: Final = 48_000

KEY_FRAME_SECONDS: Final = 2
"""Players seek to key frames, and exact cuts re-encode at most this much."""

AAC: Final[Options] = {"c:a": "aac", "b:a": "160k", "ar": AUDIO_RATE, "ac": 2}

REPRODUCIBLE: Final[Options] = {
    "map_metadata": -1,
    "fflags": "+bitexact",
    "flags:v": "+bitexact",
    "flags:a": "+bitexact",
}
"""The same work gives the same bytes: no dates, no versions, nothing of the source's metadata."""

MP4: Final[Options] = {"f": "mp4", "movflags": "+faststart"}

BT709: Final[Options] = {
    "color_primaries": "bt709",
    "color_trc": "bt709",
    "colorspace": "bt709",
    "color_range": "tv",
}

_X264: Final[dict[Quality, Options]] = {
    Quality.DRAFT: {"preset": "ultrafast", "crf": 26},
    Quality.PREVIEW: {"preset": "veryfast", "crf": 20},
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
# Of 1 to 100, more is better; constant quality needs a chip of Apple's own.
_VIDEOTOOLBOX_Q: Final = {Quality.DRAFT: 45, Quality.PREVIEW: 60, Quality.PRODUCTION: 75}


@dataclass(frozen=True, slots=True)
class VideoEncoding:
    """How pictures are encoded: FFmpeg's encoder and its own options, filters it wants before it.

    ``device`` are FFmpeg's global options that open the hardware: put them before all others,
    ``(*encoding.device, *output.get_args())``, and give the stream through :func:`uploaded`.
    """

    codec: str
    options: tuple[tuple[str, str | int], ...]
    device: tuple[str, ...] = ()
    upload: tuple[str, ...] = ()
    """Filters that bring 8-bit 4:2:0 frames to the hardware, each as FFmpeg reads it."""


def uploaded(stream: Any, encoding: VideoEncoding) -> Any:
    """The stream as the encoder takes it: as it is for most, in the chip's memory for some."""
    for name in encoding.upload:
        filter_name, _, argument = name.partition("=")
        stream = stream.filter(filter_name, *([argument] if argument else []))
    return stream


def h264(encoding: VideoEncoding, *, fps: float, threads: int) -> Options:
    """Output options for constant frame rate H.264 that every player shows with right colours."""
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
    """x264: always there."""
    options: dict[str, str | int] = {
        **{key: value for key, value in _X264[quality].items() if isinstance(value, str | int)},
        "profile:v": "high",
        "pix_fmt": "yuv420p",
    }
    return VideoEncoding("libx264", tuple(options.items()))


def for_still(encoding: VideoEncoding, quality: Quality) -> VideoEncoding:
    """The same, for pictures that stand still but for small changes.

    x264's search for motion is most of the work there and finds nothing: without it, it takes half
    the time. Adaptive quantisation stays, without which skies have bands.
    """
    if encoding.codec != "libx264" or quality is not Quality.PREVIEW:
        return encoding
    quick = {"preset": "ultrafast", "x264-params": "cabac=1:aq-mode=1"}
    return replace(encoding, options=tuple({**dict(encoding.options), **quick}.items()))


def hardware(encoder: Encoder, quality: Quality, *, device: Path | None = None) -> VideoEncoding:
    """One of the chips' encoders; ``device`` is the render node that VAAPI works on.

    Whether it works here is for :class:`gala_renderer.ffmpeg.hardware_encoders.Encoders` to find out.
    """
    match encoder:
        case Encoder.NVENC:
            chosen = {**_NVENC[quality], "rc": "vbr", "b:v": 0, "pix_fmt": "yuv420p"}
            return _chip("h264_nvenc", chosen)
        case Encoder.QSV:
            start = ("-init_hw_device", "qsv=gala")
            return _chip("h264_qsv", {**_QSV[quality], "pix_fmt": "nv12"}, device=start)
        case Encoder.VIDEOTOOLBOX:
            chosen = {"q:v": _VIDEOTOOLBOX_Q[quality], "allow_sw": 0, "pix_fmt": "yuv420p"}
            return _chip("h264_videotoolbox", chosen)
        case Encoder.VAAPI:
            node = f"vaapi=gala:{device}" if device else "vaapi=gala"
            return _chip(
                "h264_vaapi",
                {"rc_mode": "CQP", "qp": _VAAPI_QP[quality]},
                device=("-init_hw_device", node, "-filter_hw_device", "gala"),
                upload=("format=nv12", "hwupload"),
            )
        case _:
            raise ValueError(f"{encoder} is no hardware encoder")


def _chip(
    codec: str, options: Options, *, device: tuple[str, ...] = (), upload: tuple[str, ...] = ()
) -> VideoEncoding:
    chosen = {key: value for key, value in options.items() if isinstance(value, str | int)}
    return VideoEncoding(codec, tuple({**chosen, "profile:v": "high"}.items()), device, upload)
