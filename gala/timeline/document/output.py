"""What a composition is written as: the file format, and pictures and texts beside it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from gala.render_types.params.video_encoding import CappedParams
from gala.timeline.document.values import Seconds
from gala.timeline.problems import broken_rule


class FileFormat(StrEnum):
    """File format of a film."""

    MP4 = "mp4"
    WEBM = "webm"
    MOV = "mov"
    GIF = "gif"
    WEBP = "webp"
    HLS = "hls"
    M4A = "m4a"
    MP3 = "mp3"
    WAV = "wav"
    JPEG = "jpeg"
    PNG = "png"


class VideoCodec(StrEnum):
    """Codec of the pictures."""

    H264 = "h264"
    HEVC = "hevc"
    AV1 = "av1"
    VP9 = "vp9"
    PRORES = "prores"


CODECS: Final[Mapping[FileFormat, tuple[VideoCodec, ...]]] = {
    FileFormat.MP4: (VideoCodec.H264, VideoCodec.HEVC, VideoCodec.AV1),
    FileFormat.WEBM: (VideoCodec.VP9, VideoCodec.AV1),
    FileFormat.MOV: (VideoCodec.H264, VideoCodec.HEVC, VideoCodec.PRORES),
    FileFormat.HLS: (VideoCodec.H264,),
}
"""The codecs of each format, the usual one first."""
CONTAINERS: Final = frozenset({FileFormat.MP4, FileFormat.WEBM, FileFormat.MOV})
"""Formats of films with sound, in one file."""
SOUNDS: Final = frozenset({FileFormat.M4A, FileFormat.MP3, FileFormat.WAV})
"""Formats of sound alone."""
STILLS: Final = frozenset({FileFormat.JPEG, FileFormat.PNG})
"""Formats of a single frame."""
ANIMATIONS: Final = frozenset({FileFormat.GIF, FileFormat.WEBP})
"""Formats of pictures that move, without sound."""
TRANSPARENT: Final = frozenset(
    {FileFormat.WEBM, FileFormat.MOV, FileFormat.GIF, FileFormat.WEBP, FileFormat.PNG}
)
"""Formats that can be transparent; WebM as VP9, MOV as ProRes."""


class OutputParams(CappedParams):
    """Base of compositions: how they are written."""

    file_format: Annotated[FileFormat, Field(strict=False)] = Field(
        default=FileFormat.MP4,
        description=(
            "`mp4`, `webm`, `mov`; `gif`, `webp` (up to 60 s, without sound); `hls` (a ZIP archive"
            " with a ladder of sizes as fMP4); sound alone: `m4a`, `mp3`, `wav`; one frame: `jpeg`,"
            " `png`."
        ),
    )
    codec: Annotated[VideoCodec, Field(strict=False)] | None = Field(
        default=None,
        description=(
            "`h264` (the default of `mp4`, `mov` and `hls`), `hevc` and `av1` (smaller files,"
            " slower), `vp9` (the default of `webm`), `prores` (`mov`, for editing)."
        ),
    )
    transparent: bool = Field(
        default=False,
        description="Whether the background is transparent, in `webm`, `mov` (ProRes 4444), `gif`,"
        " `webp` and `png`.",
    )
    poster: Seconds | None = Field(
        default=None,
        description="Also make a JPEG of the frame at this time. For `jpeg` and `png`, the frame"
        " itself; by default in the middle.",
    )
    contact_sheet: bool = Field(
        default=False, description="Whether a picture with 12 frames of the film is made, too."
    )
    subtitles: bool = Field(
        default=False,
        description="Whether what the voices say is written as VTT and SRT, too.",
    )
    preview: bool = Field(
        default=False,
        description="Whether it is made small and fast: 360 pixels, quality `draft`.",
    )

    @model_validator(mode="after")
    def _formats_fit(self) -> Self:
        known = CODECS.get(self.file_format, ())
        if self.codec is not None and self.codec not in known:
            rule = f"{self.file_format} has no pictures in {self.codec}."
            words = ", ".join(known)
            raise broken_rule(rule, f"Use {words}." if known else "Leave codec out.", "codec")
        if not self.transparent:
            return self
        if self.file_format not in TRANSPARENT:
            raise broken_rule(
                f"{self.file_format} cannot be transparent.",
                f"Use {', '.join(sorted(TRANSPARENT))} as file_format.",
                "transparent",
            )
        if self.codec not in {None, VideoCodec.VP9, VideoCodec.PRORES}:
            raise broken_rule(f"{self.codec} cannot be transparent.", "Leave codec out.", "codec")
        return self

    @property
    def video_codec(self) -> VideoCodec:
        """The codec that is used."""
        if self.codec is not None:
            return self.codec
        if self.transparent and self.file_format is FileFormat.MOV:
            return VideoCodec.PRORES
        return CODECS.get(self.file_format, (VideoCodec.H264,))[0]
