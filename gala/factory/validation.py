"""Parameters that are wrong, all of them named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gala.errors import InvalidRequest
from gala.validation import locate

_Words = TypeVar("_Words", bound=BaseModel)


class InvalidParameters(ValueError):
    """What is wrong, by the parameter's name."""

    def __init__(self, problems: Mapping[str, str]):
        self.problems = dict(problems)
        super().__init__("; ".join(f"{name}: {said}" for name, said in problems.items()))


def parsed(model: type[_Words], given: object) -> _Words:
    """The words that were given; raises ``InvalidParameters``."""
    if not isinstance(given, Mapping):
        raise InvalidParameters({"parameters": "must be a dictionary"})
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        raise InvalidParameters(_told(error)) from error


def refused(error: InvalidRequest) -> InvalidParameters:
    """The same in a factory's words."""
    named = str(error.details.get("field") or "parameters")
    return InvalidParameters({named: error.message.removeprefix(f"{named}: ")})


def _told(error: ValidationError) -> dict[str, str]:
    problems: dict[str, str] = {}
    for raw in error.errors(include_url=False, include_input=False):
        where, said = locate(raw)
        problems.setdefault(".".join(where) or "parameters", said)
    return problems


def text_of(given: Mapping[str, Any], name: str) -> str:
    """A parameter as text, if it is one."""
    value = given.get(name)
    return value if isinstance(value, str) else ""
