"""Requests and responses about brand kits and targets."""

from __future__ import annotations

from pydantic import Field

from gala.brand_kits import BrandKit
from gala.media import Format
from gala_api.schemas.common import Moment, Sent


class StoredBrandKit(Sent):
    """A brand kit under its name."""

    name: str = Field(examples=["acme"])
    kit: BrandKit
    created_at: Moment
    updated_at: Moment


class BrandKitResponse(Sent):
    """One brand kit."""

    brand_kit: StoredBrandKit


class BrandKitsListResponse(Sent):
    """Brand kits by name."""

    brand_kits: list[StoredBrandKit]


class TargetSafeArea(Sent):
    """Margins that texts keep free, as fractions of the frame's sides."""

    top: float
    right: float
    bottom: float
    left: float


class TargetDescription(Sent):
    """Where films are shown, and what is taken there."""

    name: str = Field(examples=["tiktok"])
    title: str = Field(examples=["TikTok"])
    format: Format
    min_seconds: float
    max_seconds: float | None
    safe_area: TargetSafeArea
    loudness_lufs: float
    bit_rate_kbps: int
    source: str = Field(description="The platform's page about them.")


class TargetsListResponse(Sent):
    """All targets."""

    targets: list[TargetDescription]
