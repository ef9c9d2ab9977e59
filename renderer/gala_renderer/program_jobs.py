"""The jobs of programs that run beside the renderer, as JSON.

A job is a frozen dataclass of numbers, strings, paths, enumerations and other jobs. The renderer
writes it and the program reads it, so there is nothing to validate: the programs start for nearly
every film, and importing pydantic for it would take as long as all else that they import.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

_Job = TypeVar("_Job")


def job_text(job: Any) -> str:
    """Return a job as JSON."""
    return json.dumps(dataclasses.asdict(job), default=str)


def read_job(kind: type[_Job], text: str | bytes) -> _Job:
    """Return the job that :func:`job_text` has written.

    Of jobs that a field may have several kinds of, the field ``kind`` says which one it is. Raise
    ValueError, TypeError or LookupError if it is another job.
    """
    return job_of(kind, json.loads(text))


def job_of(kind: type[_Job], value: Mapping[str, Any]) -> _Job:
    """Return the job of decoded JSON; like :func:`read_job`."""
    job: _Job = _read(kind, value)
    return job


@cache
def _fields(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        fields = _fields(kind)
        return kind(**{name: _read(fields[name], one) for name, one in value.items()})
    if kind is float or (isinstance(kind, type) and issubclass(kind, Enum | Path)):
        return kind(value)
    return _read_generic(get_origin(kind), get_args(kind), value)


def _read_generic(origin: Any, arguments: tuple[Any, ...], value: Any) -> Any:
    if origin is tuple:
        return _read_tuple(arguments, value)
    if origin is dict:
        return {_read(arguments[0], name): _read(arguments[1], one) for name, one in value.items()}
    if origin in {Union, UnionType}:
        return _read(_chosen(arguments, value), value)
    return value


def _read_tuple(kinds: tuple[Any, ...], values: list[Any]) -> tuple[Any, ...]:
    if kinds[1:] == (...,):
        return tuple(_read(kinds[0], one) for one in values)
    return tuple(_read(kind, one) for kind, one in zip(kinds, values, strict=True))


def _chosen(kinds: tuple[Any, ...], value: Any) -> Any:
    """Return which of these a value is."""
    possible = [kind for kind in kinds if kind is not type(None)]
    if len(possible) == 1:
        return possible[0]
    named = {get_args(_fields(kind)["kind"])[0]: kind for kind in possible}
    return named[value["kind"]]
