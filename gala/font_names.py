"""Names of fonts."""

from __future__ import annotations


def font_key(name: str) -> str:
    """Return the form of a name by which fonts are found: without case, spaces and punctuation."""
    return "".join(character for character in name.casefold() if character.isalnum())
