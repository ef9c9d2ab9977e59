"""What a renderer has for compositions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RendererFeatures:
    """The fonts of a renderer, and whether it draws pages in HTML."""

    fonts: tuple[str, ...]
    html_problem: str | None = None
    """Why it does not draw pages, and what to do; None if it does."""
