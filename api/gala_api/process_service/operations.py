"""The three operations: which render type does each, and what its fields are called outside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from gala.errors import ErrorCode, GalaError, error_of
from gala_api.process_service.language import Language
from gala_api.process_service.messages import Said

_NAMED: Final = re.compile(r"([a-z_]+)(?:\.\d+)?(?=: )")


@dataclass(frozen=True)
class Operation:
    """One of them; ``fields`` leads from the render type's names to those of its callers."""

    type: str
    source: str
    """The input that takes the videos."""
    many: bool
    done: Said
    fields: Mapping[str, str]

    def inputs(self, sources: Sequence[str]) -> dict[str, str | list[str]]:
        """The job's inputs; GALA's own links and assets' ids stand among URLs."""
        if self.many:
            return {f"{self.source}_urls": list(sources)}
        return {f"{self.source}_url": sources[0]}

    @cached_property
    def _inner(self) -> re.Pattern[str]:
        names = sorted(self.fields, key=len, reverse=True)
        return re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, names))})(?!\w)")

    def outside(self, text: str) -> str:
        """The text with every name of a field as callers know it."""
        return self._inner.sub(lambda name: self.fields[name[1]], text)

    def field_in(self, message: str) -> str | None:
        """The caller's field that the message begins with, if it names one."""
        named = _NAMED.match(message)
        return named[0] if named is not None and named[1] in self.fields.values() else None

    def told_outside(self, error: GalaError) -> GalaError:
        """The same error in the callers' words; media they point to is no part of their body."""
        details = {
            name: self.outside(value) if isinstance(value, str) else value
            for name, value in error.details.items()
        }
        return error_of(
            judged(error.code), self.outside(error.message), hint=error.hint, details=details
        )


def judged(code: ErrorCode) -> ErrorCode:
    """The code for callers: what a URL leads to is not the type of their request's body."""
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
