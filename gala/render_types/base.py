"""What the words of a render type consist of. No engine is known here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json

from gala.job import Lane
from gala.media import AssetKind, Format, MediaClass
from gala.mime import SUFFIXES, suffix_of

_CONTROLS: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
VISIBLE_TEXT: Final = rf"^[^{_CONTROLS}]*[^\s{_CONTROLS}][^{_CONTROLS}]*$"
"""Text with something to see, and no control characters but tabs and line breaks."""


class TypeParams(BaseModel):
    """Base of every type's params: strict about names and types, so that a slip is told."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> Self:
        """The params that came as JSON, where an enumeration is its word.

        Raises pydantic's ValidationError.
        """
        return cls.model_validate_json(to_json(params))


@dataclass(frozen=True, slots=True)
class InputSpec:
    """A file that a type takes: ``inputs.<name>_asset_id`` or ``_url`` (with an s if many)."""

    summary: str
    media: frozenset[MediaClass]
    required: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """A file that a type makes; ``role`` gives ``outputs[].<role>_asset_id``."""

    role: str
    kind: AssetKind
    mime: str
    required: bool = True
    also: tuple[str, ...] = ()
    """Other MIME types that it may have, as the params ask; the file's suffix tells which."""

    @property
    def any_mime(self) -> bool:
        """Whether it is of whatever type it comes out as."""
        return set(SUFFIXES) <= set(self.also)

    def mime_of(self, name: str) -> str:
        """The MIME type of an output file of that name; ``mime`` if its suffix is no other's."""
        suffix = PurePosixPath(name).suffix
        return next((mime for mime in self.also if suffix_of(mime) == suffix), self.mime)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderType:
    """The words of a render type: what it is called, takes and makes."""

    name: str
    summary: str
    params: type[TypeParams]
    outputs: tuple[OutputSpec, ...]
    format: Format | None = None
    """Size and frame rate if the request names none; ``None``: those of the (first) source."""
    takes_format: bool = True
    """Whether a request may name a size and frame rate; false for sound and exact cuts."""
    inputs: Mapping[str, InputSpec] = field(default_factory=dict)
    duration_ms: int | None = None
    lane: Lane = Lane.BATCH
    check: Callable[[Any, frozenset[str]], None] | None = None
    """What params and the names of the given inputs must be together; called with both when a job
    is submitted. Raises ``InvalidRequest`` naming the field."""
    example: Mapping[str, Any] = field(default_factory=dict)
    """Params of a job that a newcomer can send as they stand."""
    example_inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each input of that example, the names of the sample files that it is tried with."""

    def input_field(self, name: str) -> str:
        """The request field of an input: ``bg`` → ``bg_asset_id``."""
        return f"{name}_asset_ids" if self.inputs[name].many else f"{name}_asset_id"

    def url_field(self, name: str) -> str:
        """The request field of an input that is fetched: ``bg`` → ``bg_url``."""
        return f"{name}_urls" if self.inputs[name].many else f"{name}_url"
