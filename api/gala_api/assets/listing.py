"""List assets, including pending ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select, union_all
from sqlalchemy.orm import Session

from gala.db import pending_assets
from gala.db.tables import Asset, Job, PendingAsset
from gala.job import LIVE
from gala.media import AssetKind, AssetStatus
from gala_api import serializers
from gala_api.http.paging import contains
from gala_api.schemas import assets


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFilter:
    """Which assets to list; ``None`` matches everything."""

    owner: str
    kind: AssetKind | None = None
    status: AssetStatus | None = None
    q: str | None = None

    def ids(self) -> Select[str]:
        """Return a query for the ids of all matching assets, unordered."""
        ready, pending = self._ready(), self._pending()
        if self.status is AssetStatus.READY:
            return ready
        if self.status is not None:
            return pending
        return select(union_all(ready, pending).subquery().c.id)

    def _ready(self) -> Select[str]:
        query = select(Asset.id).where(Asset.owner_id == self.owner)
        return self._matching(query, Asset.kind, (Asset.label, Asset.filename, Asset.mime))

    def _pending(self) -> Select[str]:
        query = select(PendingAsset.id).where(PendingAsset.owner_id == self.owner)
        if self.status is not None:
            lives = Job.status.in_(LIVE)
            pending = self.status is AssetStatus.PENDING
            query = query.join(Job, Job.id == PendingAsset.job_id)
            query = query.where(lives if pending else ~lives)
        names = (PendingAsset.label, PendingAsset.filename)
        return self._matching(query, PendingAsset.kind, names)

    def _matching(self, query: Select[str], kind: Any, names: Sequence[Any]) -> Select[str]:
        if self.kind is not None:
            query = query.where(kind == self.kind)
        if self.q is not None:
            query = query.where(or_(*(contains(name, self.q) for name in names)))
        return query


def page(
    session: Session,
    matching: AssetFilter,
    *,
    base_url: str,
    limit: int,
    offset: int,
    cursor: str | None,
) -> tuple[list[assets.Asset], str | None]:
    """Return the assets of a page, newest first, and the cursor of the next page, if any."""
    found = matching.ids().subquery()
    statement = select(found.c.id)
    if cursor is not None:
        statement = statement.where(found.c.id < cursor)
    statement = statement.order_by(found.c.id.desc()).limit(limit + 1).offset(offset)
    ids = list(session.scalars(statement))
    more = ids[limit - 1] if len(ids) > limit else None
    return _serialized(session, ids[:limit], base_url), more


def _serialized(session: Session, ids: Sequence[str], base_url: str) -> list[assets.Asset]:
    pending = {
        asset_id: serializers.pending_asset(found)
        for asset_id, found in pending_assets.read(session, ids).items()
    }
    # Second, so that an asset that is completed between the two queries is listed as it is now.
    rows = session.scalars(select(Asset).where(Asset.id.in_(ids)))
    all_assets = pending | {row.id: serializers.asset(row, base_url) for row in rows}
    return [all_assets[asset_id] for asset_id in ids if asset_id in all_assets]
