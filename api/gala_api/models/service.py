"""Create, change and delete models, and find or make their previews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete as sql_delete
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from gala import ids
from gala.db.engine import transaction
from gala.db.tables import Asset, Job, JobModel, Model, ModelAsset, ModelPreview
from gala.errors import (
    Conflict,
    InvalidRequest,
    ModelInUse,
    ModelNotFound,
    NotFound,
    UnsupportedMedia,
)
from gala.job import LIVE
from gala.media import MediaClass, media_class
from gala.permissions import Principal
from gala.render_types.params.personas import Persona
from gala_api.assets.service import remove_objects
from gala_api.dependencies import Services
from gala_api.jobs import personas, references
from gala_api.models import previews
from gala_api.models.body_check import CheckedBody
from gala_api.models.preview_request import PreviewRequest, preview_request
from gala_api.models.previews import PreviewKind

Fields = Mapping[str, Any]
"""Values of columns by name."""

_CHANGED: Final = "The model was changed by another request at the same time; send yours again."

_NO_PICTURE: Final = (
    "This model has no portrait in which a face was found; it is a drawn character, or made of"
    " sprites. See kind=neutral."
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A model as a request wants it, before it is stored."""

    fields: Fields
    preview: PreviewRequest
    must_check: bool
    """True if the request brings a picture that has to speak."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model, and which previews it has."""

    row: Model
    kinds: frozenset[PreviewKind]


def find(session: Session, owner: str, model_id: str, *, lock: bool = False) -> Model:
    """Return a model of the owner. Raise ModelNotFound."""
    found = None
    if ids.is_id(ids.Prefix.MODEL, model_id):
        statement = select(Model).where(Model.id == model_id, Model.owner_id == owner)
        found = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise ModelNotFound
    return found


def draft_new(services: Services, owner: str, fields: Fields) -> Draft:
    """Check a new model, except whether its picture can speak.

    Raise InvalidRequest, AssetNotFound, AssetPending or UnsupportedMedia, naming the field.
    """
    preset, asset_ids = fields["preset"], fields["asset_ids"]
    persona = _persona(services, preset)
    with transaction(services.sessions) as session:
        found = references.assets(session, owner, _asset_fields(preset, asset_ids, persona))
        preview = preview_request(session, persona, asset_ids)
        _require_pictures(found, preview, persona)
    return Draft(fields, preview, personas.is_persona(preset) and preview.has_pictures)


def draft_change(services: Services, owner: str, model_id: str, changes: Fields) -> Draft:
    """Check changes of a model, except whether another picture can speak.

    Raise ModelNotFound, or as :func:`draft_new`.
    """
    sent = _persona(services, changes["preset"]) if "preset" in changes else None
    with transaction(services.sessions) as session:
        row = find(session, owner, model_id)
        preset = changes.get("preset", row.preset)
        asset_ids = changes.get("asset_ids", row.asset_ids)
        # A preset that is stored already may be older than personas.
        persona = _stored_persona(row) if sent is None else sent
        found = references.assets(session, owner, _asset_fields(preset, asset_ids, persona))
        preview = preview_request(session, persona, asset_ids)
        _require_pictures(found, preview, persona)
        changed = preview != preview_request(session, _stored_persona(row), row.asset_ids)
    must_check = changed and personas.is_persona(preset) and preview.has_pictures
    return Draft(changes, preview, must_check)


def insert(
    services: Services, caller: Principal, draft: Draft, checked: CheckedBody | None
) -> StoredModel:
    """Store a new model with its previews. Raise AssetNotFound if an asset is gone meanwhile."""
    with transaction(services.sessions) as session:
        row = Model(
            id=ids.new_id(ids.Prefix.MODEL),
            owner_id=caller.owner_id,
            body_warnings=[],
            **draft.fields,
        )
        session.add(row)
        session.flush()
        _record_assets(session, row)
        _set_body(session, row, caller, checked)
        return _stored(session, row)


def change(
    services: Services, caller: Principal, model_id: str, draft: Draft, checked: CheckedBody | None
) -> StoredModel:
    """Store changes of a model; with another body, it has other previews.

    Raise ModelNotFound, AssetNotFound, or Conflict if another request changed its body meanwhile.
    """
    abandoned: list[previews.Object] = []
    with transaction(services.sessions) as session:
        row = find(session, caller.owner_id, model_id, lock=True)
        before = preview_request(session, _stored_persona(row), row.asset_ids)
        for name, value in draft.fields.items():
            setattr(row, name, value)
        session.flush()
        _record_assets(session, row)
        after = preview_request(session, _stored_persona(row), row.asset_ids)
        if after != before:
            if after != draft.preview:
                raise Conflict(_CHANGED)
            abandoned = previews.remove(session, row.id)
            _set_body(session, row, caller, checked)
        stored = _stored(session, row)
    remove_objects(services.sessions, services.storages, abandoned)
    return stored


def delete(services: Services, owner: str, model_id: str) -> None:
    """Delete a model and its previews. Raise ModelNotFound or ModelInUse."""
    with transaction(services.sessions) as session:
        row = find(session, owner, model_id, lock=True)
        used = (
            exists()
            .where(JobModel.model_id == model_id, JobModel.job_id == Job.id)
            .where(Job.status.in_(LIVE))
        )
        if session.scalar(select(used)):
            raise ModelInUse
        abandoned = previews.remove(session, row.id)
        session.delete(row)
    remove_objects(services.sessions, services.storages, abandoned)


def find_preview(
    services: Services, owner: str, model_id: str, kind: PreviewKind
) -> ModelPreview | PreviewRequest:
    """Return a preview, or what has to be made if the model has none yet.

    Raise ModelNotFound, NotFound if there is no such preview of a body without a portrait, or
    InvalidRequest if the model cannot be a presenter.
    """
    with transaction(services.sessions) as session:
        row = find(session, owner, model_id)
        persona = personas.stored_persona(row, personas.FIELD)
        wanted = preview_request(session, persona, row.asset_ids)
        if wanted.portrait is None and kind is PreviewKind.FOUND:
            raise NotFound(_NO_PICTURE, field="kind")
        return previews.find(session, row.id).get(kind) or wanted


def keep_previews(
    services: Services, owner: str, model_id: str, wanted: PreviewRequest, checked: CheckedBody
) -> None:
    """Store previews of a model that had none of these kinds.

    Raise ModelNotFound, or Conflict if another request changed its body meanwhile.
    """
    with transaction(services.sessions) as session:
        row = find(session, owner, model_id, lock=True)
        if preview_request(session, _stored_persona(row), row.asset_ids) != wanted:
            raise Conflict(_CHANGED)
        made = [kind for kind in PreviewKind if kind in checked.outputs]
        abandoned = previews.remove(session, row.id, made)
        if previews.keep(session, row, checked.outputs):
            row.body_warnings = list(checked.warnings)
    remove_objects(services.sessions, services.storages, abandoned)


def _persona(services: Services, preset: Mapping[str, Any]) -> Persona:
    """Return the persona that a request sends. Raise InvalidRequest, naming the field."""
    persona = personas.persona_of(preset)
    try:
        services.voices.check(persona, frozenset())
    except InvalidRequest as error:
        raise PreviewRequest({}).error_in_model(error) from error
    return persona


def _stored_persona(row: Model) -> Persona:
    """Return the persona of a stored model; the default one if its preset is not valid."""
    try:
        return personas.stored_persona(row, personas.FIELD)
    except InvalidRequest:
        return Persona()


def _asset_fields(
    preset: Mapping[str, Any], asset_ids: list[str], persona: Persona
) -> dict[str, list[str]]:
    """Return the ids of the assets that a model refers to, by field."""
    return {
        **references.by_path(references.asset_ids_in(preset, "preset")),
        **personas.sprite_fields(persona),
        **{f"asset_ids.{index}": [one] for index, one in enumerate(asset_ids)},
    }


def _require_pictures(assets: Sequence[Asset], preview: PreviewRequest, persona: Persona) -> None:
    """Raise UnsupportedMedia, naming the field, if a part of the body is not a picture."""
    fields = {listed[0]: field for field, listed in personas.sprite_fields(persona).items()}
    if preview.portrait is not None:
        fields[preview.portrait.asset_id] = preview.portrait.field
    for asset in assets:
        if asset.id in fields and media_class(asset.mime) is not MediaClass.IMAGE:
            field = fields[asset.id]
            raise UnsupportedMedia(
                f"{field}: {asset.id} is {asset.mime}; a picture is required here.", field=field
            )


def _record_assets(session: Session, row: Model) -> None:
    """Record which assets the model refers to: they cannot be deleted meanwhile."""
    wanted = _asset_fields(row.preset, row.asset_ids, _stored_persona(row))
    found = references.assets(session, row.owner_id, wanted)
    session.execute(sql_delete(ModelAsset).where(ModelAsset.model_id == row.id))
    session.add_all(ModelAsset(model_id=row.id, asset_id=asset.id) for asset in found)
    session.flush()


def _set_body(session: Session, row: Model, caller: Principal, checked: CheckedBody | None) -> None:
    """Record who brought the body that the model has now, and keep its previews."""
    row.uploaded_by, row.uploaded_at = caller.key_id, func.now()
    kept = checked is not None and previews.keep(session, row, checked.outputs)
    row.body_warnings = list(checked.warnings) if checked is not None and kept else []
    session.flush()


def _stored(session: Session, row: Model) -> StoredModel:
    session.flush()
    session.refresh(row)
    return StoredModel(row, frozenset(previews.find(session, row.id)))
