"""Words for media: what an asset is for, and how an output looks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field


class AssetKind(StrEnum):
    """What an asset is for."""

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
    """Whether an asset is there, or was only promised."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class MediaClass(StrEnum):
    """The broad class of a file, taken from its MIME type."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    OTHER = "other"


# The one text that is not registered as such.
_SUBRIP: Final = "application/x-subrip"


def media_class(mime: str) -> MediaClass:
    """The class of a MIME type: ``video/mp4`` → ``video``; unknown ones are ``other``."""
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
    """Size in pixels (even, 16 to 4096) and frame rate (1 to 120 frames a second)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: Side = Field(examples=[1080])
    height: Side = Field(examples=[1920])
    fps: int = Field(ge=1, le=MAX_FPS, strict=True, examples=[30])


class AspectRatio(StrEnum):
    """Frame shapes with a usual size."""

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
