"""An import's one field as callers know it: its job calls the same thing otherwise."""

from __future__ import annotations

from typing import Final

INPUT: Final = "media"
"""The input of the render type ``import``."""
FIELD: Final = "url"
INNER: Final = (f"inputs.{INPUT}_url", f"inputs.{INPUT}_asset_id")


def told_outside(text: str) -> str:
    """The text with the callers' name of the field."""
    for name in INNER:
        text = text.replace(name, FIELD)
    return text
