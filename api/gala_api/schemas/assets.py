"""Assets over the wire."""

from __future__ import annotations

from pydantic import Field

from gala.media import AssetKind
from gala_api.schemas.common import Moment, Sent


class Asset(Sent):
    """A finished piece of media."""

    id: str = Field(examples=["ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"])
    kind: AssetKind
    provider: str = Field(examples=["localfs"])
    object_key: str = Field(description="The provider's key; in Google Drive the file's id.")
    mime: str = Field(examples=["video/mp4"])
    size_bytes: int = Field(ge=0)
    checksum: str | None = Field(description="SHA-256 of the bytes, hexadecimal.")
    label: str | None
    filename: str | None = Field(description="The name it was uploaded under.")
    job_id: str | None = Field(description="The job that made it.")
    created_at: Moment


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
