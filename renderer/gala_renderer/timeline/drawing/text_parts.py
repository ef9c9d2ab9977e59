"""Texts whose parts appear and disappear one after another, for the program that draws them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gala_renderer.timeline.drawing.figures import Growth


@dataclass(frozen=True, kw_only=True)
class TextPart:
    """A part of a text at rest, in pixels of the picture, and the frames in which it moves."""

    left: int
    top: int
    width: int
    height: int
    start: int
    """Where its pixels begin in the file, in bytes."""
    arrives: Growth | None = None
    leaves: Growth | None = None
    is_box: bool = False
    """The box behind the text only fades."""


@dataclass(frozen=True, kw_only=True)
class AnimatedText:
    """A text; the file has RGBA (straight) of its parts, and of the whole at rest at its end."""

    pixels: Path
    parts: tuple[TextPart, ...]
    whole: int
    """Where the picture of the whole begins, in bytes."""
    em: float
    """Of the text, in pixels: how far parts move depends on it."""
    arriving: str | None = None
    leaving: str | None = None
    """Names of :class:`~gala.timeline.document.text_animations.TextAnimationName`."""
