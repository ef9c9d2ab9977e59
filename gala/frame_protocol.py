"""Messages between API and renderer for single frames of compositions.

``POST /timeline/frame`` of the renderer takes a :class:`TimelineFrameRequest` and returns a
picture. If it needs files that it does not have, it answers with the error CONFLICT, whose detail
``missing`` lists their digests: send each with ``PUT /files/{sha256}``, and ask again. The renderer
keeps them for the next frames, up to a total size.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from gala.media import Format, MediaFacts
from gala.render_types.params.timecodes import MAX_SECONDS

MISSING: Final = "missing"
"""The detail that lists the digests of missing files."""
MAX_FRAME_WIDTH: Final = 4096
FRAME_SECONDS: Final = 60.0
"""How long a frame may take. What was spoken meanwhile is kept, so that the next request goes on
from there."""


class FrameFormat(StrEnum):
    """File format of a frame."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


FRAME_MIMES: Final[Mapping[FrameFormat, str]] = {one: f"image/{one}" for one in FrameFormat}

FrameWidth = Annotated[int, Field(ge=16, le=MAX_FRAME_WIDTH)]
"""Width of the picture in pixels."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class FrameFile(BaseModel):
    """A file that the composition names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    """Its name in the composition."""
    sha256: Sha256
    mime: str
    facts: MediaFacts | None = None
    """What is known of it; without them, the renderer asks for the file if it needs its length."""


class TimelineFrameRequest(BaseModel):
    """One frame of a composition."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    params: dict[str, Any]
    frame: Format
    """Size and frame rate of the film."""
    at: float = Field(ge=0, le=MAX_SECONDS)
    """Seconds from the start of the film."""
    format: FrameFormat = FrameFormat.PNG
    width: FrameWidth | None = None
    """Width of the picture in pixels; that of the film if unset."""
    files: tuple[FrameFile, ...] = ()
