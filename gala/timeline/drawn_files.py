"""Files of drawings: read for a plan, as the renderer will read them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from gala.errors import UnprocessableMedia
from gala.timeline.lottie_files import MAX_BYTES, read_animation
from gala.timeline.measurements import Media, Size
from gala.timeline.problems import Problem
from gala.timeline.sources import NamedFile
from gala.timeline.svg_documents import svg_problem

DRAWN: Final = frozenset({"svg", "lottie"})
"""Types of elements whose files are read."""
MAX_DRAWING_BYTES: Final = MAX_BYTES
"""Larger SVG files are not read for a plan; Lottie files are never larger."""


@dataclass(frozen=True, slots=True)
class DrawnFile:
    """What the file of an element is: a drawing, or what is wrong with it."""

    media: Media | None = None
    """Length and size of an animation."""
    problem: Problem | None = None


def read_drawn_file(named: NamedFile, path: Path) -> DrawnFile:
    """Return what is in the file of an element whose type is in :data:`DRAWN`."""
    if named.type == "svg":
        fault = svg_problem(path.read_bytes())
        if fault is None:
            return DrawnFile()
        rule = f"This SVG cannot be drawn: {fault}."
        return DrawnFile(problem=Problem(named.pointer, rule, "Name another drawing."))
    try:
        found = read_animation(named, path)
    except UnprocessableMedia as error:
        where = str(error.details["field"])
        rule = error.message.removeprefix(f"{where}: ")
        rule = f"{rule[:1].upper()}{rule[1:]}"
        return DrawnFile(problem=Problem(where, rule, error.hint or ""))
    seconds = Fraction(found.seconds).limit_denominator(1000)
    return DrawnFile(Media(seconds, Size(found.width, found.height)))
