"""Where pydantic's errors are in the data, and the models there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from gala.timeline.document.elements import ELEMENTS
from gala.timeline.document.timeline import TimelineParams


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the data, and the model of the object that it is in."""

    path: tuple[str | int, ...]
    value: Any
    model: type[BaseModel]


def locate(location: Sequence[str | int], data: Any) -> Place:
    """Follow pydantic's location through the data; names of union members are left out."""
    path: list[str | int] = []
    value = data
    model: type[BaseModel] = TimelineParams
    inner: list[type[BaseModel]] = [model]
    tag_due = False
    for part in location:
        if isinstance(value, Mapping):
            if tag_due and value.get("type") == part:
                tag_due = False
                continue
            tag_due = False
            if part not in value:
                continue
            model = _model_of(inner, value)
            inner = _models_in(_annotation(model, str(part)))
            value = value[part]
            path.append(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
            path.append(part)
            tag_due = isinstance(value, Mapping)
    if isinstance(value, Mapping):
        model = _model_of(inner, value)
    return Place(tuple(path), value, model)


def _annotation(model: type[BaseModel], name: str) -> Any:
    for field, info in model.model_fields.items():
        if name in (field, info.alias):
            return (info.annotation, *info.metadata)
    return None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    members = annotation if isinstance(annotation, tuple) else get_args(annotation)
    return [model for member in members for model in _models_in(member)]


def _model_of(models: Sequence[type[BaseModel]], value: Mapping[str, Any]) -> type[BaseModel]:
    for model in models:
        if ELEMENTS.get(str(value.get("type"))) is model:
            return model
    return models[0] if models else TimelineParams
