"""Files of drawings on this machine: read for a plan, as the renderer will read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

from gala.errors import UnprocessableMedia
from gala.timeline.lottie_files import read_animation
from gala.timeline.measurements import Media, Size
from gala.timeline.problems import Problem
from gala.timeline.sources import NamedFile
from gala.timeline.svg_documents import svg_problem

DRAWN: Final = frozenset({"svg", "lottie"})
"""Types of elements whose files are read."""


@dataclass(slots=True)
class DrawnFiles:
    """What is known of drawings, by the names that elements have for them."""

    media: dict[str, Media] = field(default_factory=dict)

    def read(self, named: NamedFile, path: Path) -> Iterator[Problem]:
        """Read a file; yield what is wrong with it."""
        if named.type == "svg":
            problem = svg_problem(path.read_bytes())
            if problem is not None:
                rule = f"This SVG cannot be drawn: {problem}."
                yield Problem(named.pointer, rule, "Name another drawing.")
            return
        try:
            found = read_animation(named, path)
        except UnprocessableMedia as error:
            where = str(error.details["field"])
            rule = error.message.removeprefix(f"{where}: ")
            yield Problem(where, f"{rule[:1].upper()}{rule[1:]}", error.hint or "")
            return
        seconds = Fraction(found.seconds).limit_denominator(1000)
        self.media[named.key] = Media(seconds, Size(found.width, found.height))
