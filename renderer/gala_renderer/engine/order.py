"""Render orders: requests that were validated against their render type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.media import USUAL_FPS, Format
from gala.render_types import RenderType, TypeParams, find_type
from gala.validation import invalid_request


@dataclass(frozen=True, slots=True)
class InputFile:
    """A staged file; ``field`` is its field in the request, such as ``inputs.bg_asset_id``."""

    path: Path
    mime: str
    field: str
    sha256: str | None = None
    """The digest of its bytes, if the worker sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOrder:
    """A validated render: its type, typed params, staged inputs, format and duration."""

    type: RenderType
    params: TypeParams
    format: Format | None
    duration_ms: int | None
    inputs: Mapping[str, tuple[InputFile, ...]] = field(default_factory=dict)

    @property
    def canvas_format(self) -> Format:
        """The size and frame rate; raise ``InvalidRequest`` if the request has none."""
        if self.format is None:
            raise InvalidRequest("format is required.", field="format")
        return self.format

    def input(self, name: str) -> InputFile | None:
        """Return the file of a single-file input, or ``None``."""
        files = self.inputs.get(name, ())
        return files[0] if files else None

    def files(self, name: str) -> tuple[InputFile, ...]:
        """Return all files of an input, in the order of the request."""
        return self.inputs.get(name, ())

    @property
    def all_files(self) -> tuple[InputFile, ...]:
        """The files of all inputs."""
        return tuple(file for files in self.inputs.values() for file in files)

    def with_inputs(self, inputs: Mapping[str, tuple[InputFile, ...]]) -> RenderOrder:
        """Return the same order with its staged files."""
        return replace(self, inputs=inputs)


def known_type(name: str) -> RenderType:
    """Return the render type of that name; raise ``InvalidRequest`` if there is none."""
    render_type = find_type(name)
    if render_type is None:
        raise InvalidRequest(f"There is no render type {name!r}.", field="type")
    return render_type


def parse_params(
    render_type: RenderType, params: Mapping[str, Any], frame: Format | None
) -> TypeParams:
    """Parse the params with the type's model, for a film of that size and frame rate.

    Raise ``InvalidRequest`` naming the field.
    """
    form = frame or render_type.format
    try:
        return render_type.params.parse(params, USUAL_FPS if form is None else form.fps)
    except ValidationError as error:
        raise invalid_request(error, "params") from error


def check_inputs(render_type: RenderType, counts: Mapping[str, int]) -> None:
    """Raise ``InvalidRequest`` unless the type accepts that many files for each input."""
    for name, count in counts.items():
        spec = render_type.inputs.get(name)
        if spec is None or (count > 1 and not spec.many):
            why = "takes no such input" if spec is None else "takes one file here"
            raise InvalidRequest(
                f"inputs.{name}: {render_type.name} {why}.", field=f"inputs.{name}"
            )
    for name, spec in render_type.inputs.items():
        if spec.required and not counts.get(name):
            field_name = f"inputs.{render_type.input_field(name)}"
            raise InvalidRequest(f"{field_name} is required.", field=field_name)
