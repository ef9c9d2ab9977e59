"""What an inspection finds out about a media file, and which files are accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

from gala.errors import UnprocessableMedia

MAX_PIXELS: Final = 40_000_000
"""Width times height, at most, of a picture or frame that is decoded."""

MAX_INPUT_SECONDS: Final = 12 * 60 * 60.0

TOLERANCE: Final = 0.1
"""Seconds by which the streams of an ordinary file may start or end apart: encoders' delays and
incomplete last frames. More is meant, and is kept."""

# Self-contained formats only: no demuxer that opens other files or URLs (playlists, concat, image
# sequences by pattern), and none that renders vector graphics (SVG).
DEMUXERS: Final = (
    "aac", "aiff", "amr", "apng", "asf", "avi", "bmp_pipe", "caf", "flac", "flv", "gif",
    "jpeg_pipe", "jpegxl_pipe", "jpegls_pipe", "matroska", "webm", "mov", "mp4", "m4a", "mp3",
    "mpeg", "mpegts", "ogg", "png_pipe", "tiff_pipe", "w64", "wav", "webp_pipe", "webp_anim",
)  # fmt: skip
"""FFmpeg's names of the accepted containers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourSpace:
    """How sample values map to light, in FFmpeg's names; ``None`` where the file does not say."""

    primaries: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    full_range: bool = False

    @property
    def hdr(self) -> bool:
        """True for high dynamic range: PQ or HLG."""
        return self.transfer in ("smpte2084", "arib-std-b67")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStream:
    """The video stream of a file, or its picture; sides in pixels as shown, after rotation.

    ``None`` means that the file does not say. Codecs, profiles, pixel formats and colours have
    FFmpeg's names.
    """

    width: int
    height: int
    number: int = 0
    """Its position among the video streams of the file, from 0."""
    fps: float | None = None
    """Frames per second, on average."""
    still: bool = False
    alpha: bool = False
    codec: str | None = None
    profile: str | None = None
    pixel_format: str | None = None
    bits: int = 8
    """Bits per component."""
    colour: ColourSpace = ColourSpace()
    colour_profile: str | None = None
    """The name of the embedded ICC profile."""
    profile_damaged: bool = False
    """True if it has an ICC profile that cannot be used."""
    to_srgb: Literal["picture", "light"] | None = None
    """How a picture must be converted to sRGB before it is used: by its profile, or by FFmpeg from
    HDR or a wide gamut; see :mod:`gala_renderer.pictures.conversion`."""
    rotation: int = 0
    """Degrees, counter-clockwise, by which a player rotates it."""
    sample_aspect: Fraction = Fraction(1)
    """Width divided by height of one pixel as shown, after rotation."""
    rate: Fraction | None = None
    """Frames per second, exactly; with a variable rate, that of the closest frames."""
    steady: bool = True
    """True if all frames last equally long, as far as the index or the packets show."""
    longest_frame: float | None = None
    """With a variable rate: the longest time that a frame is shown, in seconds."""
    refresh_frames: int = 0
    """Frames after a seek that may not be whole yet and are left out: H.264 without key frames, in
    which each frame refreshes a part of the picture. 0 in files with key frames."""
    interlaced: bool = False
    time_base: Fraction | None = None
    """Seconds per tick of its time stamps."""
    start: float = 0.0
    """Seconds before the first frame."""
    seconds: float | None = None
    frames: int | None = None
    bit_rate: int | None = None
    """Bits per second."""
    tag: str | None = None
    """The container's own name for the codec, such as ``avc1``."""
    digest: str | None = None
    """Equal for streams with equal decoder configuration, which can be concatenated."""

    @property
    def hdr(self) -> bool:
        """True if SDR screens need it tone-mapped."""
        return self.colour.hdr


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioStream:
    """The audio stream of a file; the rate in hertz. ``None`` means that the file does not say."""

    rate: int
    channels: int
    number: int = 0
    """Its position among the audio streams of the file, from 0."""
    language: str | None = None
    """ISO 639-2 code, such as ``spa``."""
    lead_in: float = 0.0
    """Seconds of stored sound before its start, hidden by an edit list."""
    codec: str | None = None
    profile: str | None = None
    layout: str | None = None
    """The channel layout by FFmpeg's name: ``mono``, ``stereo``, ``5.1``."""
    start: float = 0.0
    """Seconds before the first sample."""
    seconds: float | None = None
    bit_rate: int | None = None
    """Bits per second."""
    digest: str | None = None
    """Equal for streams with equal decoder configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """An inspected file, which can be decoded with ``demuxer``."""

    path: Path
    demuxer: str
    seconds: float | None = None
    """Measured where the container does not store it; ``None`` for a picture."""
    length_source: str | None = None
    """``stored``, ``measured`` (from the packets) or ``estimated`` (from size and bit rate)."""
    sound_tracks: int = 0
    """The number of audio streams."""
    picture: VideoStream | None = None
    sound: AudioStream | None = None
    bit_rate: int | None = None
    """Bits per second of all streams together."""
    start: float = 0.0
    """The first time stamp of the file in seconds; FFmpeg seeks relative to it."""

    @property
    def length(self) -> float:
        """The length as players show it, in seconds from the file's start; 0 if it is unknown.

        The last frame stands until the sound ends, if that is more than 0.1 seconds later.
        """
        if self.picture is None:
            return self.sound_end or self.seconds or 0.0
        outlasts = self.sound_end - self.picture_end > TOLERANCE and not self.picture.still
        return self.sound_end if outlasts else self.picture_end

    @property
    def late_picture(self) -> float:
        """Seconds from the file's start to the first frame."""
        return max(0.0, self.picture.start - self.start) if self.picture else 0.0

    @property
    def picture_end(self) -> float:
        """When the last frame ends, in seconds from the file's start; 0 without a picture."""
        if self.picture is None:
            return 0.0
        return self.late_picture + (self.picture.seconds or self.seconds or 0.0)

    @property
    def sound_end(self) -> float:
        """When the sound ends, in seconds from the file's start; 0 without sound."""
        if self.sound is None:
            return 0.0
        return max(0.0, self.sound.start - self.start) + (self.sound.seconds or self.seconds or 0.0)

    @property
    def holds_frames(self) -> bool:
        """True if the first or the last frame must be held to fill the length."""
        picture = self.picture
        if picture is None or picture.still:
            return False
        if not picture.steady and (picture.longest_frame or 0.0) > TOLERANCE:
            # The last frame may be the one that lasts longest.
            return True
        shown = picture.seconds or self.seconds or 0.0
        if picture.frames and picture.rate and picture.steady:
            shown = min(shown, float(picture.frames / picture.rate))
        return self.length - shown > TOLERANCE

    def loops(self, seconds: float) -> bool:
        """Return True if it must be repeated to last for ``seconds``."""
        return self.seconds is None or self.seconds < seconds

    def require_picture(self, field: str) -> VideoStream:
        """Return its video stream; raise ``UnprocessableMedia`` naming ``field`` if it has none."""
        if self.picture is None:
            raise UnprocessableMedia(
                f"{field}: this file has no picture.",
                hint="Choose a picture or a video.",
                field=field,
            )
        return self.picture

    def require_sound(self, field: str) -> AudioStream:
        """Return its audio stream; raise ``UnprocessableMedia`` naming ``field`` if it has none."""
        if self.sound is None:
            raise UnprocessableMedia(
                f"{field}: this file has no sound.",
                hint="Choose an audio file, or a video that has sound.",
                field=field,
            )
        return self.sound


def media_from(path: Path, found: Mapping[str, Any]) -> Media:
    """Build the object from the answer of ``program.py`` for that file."""
    picture, sound = found.get("picture"), found.get("sound")
    return Media(
        path=path,
        demuxer=found["demuxer"],
        seconds=found.get("seconds"),
        bit_rate=found.get("bit_rate"),
        start=found.get("start", 0.0),
        length_source=found.get("length_source"),
        sound_tracks=found.get("sound_tracks", 0),
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
