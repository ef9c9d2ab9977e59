"""What the media server's clients are told of a form that does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gala.errors import InvalidRequest


class InvalidForm(InvalidRequest):
    """A field is missing or not what it must be; told field by field, with the status 422."""

    def __init__(self, found: Iterable[Mapping[str, Any]]):
        """``found`` is what Pydantic lists; each ``loc`` begins with where the field was."""
        self.problems = [
            {"type": one["type"], "loc": list(one["loc"]), "msg": one["msg"]} for one in found
        ]
        first = self.problems[0]
        field = ".".join(map(str, first["loc"][1:]))
        super().__init__(f"{field}: {first['msg']}", field=field)
