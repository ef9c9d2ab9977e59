"""Models that present in compositions: each is replaced by what it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gala.db.tables import Model
from gala.errors import ModelNotFound
from gala.ids import Prefix, is_id
from gala.render_types import RenderType
from gala.render_types.params.personas import Persona
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.problems import pointer
from gala_api.jobs.personas import portrait_of, set_fields, stored_persona, voice_fields

_LOOK: Final = ("framing", "energy", "driver", "background", "background_color")
"""Fields of a persona that a presenter in a composition has, too."""
_BODIES: Final = frozenset({"src", "character", "sprites"})
_DEEPEST: Final = 24
"""Steps to an element in groups in groups; params are not checked yet, and may be nested deeper."""

Path = tuple[str | int, ...]


def with_models(
    session: Session, owner: str, render_type: RenderType, params: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the params of a composition without models; those of other types are as given.

    A presenter has the body, voice and look of its model, but for what it sets itself. Raise
    ModelNotFound, or InvalidRequest for a model whose preset is not valid.
    """
    if not issubclass(render_type.params, TimelineParams):
        return dict(params)
    return resolved(session, owner, params)


def resolved(session: Session, owner: str, composition: Mapping[str, Any]) -> dict[str, Any]:
    """Return a composition in which no presenter names a model."""
    document: dict[str, Any] = _copied(dict(composition), 0)
    presenters = list(_presenters(document, ()))
    wanted = {element["model"] for element, _ in presenters}
    if not wanted:
        return document
    rows = select(Model).where(Model.id.in_(wanted), Model.owner_id == owner)
    models = {model.id: model for model in session.scalars(rows)}
    cast: dict[str, _Presenter] = {}
    for element, path in presenters:
        model_id, where = element["model"], (*path, "model")
        if model_id not in models:
            field = ".".join(["params", *map(str, where)])
            message = f"{field}: There is no model {model_id!r}."
            raise ModelNotFound(message, field=field, pointer=pointer(where))
        if model_id not in cast:
            cast[model_id] = _presenter(session, models[model_id], where)
        _replace(element, cast[model_id])
    return document


@dataclass(frozen=True, slots=True)
class _Presenter:
    """What a model stands for, looked up once however often it presents."""

    persona: Persona
    body: Mapping[str, Any]


def _presenter(session: Session, model: Model, path: Path) -> _Presenter:
    persona = stored_persona(model, ".".join(["params", *map(str, path)]))
    return _Presenter(persona, _body(session, persona, model))


def _copied(value: Any, depth: int) -> Any:
    """Return a copy, as deep as elements can be."""
    if depth > _DEEPEST:
        return value
    if isinstance(value, list):
        return [_copied(inner, depth + 1) for inner in value]
    if isinstance(value, dict):
        return {name: _copied(inner, depth + 1) for name, inner in value.items()}
    return value


def _presenters(value: Any, path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """Yield the presenters that are models, and nothing else, with their paths."""
    if len(path) > _DEEPEST:
        return
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _presenters(inner, (*path, number))
    elif isinstance(value, dict):
        model = value.get("model")
        is_model = isinstance(model, str) and is_id(Prefix.MODEL, model)
        if value.get("type") == "presenter" and is_model and not _BODIES & value.keys():
            yield value, path
        for name, inner in value.items():
            yield from _presenters(inner, (*path, name))


def _replace(element: dict[str, Any], presenter: _Presenter) -> None:
    del element["model"]
    found = {
        **voice_fields(presenter.persona, element),
        **set_fields(presenter.persona, _LOOK),
        **presenter.body,
    }
    for name, value in found.items():
        element.setdefault(name, value)


def _body(session: Session, persona: Persona, model: Model) -> dict[str, Any]:
    body = persona.body
    if body is not None and body.sprites is not None:
        return set_fields(body, ("sprites",))
    portrait = portrait_of(session, persona, model.asset_ids)
    if portrait is not None:
        places = {} if body is None else set_fields(body, ("face", "points"))
        return {**places, "src": portrait.asset_id}
    drawn = {} if body is None else set_fields(body, ("character",))
    return {"character": drawn.get("character", {})}
