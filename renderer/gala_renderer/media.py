"""What is known of a media file before anything is made of it, and what is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.errors import UnprocessableMedia

MAX_PIXELS: Final = 40_000_000
"""Width times height of the largest picture or frame that is decoded."""

MAX_INPUT_SECONDS: Final = 12 * 60 * 60.0

# Self-contained formats only: a demuxer that opens other files or addresses (playlists, concat,
# image sequences by pattern) is not on this list, nor is one that draws (SVG).
DEMUXERS: Final = (
    "aac", "aiff", "amr", "apng", "asf", "avi", "bmp_pipe", "caf", "flac", "flv", "gif",
    "jpeg_pipe", "jpegxl_pipe", "jpegls_pipe", "matroska", "webm", "mov", "mp4", "m4a", "mp3",
    "mpeg", "mpegts", "ogg", "png_pipe", "tiff_pipe", "w64", "wav", "webp_pipe", "webp_anim",
)  # fmt: skip
"""FFmpeg's names of the containers that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The video stream of a file; sides in pixels as shown, after its rotation."""

    width: int
    height: int
    fps: float | None = None
    still: bool = False
    alpha: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """The audio stream of a file; the rate in hertz."""

    rate: int
    channels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file that was looked into: it can be decoded with ``demuxer``."""

    path: Path
    demuxer: str
    seconds: float | None = None
    picture: Picture | None = None
    sound: Sound | None = None

    def loops(self, seconds: float) -> bool:
        """Whether it must start again to last for ``seconds``."""
        return self.seconds is None or self.seconds < seconds

    def require_picture(self, field: str) -> Picture:
        """Its video stream; ``UnprocessableMedia`` naming the request's ``field`` if none."""
        if self.picture is None:
            raise UnprocessableMedia(
                f"{field}: this file has no picture.",
                hint="Choose a picture or a video.",
                field=field,
            )
        return self.picture

    def require_sound(self, field: str) -> Sound:
        """Its audio stream; ``UnprocessableMedia`` naming the request's ``field`` if none."""
        if self.sound is None:
            raise UnprocessableMedia(
                f"{field}: this file has no sound.",
                hint="Choose an audio file, or a video that has sound.",
                field=field,
            )
        return self.sound
