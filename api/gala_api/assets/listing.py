"""Assets in order, those that were only promised among them."""

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
class Wanted:
    """Which assets; what is ``None`` does not matter."""

    owner: str
    kind: AssetKind | None = None
    status: AssetStatus | None = None
    q: str | None = None

    def ids(self) -> Select[str]:
        """The ids of all of them, in no order."""
        ready, promised = self._ready(), self._promised()
        if self.status is AssetStatus.READY:
            return ready
        if self.status is not None:
            return promised
        return select(union_all(ready, promised).subquery().c.id)

    def _ready(self) -> Select[str]:
        chosen = select(Asset.id).where(Asset.owner_id == self.owner)
        return self._matching(chosen, Asset.kind, (Asset.label, Asset.filename, Asset.mime))

    def _promised(self) -> Select[str]:
        chosen = select(PendingAsset.id).where(PendingAsset.owner_id == self.owner)
        if self.status is not None:
            lives = Job.status.in_(LIVE)
            pending = self.status is AssetStatus.PENDING
            chosen = chosen.join(Job, Job.id == PendingAsset.job_id)
            chosen = chosen.where(lives if pending else ~lives)
        names = (PendingAsset.label, PendingAsset.filename)
        return self._matching(chosen, PendingAsset.kind, names)

    def _matching(self, chosen: Select[str], kind: Any, names: Sequence[Any]) -> Select[str]:
        if self.kind is not None:
            chosen = chosen.where(kind == self.kind)
        if self.q is not None:
            chosen = chosen.where(or_(*(contains(name, self.q) for name in names)))
        return chosen


def page(
    session: Session, wanted: Wanted, *, limit: int, offset: int, cursor: str | None
) -> tuple[list[assets.Asset], str | None]:
    """The assets of a page, newest first, and the cursor of the next one if there is one."""
    found = wanted.ids().subquery()
    statement = select(found.c.id)
    if cursor is not None:
        statement = statement.where(found.c.id < cursor)
    statement = statement.order_by(found.c.id.desc()).limit(limit + 1).offset(offset)
    ids = list(session.scalars(statement))
    shown = _shown(session, ids[:limit])
    return shown, ids[limit - 1] if len(ids) > limit else None


def _shown(session: Session, ids: Sequence[str]) -> list[assets.Asset]:
    promised = {
        asset_id: serializers.promised(found)
        for asset_id, found in pending_assets.read(session, ids).items()
    }
    # Second, so that one that comes between the two looks is seen as it is now.
    rows = session.scalars(select(Asset).where(Asset.id.in_(ids)))
    known = promised | {row.id: serializers.asset(row) for row in rows}
    return [known[asset_id] for asset_id in ids if asset_id in known]
