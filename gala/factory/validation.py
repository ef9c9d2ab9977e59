"""Validation of parameters, with errors that name all invalid ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gala.errors import InvalidRequest
from gala.validation import causes, locate

_Model = TypeVar("_Model", bound=BaseModel)


class InvalidParameters(ValueError):
    """Invalid parameters; ``problems`` has a message for each name."""

    def __init__(self, problems: Mapping[str, str]):
        self.problems = dict(problems)
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems.items()))


def parsed(model: type[_Model], values: object) -> _Model:
    """Validate the values; raise ``InvalidParameters``."""
    if not isinstance(values, Mapping):
        raise InvalidParameters({"parameters": "must be a dictionary"})
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise InvalidParameters(_problems(error)) from error


def invalid_parameters(error: InvalidRequest) -> InvalidParameters:
    """Return the error as ``InvalidParameters``."""
    named = str(error.details.get("field") or "parameters")
    return InvalidParameters({named: error.message.removeprefix(f"{named}: ")})


def _problems(error: ValidationError) -> dict[str, str]:
    problems: dict[str, str] = {}
    for raw in causes(error.errors(include_url=False, include_input=False)):
        path, problem = locate(raw)
        problems.setdefault(".".join(path) or "parameters", problem)
    return problems


def text_of(values: Mapping[str, Any], name: str) -> str:
    """Return the parameter if it is a text, otherwise an empty text."""
    value = values.get(name)
    return value if isinstance(value, str) else ""
