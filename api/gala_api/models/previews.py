"""Previews of models in the database and in storage: kept, found, removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gala.db import stored_objects
from gala.db.tables import Asset, Model, ModelPreview
from gala_api.jobs.synchronous import Outputs

Object = tuple[str, str]
"""An object's provider and key."""


class PreviewKind(StrEnum):
    """Kinds of previews; the names are those of the outputs of ``presenter_preview``."""

    FOUND = "found"
    NEUTRAL = "neutral"
    CLIP = "clip"


def keep(session: Session, model: Model, outputs: Outputs) -> bool:
    """Keep the outputs of a job as the previews of a model; they are no assets any more.

    Return False, and keep nothing, if they were deleted meanwhile. Previews of the model of the
    same kinds must have been removed before.
    """
    chosen = {kind: outputs[kind] for kind in PreviewKind if kind in outputs}
    ids = [asset.id for asset in chosen.values()]
    locked = session.scalars(select(Asset.id).where(Asset.id.in_(ids)).with_for_update()).all()
    if len(locked) < len(ids):
        return False
    session.add_all(
        ModelPreview(
            model_id=model.id,
            kind=kind,
            provider=asset.provider,
            object_key=asset.object_key,
            mime=asset.mime,
            size_bytes=asset.size_bytes,
            sha256=asset.sha256,
        )
        for kind, asset in chosen.items()
    )
    session.flush()
    session.execute(delete(Asset).where(Asset.id.in_(ids)))
    return True


def remove(
    session: Session, model_id: str, kinds: Iterable[PreviewKind] = tuple(PreviewKind)
) -> list[Object]:
    """Remove previews of a model; return the objects to delete after the commit."""
    objects = session.execute(
        delete(ModelPreview)
        .where(ModelPreview.model_id == model_id, ModelPreview.kind.in_(kinds))
        .returning(ModelPreview.provider, ModelPreview.object_key)
    ).all()
    return [
        (provider, key)
        for provider, key in objects
        if stored_objects.abandon(session, provider, key)
    ]


def find(session: Session, model_id: str) -> Mapping[PreviewKind, ModelPreview]:
    """Return the previews of a model by kind; none if they have not been made."""
    rows = session.scalars(select(ModelPreview).where(ModelPreview.model_id == model_id))
    return {PreviewKind(row.kind): row for row in rows}


def kinds(session: Session, model_ids: Iterable[str]) -> dict[str, set[PreviewKind]]:
    """Return which previews there are, by model."""
    wanted: Sequence[str] = list(model_ids)
    found: dict[str, set[PreviewKind]] = {model_id: set() for model_id in wanted}
    statement = select(ModelPreview.model_id, ModelPreview.kind)
    for model_id, kind in session.execute(statement.where(ModelPreview.model_id.in_(wanted))):
        found[model_id].add(PreviewKind(kind))
    return found
