"""Requests and responses about assets."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from gala.job import JobFailure
from gala.media import AssetKind, AssetStatus, SpokenBy
from gala.net.urls import MAX_URL_CHARACTERS
from gala_api.schemas.common import Line, Moment, Received, Sent, Url


class Asset(Sent):
    """A media file, available or still to be produced.

    Fields about the bytes are null until the asset is `ready`.
    """

    id: str = Field(examples=["ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"])
    kind: AssetKind
    status: AssetStatus = Field(
        default=AssetStatus.READY,
        description="`pending` until its job produces it, `failed` if the job ended without it.",
    )
    error: JobFailure | None = Field(default=None, description="The reason if it has failed.")
    provider: str | None = Field(default=None, examples=["localfs"])
    object_key: str | None = Field(
        default=None, description="The provider's key; the file's id in Google Drive."
    )
    mime: str | None = Field(default=None, examples=["video/mp4"])
    size_bytes: int | None = Field(default=None, ge=0)
    checksum: str | None = Field(default=None, description="SHA-256 of the bytes, hexadecimal.")
    label: str | None
    filename: str | None = Field(description="The name of the uploaded file.")
    job_id: str | None = Field(description="The job that produces or has produced it.")
    created_at: Moment
    duration_ms: int | None = Field(
        default=None,
        ge=0,
        description="Length of a video or sound. This, `width`, `height` and `fps` of an upload are"
        " null until a job has used it.",
        examples=[7000],
    )
    width: int | None = Field(
        default=None, ge=1, description="Pixels as shown, after rotation.", examples=[1080]
    )
    height: int | None = Field(default=None, ge=1, examples=[1920])
    fps: float | None = Field(
        default=None, gt=0, description="Frames per second, on average.", examples=[30]
    )
    speech: list[SpokenBy] | None = Field(
        default=None,
        description="The engines and voices that speak in it, each once; null if it has no speech"
        " that GALA made.",
    )
    content_url: str | None = Field(
        default=None,
        description="URL of the bytes, for callers with access; `GET /assets/{assetId}/url` returns"
        " one that needs no header.",
        examples=["http://localhost:8080/assets/ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF/content"],
    )


class ImportAssetRequest(Received):
    """A file to be fetched from a URL."""

    # Enumerations arrive as strings.
    model_config = ConfigDict(extra="forbid", strict=False)

    url: Url = Field(
        max_length=MAX_URL_CHARACTERS,
        description="An http or https URL on the public internet.",
        examples=["https://example.com/sea.mp4"],
    )
    kind: AssetKind
    label: Line | None = Field(default=None, description="A text to find it by.")
    filename: Line | None = Field(
        default=None, description="The file name; by default the last part of the URL."
    )


class AssetResponse(Sent):
    """One asset."""

    asset: Asset


class AssetsListResponse(Sent):
    """Assets, newest first."""

    assets: list[Asset]
    next_cursor: str | None = Field(
        default=None, description="The `cursor` of the next page; null on the last page."
    )


class AssetURLResponse(Sent):
    """A link to the bytes of an asset."""

    asset_id: str
    url: str
    expires_at: Moment = Field(description="When the link expires; until then it needs no header.")
