"""How finished video and sound are encoded; every type that encodes takes its options from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from gala.types.words.quality import Quality

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


@dataclass(frozen=True, slots=True)
class VideoEncoding:
    """How pictures are encoded: FFmpeg's encoder and its own options, filters it wants before it.

    ``device`` are FFmpeg's global options that open the hardware.
    """

    codec: str
    options: tuple[tuple[str, str | int], ...]
    device: tuple[str, ...] = ()
    upload: str | None = None
    """A filter chain that brings 8-bit 4:2:0 frames to the hardware."""


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
