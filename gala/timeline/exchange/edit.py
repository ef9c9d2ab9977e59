"""An edit: the cuts of a film on the tracks of an editing program, with the media they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from gala.media import Format
from gala.timeline.exchange.imported import Loss
from gala.timeline.exchange.rates import EditRate


class TrackKind(StrEnum):
    """Kind of a track."""

    VIDEO = "video"
    AUDIO = "audio"


class MediumKind(StrEnum):
    """What a medium is made from."""

    FILE = "file"
    """A file of the composition as it is."""
    STILL = "still"
    """A layer that stands, as a picture with transparency."""
    MOVING = "moving"
    """A layer as a video with transparency."""
    SOUND = "sound"
    """The sound of a layer, as it is heard but for ducking."""
    COLOR = "color"
    """A picture of one colour."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A file beside the document."""

    path: str
    """Relative to the document, with slashes."""
    kind: MediumKind
    frames: int | None
    """Its length at the rate of the edit; None for a still picture and where it is not known."""
    source: str | None = None
    """The ``src`` of the file in the composition."""
    pointer: str | None = None
    """JSON pointer of the element that is rendered."""
    color: str | None = None
    has_picture: bool = True
    has_sound: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """A clip: a part of a medium at a place in the film, in frames at the rate of the edit."""

    name: str
    pointer: str
    """JSON pointer of the element in the composition."""
    medium: Medium
    start: int
    end: int
    """The frame after its last one."""
    source_start: int = 0
    speed: Fraction = Fraction(1)
    dissolve: int = 0
    """Frames at the start of which it shows through the cut before it more and more; they come
    from before ``source_start``, and lie before ``start``."""
    element: Mapping[str, Any] = field(default_factory=dict)
    """The element as JSON."""

    @property
    def frames(self) -> int:
        """Length in frames."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class EditTrack:
    """Cuts that do not overlap, in order."""

    kind: TrackKind
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """A film as cuts."""

    name: str
    frame: Format
    rate: EditRate
    frames: int
    tracks: tuple[EditTrack, ...]
    """The lowest first; those with sound after those with pictures."""
    composition: Mapping[str, Any]
    """The composition as JSON."""
    losses: tuple[Loss, ...] = ()

    @property
    def media(self) -> tuple[Medium, ...]:
        """The files beside the document, each once."""
        found = {cut.medium: None for track in self.tracks for cut in track.cuts}
        return tuple(found)

    def of_kind(self, kind: TrackKind) -> tuple[EditTrack, ...]:
        """Return the tracks of a kind, the lowest first."""
        return tuple(track for track in self.tracks if track.kind is kind)
