"""The three operations: their render types, and the names of their fields in requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from gala.errors import ErrorCode, GalaError, error_of
from gala_api.process_service.language import Language
from gala_api.process_service.messages import Translations

_FIELD_PREFIX: Final = re.compile(r"([a-z_]+)(?:\.\d+)?(?=: )")


@dataclass(frozen=True)
class Operation:
    """An operation; ``fields`` maps names of the render type to names of the request."""

    type: str
    source: str
    """The name of the input for the videos."""
    many: bool
    done: Translations
    fields: Mapping[str, str]

    def inputs(self, sources: Sequence[str]) -> dict[str, str | list[str]]:
        """Return the job's inputs; URLs may be GALA's own links or asset ids."""
        if self.many:
            return {f"{self.source}_urls": list(sources)}
        return {f"{self.source}_url": sources[0]}

    @cached_property
    def _names(self) -> re.Pattern[str]:
        names = sorted(self.fields, key=len, reverse=True)
        return re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, names))})(?!\w)")

    def with_request_names(self, text: str) -> str:
        """Return the text with the request's field names instead of the render type's."""
        return self._names.sub(lambda name: self.fields[name[1]], text)

    def field_in(self, message: str) -> str | None:
        """Return the request's field at the start of the message, or None if there is none."""
        match = _FIELD_PREFIX.match(message)
        return match[0] if match is not None and match[1] in self.fields.values() else None

    def error_for_caller(self, error: GalaError) -> GalaError:
        """Return the error with the request's field names and the code for callers."""
        details = {
            name: self.with_request_names(value) if isinstance(value, str) else value
            for name, value in error.details.items()
        }
        return error_of(
            code_for_caller(error.code),
            self.with_request_names(error.message),
            hint=error.hint,
            details=details,
        )


def code_for_caller(code: ErrorCode) -> ErrorCode:
    """Return the code for callers.

    ``UNSUPPORTED_MEDIA`` concerns the file at a URL, not the type of the request's body.
    """
    wrong_type = code is ErrorCode.UNSUPPORTED_MEDIA
    return ErrorCode.UNPROCESSABLE_MEDIA if wrong_type else code


def _video(name: str) -> dict[str, str]:
    return {f"inputs.{name}_url": "video_url", f"inputs.{name}_asset_id": "video_url"}


TRIM: Final = Operation(
    "trim",
    "media",
    False,
    {
        Language.SPANISH: "Video recortado exitosamente",
        Language.ENGLISH: "Video trimmed successfully",
    },
    _video("media") | {"params.start": "start_time", "params.end": "end_time"},
)
ADD_TEXT: Final = Operation(
    "add_text",
    "video",
    False,
    {
        Language.SPANISH: "Texto agregado exitosamente",
        Language.ENGLISH: "Text added successfully",
    },
    _video("video")
    | {f"params.{name}": name for name in ("text", "position", "font_size", "color")}
    | {"params.x": "position", "params.y": "position"},
)
CONCATENATE: Final = Operation(
    "concatenate",
    "clips",
    True,
    {
        Language.SPANISH: "Videos concatenados exitosamente",
        Language.ENGLISH: "Videos concatenated successfully",
    },
    {"inputs.clips_urls": "video_urls", "inputs.clips_asset_ids": "video_urls"},
)
BY_TYPE: Final[Mapping[str, Operation]] = {one.type: one for one in (TRIM, ADD_TEXT, CONCATENATE)}
