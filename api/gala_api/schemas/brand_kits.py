"""Requests and responses about brand kits and targets."""

from __future__ import annotations

from pydantic import Field

from gala.brand_kits import BrandColors, BrandKit
from gala.media import Format
from gala_api.schemas.common import Moment, Sent


class StoredBrandKit(Sent):
    """A brand kit under its name."""

    name: str = Field(examples=["acme"])
    kit: BrandKit
    created_at: Moment
    updated_at: Moment


class BrandKitSummary(Sent):
    """A brand kit in a list; `GET /brand-kits/{name}` has all of it."""

    name: str = Field(examples=["acme"])
    logo: str | None = Field(description="The logo's asset or URL.")
    colors: BrandColors
    fields: list[str] = Field(description="What the kit sets.", examples=[["logo", "colors"]])
    created_at: Moment
    updated_at: Moment


class BrandKitResponse(Sent):
    """One brand kit."""

    brand_kit: StoredBrandKit


class BrandKitsListResponse(Sent):
    """Brand kits by name."""

    brand_kits: list[BrandKitSummary]


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
