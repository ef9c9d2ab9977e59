"""What a command wants made, checked by its render type's words before anybody begins to work."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from gala.cli.rendering.input_files import check_readable
from gala.engine import MediaOrder
from gala.errors import GalaError, InvalidRequest, error_of
from gala.media import Format
from gala.render_types import RenderType, all_types, find_type
from gala.render_types.base import VISIBLE_TEXT
from gala.validation import locate

_PATH: Final = re.compile(r"\w+(?:\.\w+)*")
"""A field, or a word that might be one."""
_NO_TEXT: Final = frozenset(
    {"float_type", "int_type", "bool_type", "tuple_type", "list_type", "model_type"}
)
"""Pydantic's names of what is wrong where a text was given and something else is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderCommand:
    """A render type's work, as the command line says it."""

    type: str
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    format: Format | None = None
    called: Mapping[str, str] = field(default_factory=dict)
    """What the command line calls the type's fields: ``params.speed`` is ``--speed``."""

    @property
    def render_type(self) -> RenderType:
        """The words of its type. Raises ``InvalidRequest`` if there is no such type."""
        found = find_type(self.type)
        if found is None:
            raise InvalidRequest(
                f"TYPE: there is no render type {self.type!r}",
                field="TYPE",
                hint=did_you_mean(self.type, all_types()),
            )
        return found

    def order(self, outputs: Mapping[str, Path], read: Sequence[str] = ()) -> MediaOrder:
        """As the engine takes it."""
        return MediaOrder(
            type=self.type,
            params=self.params,
            inputs=self.inputs,
            outputs=outputs,
            read=read,
            # A server's template has the type's own; here nobody else knows it.
            format=self.format or self.render_type.format,
        )

    def check(self) -> None:
        """Raise ``InvalidRequest``, in the command line's words, if it cannot be made as it is."""
        with self.own_words():
            self._check_inputs()
            self._check_params()
            if self.format and not self.render_type.takes_format:
                raise InvalidRequest(
                    f"--size, --aspect-ratio: {self.type} has no size to choose", field="--size"
                )

    @contextmanager
    def own_words(self) -> Iterator[None]:
        """Errors name fields as the user of the command line knows them."""
        try:
            yield
        except GalaError as error:
            raise _renamed(error, {**self._inputs_called(), **self.called}) from error

    def _inputs_called(self) -> dict[str, str]:
        spec = self.render_type
        return {f"inputs.{spec.input_field(name)}": f"inputs.{name}" for name in spec.inputs}

    def _check_inputs(self) -> None:
        spec = self.render_type
        for name, files in self.inputs.items():
            label = f"inputs.{name}"
            if name not in spec.inputs:
                raise InvalidRequest(
                    f"{label}: {self.type} takes no such input",
                    field=label,
                    hint=did_you_mean(name, spec.inputs),
                )
            if len(files) > 1 and not spec.inputs[name].many:
                raise InvalidRequest(f"{label}: {self.type} takes one file here", field=label)
            for file in files:
                check_readable(file, label)
        for name, one in spec.inputs.items():
            if one.required and not self.inputs.get(name):
                raise InvalidRequest(f"inputs.{name}: a file is needed", field=f"inputs.{name}")

    def _check_params(self) -> None:
        spec = self.render_type
        try:
            params = spec.params.parse(self.params)
        except ValidationError as error:
            raise _invalid(error, spec) from error
        except PydanticSerializationError as error:
            raise InvalidRequest(
                "params: a text among them is not UTF-8", field="params"
            ) from error
        if spec.check is not None:
            spec.check(params, frozenset(name for name, files in self.inputs.items() if files))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint: the known name that was probably meant, else all of them."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(names) or 'none'}"


def _invalid(error: ValidationError, spec: RenderType) -> InvalidRequest:
    # A name that there is not comes first: that another is missing is often the same slip.
    problems = sorted(
        error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden"
    )
    where, said = locate(problems[0])
    path, hint = ".".join(("params", *where)), None
    match problems[0]["type"]:
        case "extra_forbidden":
            said = "there is no such param"
            hint = did_you_mean(where[-1], spec.params.model_fields) if len(where) == 1 else None
        case "missing":
            said = "this is needed"
        case "string_pattern_mismatch" if problems[0]["ctx"]["pattern"] == VISIBLE_TEXT:
            said = "there is nothing in it, or characters that are not for people"
        case rule if rule in _NO_TEXT and isinstance(problems[0]["input"], str):
            hint = "numbers, true, false, lists and objects are given as KEY:=JSON"
    return InvalidRequest(f"{path}: {said}", field=path, hint=hint)


def _renamed(error: GalaError, called: Mapping[str, str]) -> GalaError:
    def name(found: re.Match[str]) -> str:
        return called.get(found[0], found[0])

    named = error.details.get("field")
    more = {**error.details, "field": called.get(str(named), named)}
    return error_of(error.code, _PATH.sub(name, error.message), hint=error.hint, details=more)
