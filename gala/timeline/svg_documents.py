"""What is wrong with drawings in SVG, before one is drawn. Pure."""

from __future__ import annotations

from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

_ROOTS: Final = frozenset({"svg", "http://www.w3.org/2000/svg svg"})


def svg_problem(text: str | bytes) -> str | None:
    """Return why a text is no SVG, as ``it is not XML: …``; None if it is one.

    No tree is built, and entities are only read by the renderer, in its sandbox.
    """
    roots: list[str] = []
    parser = ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: roots.append(name) if not roots else None
    try:
        parser.Parse(text, True)
    except (ExpatError, ValueError, LookupError) as error:
        # The latter two for encodings that Python does not know, or that expat cannot use.
        return f"it is not XML: {error}"
    return None if roots[0] in _ROOTS else "it does not begin with <svg>"
