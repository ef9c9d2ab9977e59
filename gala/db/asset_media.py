"""What is known of the content of assets: length, size, frame rate."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import update
from sqlalchemy.orm import Session

from gala.db.tables import Asset
from gala.media import MediaFacts


def is_known(asset: Asset) -> bool:
    """Return True if the asset's content was described before."""
    return asset.duration_ms is not None or asset.width is not None


def record(session: Session, facts: Mapping[str, MediaFacts]) -> None:
    """Record facts by asset id; assets that were deleted meanwhile are left out."""
    # In one order, so that workers that record the same assets cannot deadlock.
    for asset_id in sorted(facts):
        session.execute(
            update(Asset).where(Asset.id == asset_id).values(facts[asset_id].model_dump())
        )
