"""Kinds and states of assets, media classes, and output formats."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field


class AssetKind(StrEnum):
    """Purpose of an asset."""

    SOURCE_VIDEO = "source_video"
    AVATAR_INPUT = "avatar_input"
    MUSIC = "music"
    RENDER_OUTPUT = "render_output"
    THUMBNAIL = "thumbnail"
    OVERLAY = "overlay"
    BACKGROUND = "background"
    VOICE = "voice"
    CAPTIONS = "captions"
    OTHER = "other"


class AssetStatus(StrEnum):
    """State of an asset; a pending one is still to be made by its job."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class MediaClass(StrEnum):
    """The broad class of a file, derived from its MIME type."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    FONT = "font"
    OTHER = "other"


# The only text type that is not registered under text/.
_SUBRIP: Final = "application/x-subrip"


def media_class(mime: str) -> MediaClass:
    """Return the class of a MIME type: ``video/mp4`` → ``video``; ``other`` if unknown."""
    if mime == _SUBRIP:
        return MediaClass.TEXT
    top = mime.partition("/")[0]
    return MediaClass(top) if top in frozenset(MediaClass) else MediaClass.OTHER


MAX_SIDE: Final = 4096
MAX_FPS: Final = 120
USUAL_FPS: Final = 30
MAX_DURATION_MS: Final = 4 * 60 * 60 * 1000

# 4:2:0 chroma is stored at half the resolution, so both sides must be even.
Side = Annotated[int, Field(ge=16, le=MAX_SIDE, multiple_of=2, strict=True)]


class Format(BaseModel):
    """Size in pixels (even, 16 to 4096) and frame rate (1 to 120 frames per second)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: Side = Field(examples=[1080])
    height: Side = Field(examples=[1920])
    fps: int = Field(ge=1, le=MAX_FPS, strict=True, examples=[30])


class MediaFacts(BaseModel):
    """What a media file contains; ``None`` where it does not apply or is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    duration_ms: int | None = Field(default=None, ge=0)
    width: int | None = Field(default=None, ge=1)
    """Pixels as shown, after rotation."""
    height: int | None = Field(default=None, ge=1)
    fps: float | None = Field(default=None, gt=0)
    """Frames per second, on average."""


class SpokenBy(BaseModel):
    """The engine and voice that have spoken a text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: str = Field(description="Speech engine.", examples=["kokoro"])
    voice: str | None = Field(
        default=None,
        description="The engine's name of the voice; null if it has none, as a cloned voice.",
        examples=["ef_dora"],
    )
    language: str | None = Field(
        default=None,
        description="Language that was spoken, as a BCP 47 tag; null if the engine does not know.",
        examples=["es"],
    )
    backend: str | None = Field(
        default=None,
        description="What ran the engine's model, if there is a choice: `onnx`, `torch`.",
        examples=["onnx"],
    )

    def __str__(self) -> str:
        engine = f"{self.engine} ({self.backend})" if self.backend else self.engine
        return " ".join(part for part in (engine, self.voice, self.language) if part)


class AspectRatio(StrEnum):
    """Aspect ratios with a default size."""

    PORTRAIT = "9:16"
    LANDSCAPE = "16:9"
    SQUARE = "1:1"
    FEED = "4:5"


SIZES: Final[dict[AspectRatio, tuple[int, int]]] = {
    AspectRatio.PORTRAIT: (1080, 1920),
    AspectRatio.LANDSCAPE: (1920, 1080),
    AspectRatio.SQUARE: (1080, 1080),
    AspectRatio.FEED: (1080, 1350),
}
"""Width and height in pixels of each aspect ratio."""
