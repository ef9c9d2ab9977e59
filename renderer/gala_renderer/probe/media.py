"""What is known of a media file before anything is made of it, and what is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

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
class ColourSpace:
    """How a video's numbers stand for light, in FFmpeg's words; ``None``: the file does not say."""

    primaries: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    full_range: bool = False

    @property
    def hdr(self) -> bool:
        """Whether it is brighter than a usual screen: PQ or HLG."""
        return self.transfer in ("smpte2084", "arib-std-b67")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStream:
    """The video stream of a file; sides in pixels as shown, after its rotation.

    What is ``None`` the file does not tell. Codecs, profiles, pixel formats and colours are named
    as FFmpeg names them.
    """

    width: int
    height: int
    fps: float | None = None
    """Frames a second, on the average."""
    still: bool = False
    alpha: bool = False
    codec: str | None = None
    profile: str | None = None
    pixel_format: str | None = None
    bits: int = 8
    """Per component."""
    colour: ColourSpace = ColourSpace()
    rotation: int = 0
    """Degrees, counter-clockwise, that a player turns it by."""
    sample_aspect: Fraction = Fraction(1)
    """Width by height of one pixel."""
    rate: Fraction | None = None
    """Frames a second, exactly."""
    steady: bool = True
    """Whether all frames last equally long, as far as its index tells."""
    interlaced: bool = False
    time_base: Fraction | None = None
    """Seconds of one tick of its time stamps."""
    start: float = 0.0
    """Seconds until its first frame."""
    seconds: float | None = None
    frames: int | None = None
    bit_rate: int | None = None
    """Bits a second."""
    tag: str | None = None
    """The container's own name of the codec, such as ``avc1``."""
    digest: str | None = None
    """Equal for streams whose decoders are set up alike, so that one can follow the other."""

    @property
    def hdr(self) -> bool:
        """Whether it needs a tone mapping for usual screens."""
        return self.colour.hdr


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioStream:
    """The audio stream of a file; the rate in hertz. ``None``: the file does not tell."""

    rate: int
    channels: int
    codec: str | None = None
    profile: str | None = None
    layout: str | None = None
    """Which channels, as FFmpeg names it: ``mono``, ``stereo``, ``5.1``."""
    start: float = 0.0
    """Seconds until its first sample."""
    seconds: float | None = None
    bit_rate: int | None = None
    """Bits a second."""
    digest: str | None = None
    """Equal for streams whose decoders are set up alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file that was looked into: it can be decoded with ``demuxer``."""

    path: Path
    demuxer: str
    seconds: float | None = None
    picture: VideoStream | None = None
    sound: AudioStream | None = None
    bit_rate: int | None = None
    """Bits a second, all streams together."""
    start: float = 0.0
    """Where the file's clock begins: times of streams count from there when FFmpeg seeks."""

    def loops(self, seconds: float) -> bool:
        """Whether it must start again to last for ``seconds``."""
        return self.seconds is None or self.seconds < seconds

    def require_picture(self, field: str) -> VideoStream:
        """Its video stream; ``UnprocessableMedia`` naming the request's ``field`` if none."""
        if self.picture is None:
            raise UnprocessableMedia(
                f"{field}: this file has no picture.",
                hint="Choose a picture or a video.",
                field=field,
            )
        return self.picture

    def require_sound(self, field: str) -> AudioStream:
        """Its audio stream; ``UnprocessableMedia`` naming the request's ``field`` if none."""
        if self.sound is None:
            raise UnprocessableMedia(
                f"{field}: this file has no sound.",
                hint="Choose an audio file, or a video that has sound.",
                field=field,
            )
        return self.sound


def media_from(path: Path, found: Mapping[str, Any]) -> Media:
    """What ``program.py`` found in the file, as an object."""
    picture, sound = found.get("picture"), found.get("sound")
    return Media(
        path=path,
        demuxer=found["demuxer"],
        seconds=found.get("seconds"),
        bit_rate=found.get("bit_rate"),
        start=found.get("start", 0.0),
        picture=_picture_from(picture) if picture else None,
        sound=AudioStream(**sound) if sound else None,
    )


def _picture_from(found: Mapping[str, Any]) -> VideoStream:
    exact = {
        name: Fraction(*found[name])
        for name in ("rate", "time_base", "sample_aspect")
        if found.get(name)
    }
    colour = ColourSpace(**found.get("colour", {}))
    return VideoStream(**{**found, **exact, "colour": colour})
