"""How well and with what a video is encoded."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.render_types.base import TypeParams


class Quality(StrEnum):
    """From fast and small to slow and fine."""

    DRAFT = "draft"
    PREVIEW = "preview"
    PRODUCTION = "production"


class Encoder(StrEnum):
    """What encodes H.264: the processor, or a chip that is really tried before it is used."""

    SOFTWARE = "software"
    AUTO = "auto"
    NVENC = "nvenc"
    VAAPI = "vaapi"
    QSV = "qsv"
    VIDEOTOOLBOX = "videotoolbox"


class VideoParams(TypeParams):
    """Base of the params of every type that encodes a video."""

    quality: Annotated[Quality, Field(strict=False)] = Field(
        default=Quality.PREVIEW,
        description=(
            "`draft` is fastest, `preview` good for most screens, `production` slow and fine."
        ),
    )
    encoder: Annotated[Encoder, Field(strict=False)] = Field(
        default=Encoder.SOFTWARE,
        description=(
            "`auto` takes a hardware encoder if one really works here; one asked for by name that"
            " does not work is replaced by software, with a line in the job's log."
        ),
    )
