"""The parts that a render type is defined with; independent of any engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final, Self

from pydantic import ConfigDict, ValidationError, ValidationInfo
from pydantic_core import InitErrorDetails, PydanticCustomError, PydanticSerializationError, to_json

from gala.job import Lane
from gala.json_model import JsonModel
from gala.media import USUAL_FPS, AssetKind, Format, MediaClass
from gala.mime import SUFFIXES, suffix_of

_NOT_JSON: Final = PydanticCustomError(
    "not_json", "A text in it is not UTF-8, or the value cannot be written as JSON."
)


class TypeParams(JsonModel, defer_build=True):
    """Base of every type's params. Strict: unknown fields and wrong types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def parse(cls, params: Mapping[str, Any], fps: int = USUAL_FPS) -> Self:
        """Return the params of JSON data, in which enumeration members are strings.

        Timecodes with frames, where a type takes them, are read at ``fps`` frames per second.
        Raise pydantic's ValidationError.
        """
        try:
            written = to_json(params)
        except PydanticSerializationError as error:
            name = next(name for name, value in params.items() if not _is_json({name: value}))
            found = InitErrorDetails(type=_NOT_JSON, loc=(name,), input=params[name])
            raise ValidationError.from_exception_data(cls.__name__, [found]) from error
        return cls.model_validate_json(written, context=reading_context(fps))


def _is_json(params: Mapping[str, Any]) -> bool:
    try:
        to_json(params)
    except PydanticSerializationError:
        return False
    return True


def reading_context(fps: int) -> dict[str, int]:
    """Return the context of validations that read timecodes at this rate."""
    return {_RATE: fps}


def rate_of(info: ValidationInfo) -> int:
    """Return the frames per second at which a validation reads timecodes."""
    return int((info.context or {}).get(_RATE, USUAL_FPS))


_RATE: Final = "fps"


@dataclass(frozen=True, slots=True)
class InputSpec:
    """An input file: ``inputs.<name>_asset_id`` or ``_url``, with an ``s`` appended if many."""

    summary: str
    media: frozenset[MediaClass]
    required: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """An output file; ``role`` names it in ``outputs[].<role>_asset_id``."""

    role: str
    kind: AssetKind
    mime: str
    required: bool = True
    also: tuple[str, ...] = ()
    """Other MIME types that params can select; the file's suffix determines which it is."""

    @property
    def any_mime(self) -> bool:
        """Return True if the output may have any MIME type."""
        return set(SUFFIXES) <= set(self.also)

    def mime_of(self, name: str) -> str:
        """Return the MIME type for an output file name; ``mime`` if no type in ``also`` matches."""
        suffix = PurePosixPath(name).suffix
        return next((mime for mime in self.also if suffix_of(mime) == suffix), self.mime)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderType:
    """Definition of a render type: its name, params, inputs and outputs."""

    name: str
    summary: str
    params: type[TypeParams]
    outputs: tuple[OutputSpec, ...]
    format: Format | None = None
    """Default size and frame rate; ``None``: those of the (first) source."""
    takes_format: bool = True
    """Whether a request may set size and frame rate; False for audio and exact cuts."""
    inputs: Mapping[str, InputSpec] = field(default_factory=dict)
    duration_ms: int | None = None
    lane: Lane = Lane.BATCH
    check: Callable[[Any, frozenset[str]], None] | None = None
    """Checks params and input names against each other; called with both when a job is submitted.
    Raises ``InvalidRequest`` naming the field."""
    named_inputs: Callable[[Any], Mapping[str, Sequence[str]]] | None = None
    """Returns, by input, the assets and URLs that the params name; the API adds those inputs to a
    job that does not set them."""
    example: Mapping[str, Any] = field(default_factory=dict)
    """Params of an example job that works as it stands."""
    example_inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the sample files for the inputs of that example."""

    def input_field(self, name: str) -> str:
        """Return the request field of an input: ``bg`` → ``bg_asset_id``."""
        return f"{name}_asset_ids" if self.inputs[name].many else f"{name}_asset_id"

    def url_field(self, name: str) -> str:
        """Return the request field for an input's URL: ``bg`` → ``bg_url``."""
        return f"{name}_urls" if self.inputs[name].many else f"{name}_url"
