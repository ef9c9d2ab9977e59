"""What a renderer has for compositions."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RendererFeatures:
    """The fonts of a renderer, and whether it draws pages in HTML."""

    fonts: tuple[str, ...]
    html_problem: str | None = None
    """Why it does not draw pages, and what to do; None if it does."""
    characters: tuple[int, ...] = ()
    """Code points of which each in turn begins what its fonts have, and what they do not have.

    Empty if that is not known.
    """
    film_pace: float = 1.0
    """How much longer its films take than :func:`gala.timeline.render_time.render_seconds` says."""

    def has_character(self, character: str) -> bool:
        """Return True if a font has a character, or if that is not known."""
        return not self.characters or bisect_right(self.characters, ord(character)) % 2 == 1
