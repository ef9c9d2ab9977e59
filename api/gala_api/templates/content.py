"""Check what a template is made of, and record it as a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gala.db import template_versions
from gala.db.tables import Template, TemplateAsset, TemplateVersion
from gala.errors import InvalidRequest, TemplateNotFound
from gala.ids import BUILTIN_OWNER, Prefix, is_id
from gala.media import USUAL_FPS, Format, MediaClass, media_class
from gala.render_types import RenderType
from gala.templates.filling import Composition, check_composition
from gala.templates.params_schema import ParamsSchema
from gala_api.errors.validation import invalid_fields, nearest
from gala_api.jobs import references

TIMELINE = "timeline"


def composition_of(row: Template | TemplateVersion) -> Composition | None:
    """Return the composition of a template, None if it has only default params."""
    if row.composition is None:
        return None
    return Composition(
        document=row.composition, params_schema=row.params_schema, defaults=row.defaults
    )


def stored(row: Template) -> dict[str, Any]:
    """Return what a change of is a new version."""
    return {name: getattr(row, name) for name in template_versions.CONTENT}


def check_preview(session: Session, owner: str, row: Template) -> None:
    """Check that the preview is a picture of the owner. Raise InvalidRequest or AssetNotFound."""
    if row.preview_asset_id is None:
        return
    field = "preview_asset_id"
    found = references.assets(session, owner, {field: [row.preview_asset_id]})
    if media_class(found[0].mime) is not MediaClass.IMAGE:
        raise InvalidRequest(f"{field}: {found[0].mime} is not a picture.", field=field)


def check(session: Session, owner: str, row: Template, render_type: RenderType) -> None:
    """Check that jobs can use the template, and record which assets it refers to.

    Raise InvalidRequest, or AssetNotFound naming the field.
    """
    composition = composition_of(row)
    if composition is None:
        _check_params(row, render_type)
    else:
        _check_is_timeline(render_type)
        fps = USUAL_FPS if row.format is None else Format.model_validate(row.format).fps
        check_composition(composition, fps)
    named = [*references.asset_ids_in(row.defaults, "defaults"), *_own_assets(row)]
    found = references.assets(session, owner, references.by_path(named))
    session.execute(delete(TemplateAsset).where(TemplateAsset.template_id == row.id))
    session.add_all(TemplateAsset(template_id=row.id, asset_id=asset.id) for asset in found)
    session.flush()


def _check_is_timeline(render_type: RenderType) -> None:
    if render_type.name != TIMELINE:
        raise InvalidRequest(
            f"composition: {render_type.name} has none; use the type {TIMELINE!r}.",
            field="composition",
            rule="not_taken",
        )


def _own_assets(row: Template) -> Iterator[tuple[str, str]]:
    """Yield the path and id of each asset that the composition and the preview name."""
    if row.composition is not None:
        yield from _ids_in(row.composition, "composition")
        yield from _ids_in(row.defaults, "defaults")
    if row.preview_asset_id is not None:
        yield "preview_asset_id", row.preview_asset_id


def _ids_in(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if is_id(Prefix.ASSET, value):
            yield path, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _ids_in(one, f"{path}.{key}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _ids_in(one, f"{path}.{number}")


def _check_params(row: Template, render_type: RenderType) -> None:
    schema = ParamsSchema(row.params_schema)
    schema.check(row.defaults, prefix="defaults", complete=False)
    inputs = {render_type.input_field(name) for name in render_type.inputs}
    _check_names(schema.names, {*render_type.params.model_fields, *inputs}, render_type.name)
    rest = {name: value for name, value in row.defaults.items() if name not in inputs}
    _check_defaults(rest, render_type)


def _check_names(declared: Sequence[str], known: set[str], type_name: str) -> None:
    for name in declared:
        if name not in known:
            meant = nearest(name, known)
            known_names = (
                f"did you mean {meant!r}?" if meant else f"it takes: {', '.join(sorted(known))}."
            )
            raise InvalidRequest(
                f"params_schema.{name[:80]}: {type_name} takes no such param; {known_names}",
                field=f"params_schema.{name[:80]}",
                rule="unknown_param",
                did_you_mean=None if meant is None else f"params_schema.{meant}",
            )


def _check_defaults(defaults: dict[str, object], render_type: RenderType) -> None:
    model = render_type.params
    try:
        model.parse(defaults)
    except ValidationError as error:
        wrong = [raw for raw in error.errors() if raw["type"] != "missing"]
        if wrong:
            raise invalid_fields(wrong, prefix=("defaults",), model=model) from error


def any_template(session: Session, owner: str, template_id: str) -> Template:
    """Return a template of the owner, deleted or not, or a built-in one.

    Raise TemplateNotFound.
    """
    found = None
    if is_id(Prefix.TEMPLATE, template_id):
        found = session.scalars(
            select(Template).where(
                Template.id == template_id, Template.owner_id.in_((owner, BUILTIN_OWNER))
            )
        ).one_or_none()
    if found is None:
        raise TemplateNotFound(f"There is no template {template_id!r}.")
    return found


def version_of(
    session: Session, template: Template, number: int, *, field: str | None = None
) -> TemplateVersion:
    """Return a version of a template. Raise TemplateNotFound."""
    found = template_versions.find(session, template.id, number)
    if found is None:
        raise TemplateNotFound(
            f"The template {template.id} has no version {number}; its latest is"
            f" {template.version}.",
            field=field,
        )
    return found
