"""Look up the ids in requests, and lock the rows against deletion until the commit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from gala.db import pending_assets
from gala.db.tables import Asset, Model, Template
from gala.errors import AssetNotFound, InvalidRequest, ModelNotFound, TemplateNotFound
from gala.ids import BUILTIN_OWNER, Prefix, is_id
from gala.name_suggestions import suggestion


def assets(
    session: Session,
    owner: str,
    wanted: Mapping[str, Sequence[str]],
    *,
    linked: Collection[str] = (),
) -> list[Asset]:
    """Return the assets that the fields (path → ids) name, locked against deletion.

    They must be the owner's, except those in ``linked``, which a signed link gives access to.
    Raise AssetNotFound or AssetPending, naming the field.
    """
    ids = {asset_id for listed in wanted.values() for asset_id in listed}
    if not ids:
        return []
    found = session.scalars(
        select(Asset)
        .where(Asset.id.in_(ids), or_(Asset.owner_id == owner, Asset.id.in_(linked)))
        .order_by(Asset.id)
        .with_for_update(key_share=True, read=True)
    ).all()
    missing = ids - {asset.id for asset in found}
    pending_states = pending_assets.read(session, missing)
    for field, listed in wanted.items():
        for asset_id in listed:
            if asset_id not in missing:
                continue
            pending = pending_states.get(asset_id)
            if pending is not None and pending.visible_to(owner, linked):
                raise pending.refusal(field)
            raise AssetNotFound(f"{field}: There is no asset {asset_id!r}.", field=field)
    return list(found)


def models(session: Session, owner: str, wanted: Sequence[str]) -> list[Model]:
    """Return the models in the given order. Raise ModelNotFound, naming the entry."""
    if not wanted:
        return []
    rows = session.scalars(
        select(Model)
        .where(Model.id.in_(wanted), Model.owner_id == owner)
        .order_by(Model.id)
        .with_for_update(key_share=True, read=True)
    )
    found = {model.id: model for model in rows}
    for index, model_id in enumerate(wanted):
        if model_id not in found:
            field = f"model_ids.{index}"
            raise ModelNotFound(f"{field}: There is no model {model_id!r}.", field=field)
    return [found[model_id] for model_id in wanted]


def template(
    session: Session, owner: str, template_id: str, *, field: str | None = None
) -> Template:
    """Return a template of the owner or a built-in one. Raise TemplateNotFound."""
    found = None
    if is_id(Prefix.TEMPLATE, template_id):
        found = session.scalars(
            select(Template).where(
                Template.id == template_id,
                Template.deleted_at.is_(None),
                or_(Template.owner_id == owner, Template.owner_id == BUILTIN_OWNER),
            )
        ).one_or_none()
    if found is None:
        raise TemplateNotFound(f"There is no template {template_id!r}.", field=field)
    return found


def template_named(session: Session, owner: str, name: str, *, field: str) -> Template:
    """Return the owner's template of that name, else the built-in one. Raise TemplateNotFound."""
    visible = select(Template).where(
        Template.deleted_at.is_(None), Template.owner_id.in_((owner, BUILTIN_OWNER))
    )
    own_first = case((Template.owner_id == BUILTIN_OWNER, 1), else_=0)
    found = session.scalars(visible.where(Template.name == name).order_by(own_first)).first()
    if found is not None:
        return found
    names = session.scalars(visible.with_only_columns(Template.name).limit(1000)).all()
    raise TemplateNotFound(
        f"{field}: There is no template {name[:80]!r}. {suggestion(name, names)}", field=field
    )


def asset_ids_in(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the id of each asset that a ``*_asset_id(s)`` in free JSON names."""
    if isinstance(value, dict):
        for key, item in value.items():
            field = f"{path}.{key}"
            if key.endswith("_asset_id") and item is not None:
                yield field, _asset_id(item, field)
            elif key.endswith("_asset_ids") and isinstance(item, list):
                for index, one in enumerate(item):
                    yield f"{field}.{index}", _asset_id(one, f"{field}.{index}")
            else:
                yield from asset_ids_in(item, field)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from asset_ids_in(item, f"{path}.{index}")


def _asset_id(value: Any, field: str) -> str:
    if not isinstance(value, str) or not is_id(Prefix.ASSET, value):
        raise InvalidRequest(
            f"{field}: An asset id such as ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF is required.",
            field=field,
            rule="asset_id",
        )
    return value


def by_path(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the ids by path, as :func:`assets` expects them."""
    return {path: [asset_id] for path, asset_id in pairs}
