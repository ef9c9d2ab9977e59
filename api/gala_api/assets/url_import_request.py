"""The field of an import request, which has another name in its job."""

from __future__ import annotations

from typing import Final

INPUT: Final = "media"
"""The input of the render type ``import``."""
FIELD: Final = "url"
INNER: Final = (f"inputs.{INPUT}_url", f"inputs.{INPUT}_asset_id")


def with_request_names(text: str) -> str:
    """Return the text with the request's name of the field."""
    for name in INNER:
        text = text.replace(name, FIELD)
    return text
