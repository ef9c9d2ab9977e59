"""What a compilation has to know of media, speech and text: how long and how large they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, Protocol, Self

from gala.media import MediaFacts
from gala.timeline.compilation.spoken_lines import SpokenLine
from gala.timeline.document.elements import TextElement


class Size(NamedTuple):
    """Width and height in pixels."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Media:
    """What is known of a media file; ``None`` where it does not apply or is not known."""

    duration: Fraction | None = None
    """Seconds."""
    size: Size | None = None
    """Pixels as shown, after rotation."""

    @classmethod
    def of(cls, facts: MediaFacts) -> Self:
        """Return what facts say."""
        duration = None if facts.duration_ms is None else Fraction(facts.duration_ms, 1000)
        sides = (facts.width, facts.height)
        size = None if sides[0] is None or sides[1] is None else Size(sides[0], sides[1])
        return cls(duration, size)


class Measurements(Protocol):
    """Answers what a compilation asks. ``None`` means that it is not known yet.

    A compilation then goes on with an estimate and says so in a warning.
    """

    def media(self, source: str) -> Media | None:
        """Return what is known of the file of an element's ``src``, or of the animation whose
        ``key`` is given."""

    def speech(self, line: SpokenLine) -> Fraction | None:
        """Return the seconds that it takes to speak a text."""

    def text(
        self, element: TextElement, width: float, height: float | None, short_side: int
    ) -> Size | None:
        """Return the size of the text, broken into lines of at most ``width`` pixels.

        ``height`` is that of its box in pixels, None if it is as high as its lines.
        ``short_side`` is the frame's shorter side in pixels, of which lengths are parts.
        """


@dataclass(frozen=True, slots=True)
class KnownMeasurements:
    """Measurements from tables: media by source, seconds of speech by text."""

    by_source: Mapping[str, Media] = field(default_factory=dict)
    by_text: Mapping[str, Fraction] = field(default_factory=dict)

    def media(self, source: str) -> Media | None:
        """Return what the table has."""
        return self.by_source.get(source)

    def speech(self, line: SpokenLine) -> Fraction | None:
        """Return what the table has for any voice."""
        return self.by_text.get(line.text)

    def text(
        self, element: TextElement, width: float, height: float | None, short_side: int
    ) -> Size | None:
        """Return None: sizes of texts are estimated."""
        del element, width, height, short_side
        return None
