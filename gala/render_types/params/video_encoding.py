"""Quality and encoder of videos."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.render_types.base import TypeParams


class Quality(StrEnum):
    """Encoding quality, from fast to slow."""

    DRAFT = "draft"
    PREVIEW = "preview"
    PRODUCTION = "production"


class Encoder(StrEnum):
    """H.264 encoder: software, or hardware that is tested before it is used."""

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
            "`draft` is fastest, `preview` is good for most screens, `production` is slow and best."
        ),
    )
    encoder: Annotated[Encoder, Field(strict=False)] = Field(
        default=Encoder.SOFTWARE,
        description=(
            "`auto` uses a hardware encoder if one works on this machine. A named encoder that does"
            " not work is replaced by `software`, with a line in the job's log."
        ),
    )


class CappedParams(VideoParams):
    """Base of the params of films whose bit rate can be limited."""

    max_bit_rate_kbps: int | None = Field(
        default=None,
        ge=100,
        le=500_000,
        description="The most kilobits per second of the pictures in H.264, over two seconds;"
        " scenes that need less take less. By default that of `output.target`, else none.",
    )
