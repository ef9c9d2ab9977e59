"""Ids that requests point with: told apart, found, and locked against deletion meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gala.db import pending_assets
from gala.db.tables import Asset, Model, Template
from gala.errors import AssetNotFound, InvalidRequest, ModelNotFound, TemplateNotFound
from gala.ids import BUILTIN_OWNER, Prefix, is_id


def assets(
    session: Session,
    owner: str,
    wanted: Mapping[str, Sequence[str]],
    *,
    opened: Collection[str] = (),
) -> list[Asset]:
    """The assets that the fields (path → ids) point to, kept from being deleted until the commit.

    They are the owner's, but for those in ``opened``, which a signed link opens to everybody.
    Raises AssetNotFound and AssetPending, naming the field.
    """
    ids = {asset_id for listed in wanted.values() for asset_id in listed}
    if not ids:
        return []
    found = session.scalars(
        select(Asset)
        .where(Asset.id.in_(ids), or_(Asset.owner_id == owner, Asset.id.in_(opened)))
        .order_by(Asset.id)
        .with_for_update(key_share=True, read=True)
    ).all()
    missing = ids - {asset.id for asset in found}
    promised = pending_assets.read(session, missing)
    for field, listed in wanted.items():
        for asset_id in listed:
            if asset_id not in missing:
                continue
            promise = promised.get(asset_id)
            if promise is not None and promise.visible_to(owner, opened):
                raise promise.refusal(field)
            raise AssetNotFound(f"{field}: There is no asset {asset_id!r}.", field=field)
    return list(found)


def models(session: Session, owner: str, wanted: Sequence[str]) -> list[Model]:
    """The models in the order asked for. Raises ModelNotFound naming the entry."""
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
    """A living template of the owner's or of GALA's own. Raises TemplateNotFound."""
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


def asset_ids_in(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every asset that free JSON points to: the path and the id of each ``*_asset_id(s)``."""
    if isinstance(value, dict):
        for key, item in value.items():
            where = f"{path}.{key}"
            if key.endswith("_asset_id") and item is not None:
                yield where, _asset_id(item, where)
            elif key.endswith("_asset_ids") and isinstance(item, list):
                for index, one in enumerate(item):
                    yield f"{where}.{index}", _asset_id(one, f"{where}.{index}")
            else:
                yield from asset_ids_in(item, where)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from asset_ids_in(item, f"{path}.{index}")


def _asset_id(value: Any, field: str) -> str:
    if not isinstance(value, str) or not is_id(Prefix.ASSET, value):
        raise InvalidRequest(
            f"{field}: This is no asset id; one looks like ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF.",
            field=field,
            rule="asset_id",
        )
    return value


def distinct(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Paths with the ids they point to, as `assets` wants them."""
    return {path: [asset_id] for path, asset_id in pairs}
