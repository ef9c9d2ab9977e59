"""Assets over the wire."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from gala.job import JobFailure
from gala.media import AssetKind, AssetStatus
from gala.net.urls import MAX_URL_CHARACTERS
from gala_api.schemas.common import Line, Moment, Received, Sent


class Asset(Sent):
    """A piece of media, finished or promised.

    What is known of bytes only is null until the asset is `ready`.
    """

    id: str = Field(examples=["ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"])
    kind: AssetKind
    status: AssetStatus = Field(
        default=AssetStatus.READY,
        description="`pending` while its job is at work, `failed` if that ended without it.",
    )
    error: JobFailure | None = Field(default=None, description="Why it has failed.")
    provider: str | None = Field(default=None, examples=["localfs"])
    object_key: str | None = Field(
        default=None, description="The provider's key; in Google Drive the file's id."
    )
    mime: str | None = Field(default=None, examples=["video/mp4"])
    size_bytes: int | None = Field(default=None, ge=0)
    checksum: str | None = Field(default=None, description="SHA-256 of the bytes, hexadecimal.")
    label: str | None
    filename: str | None = Field(description="The name it was uploaded under.")
    job_id: str | None = Field(description="The job that made it or will make it.")
    created_at: Moment


class ImportAssetRequest(Received):
    """A file that GALA is to fetch."""

    # Enumerations arrive as their words.
    model_config = ConfigDict(extra="forbid", strict=False)

    url: str = Field(
        max_length=MAX_URL_CHARACTERS,
        description="Where it is: http or https, on the open internet.",
        examples=["https://example.com/sea.mp4"],
    )
    kind: AssetKind
    label: Line | None = Field(default=None, description="What to find it by.")
    filename: Line | None = Field(
        default=None, description="What it is called; the URL's own name if left out."
    )


class AssetResponse(Sent):
    """One asset."""

    asset: Asset


class AssetsListResponse(Sent):
    """Assets, newest first."""

    assets: list[Asset]
    next_cursor: str | None = Field(
        default=None, description="Send it as `cursor` for the next page; null at the end."
    )


class AssetURLResponse(Sent):
    """Where an asset's bytes can be fetched."""

    asset_id: str
    url: str
    expires_at: Moment = Field(description="When the link ends; until then it opens by itself.")
