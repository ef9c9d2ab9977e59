"""A command's order, validated by its render type before any work starts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from gala.cli.rendering.input_files import check_readable
from gala.engine import MediaOrder, Source
from gala.errors import GalaError, InvalidRequest, error_of
from gala.media import USUAL_FPS, Format
from gala.name_suggestions import nearest
from gala.render_types import RenderType, all_types, find_type
from gala.validation import causes, locate

_PATH: Final = re.compile(r"\w+(?:\.\w+)*")
"""A field path, or any word that might be one."""
_NOT_TEXT_ERRORS: Final = frozenset(
    {"float_type", "int_type", "bool_type", "tuple_type", "list_type", "model_type"}
)
"""Pydantic's error types for a text where another type is required."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderCommand:
    """One order for a render type, as given on the command line."""

    type: str
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Sequence[Source]] = field(default_factory=dict)
    """Files of this machine; as text, assets or, in compositions, URLs of a server."""
    format: Format | None = None
    checked: Mapping[str, Any] | None = None
    """Params that are checked here instead of ``params``, in which a server replaces more."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Option names by field: ``params.speed`` is ``--speed``."""

    @property
    def render_type(self) -> RenderType:
        """Return the render type. Raise ``InvalidRequest`` if there is none of that name."""
        found = find_type(self.type)
        if found is None:
            raise InvalidRequest(
                f"TYPE: there is no render type {self.type!r}",
                field="TYPE",
                hint=did_you_mean(self.type, all_types()),
            )
        return found

    def order(self, outputs: Mapping[str, Path], read: Sequence[str] = ()) -> MediaOrder:
        """Return the order for an engine."""
        return MediaOrder(
            type=self.type,
            params=self.params,
            inputs=self.inputs,
            outputs=outputs,
            read=read,
            # A server has the type's default in its template; a local engine has no templates.
            format=self.format or self.render_type.format,
        )

    def check(self) -> None:
        """Raise ``InvalidRequest``, naming the option, if the order is invalid."""
        with self.option_names():
            self._check_inputs()
            self._check_params()
            if self.format and not self.render_type.takes_format:
                raise InvalidRequest(
                    f"--size, --aspect-ratio: {self.type} does not support a size", field="--size"
                )

    @contextmanager
    def option_names(self) -> Iterator[None]:
        """Within the context, errors name options instead of fields."""
        try:
            yield
        except GalaError as error:
            raise _relabelled(error, self._all_labels()) from error

    def in_option_names(self, warning: str) -> str:
        """Return a warning that names options instead of fields."""
        return _with_labels(warning, self._all_labels())

    def _all_labels(self) -> dict[str, str]:
        return {**self._input_labels(), **self.labels}

    def _input_labels(self) -> dict[str, str]:
        spec = self.render_type
        return {f"inputs.{spec.input_field(name)}": f"inputs.{name}" for name in spec.inputs}

    def _check_inputs(self) -> None:
        spec = self.render_type
        for name, files in self.inputs.items():
            label = f"inputs.{name}"
            if name not in spec.inputs:
                raise InvalidRequest(
                    f"{label}: {self.type} has no such input",
                    field=label,
                    hint=did_you_mean(name, spec.inputs),
                )
            if len(files) > 1 and not spec.inputs[name].many:
                raise InvalidRequest(f"{label}: {self.type} accepts only one file", field=label)
            for file in files:
                if isinstance(file, Path):
                    check_readable(file, label)
        for name, one in spec.inputs.items():
            if one.required and not self.inputs.get(name):
                raise InvalidRequest(f"inputs.{name}: a file is required", field=f"inputs.{name}")

    def _check_params(self) -> None:
        spec = self.render_type
        given = self.params if self.checked is None else self.checked
        form = self.format or spec.format
        try:
            params = spec.params.parse(given, USUAL_FPS if form is None else form.fps)
        except ValidationError as error:
            raise _invalid(error, spec) from error
        if spec.check is not None:
            spec.check(params, frozenset(name for name, files in self.inputs.items() if files))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint: the closest known name, or all of them."""
    names = list(known)
    near = nearest(word, names)
    return f"did you mean {near}?" if near else f"known: {', '.join(names) or 'none'}"


def _invalid(error: ValidationError, spec: RenderType) -> InvalidRequest:
    # Unknown names first: a missing field is often a misspelt one.
    problems = sorted(
        causes(error.errors(include_url=False)), key=lambda one: one["type"] != "extra_forbidden"
    )
    where, problem = locate(problems[0])
    path, hint = ".".join(("params", *where)), None
    match problems[0]["type"]:
        case "extra_forbidden":
            problem = "there is no such param"
            hint = did_you_mean(where[-1], spec.params.model_fields) if len(where) == 1 else None
        case "missing":
            problem = "this is required"
        case rule if rule in _NOT_TEXT_ERRORS and isinstance(problems[0]["input"], str):
            hint = "give numbers, true, false, lists and objects as KEY:=JSON"
    return InvalidRequest(f"{path}: {problem}", field=path, hint=hint)


def _with_labels(message: str, labels: Mapping[str, str]) -> str:
    return _PATH.sub(lambda found: labels.get(found[0], found[0]), message)


def _relabelled(error: GalaError, labels: Mapping[str, str]) -> GalaError:
    named = error.details.get("field")
    more = {**error.details, "field": labels.get(str(named), named)}
    return error_of(error.code, _with_labels(error.message, labels), hint=error.hint, details=more)
