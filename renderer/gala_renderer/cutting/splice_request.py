"""The request to the splicing program, passed as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Clip:
    """A file with H.264 in MP4 or Matroska, and the ranges of frames to take from it, in order.

    Each pair is the first and the last frame, inclusive, counted from the file's first frame.
    """

    path: str
    demuxer: str
    frames: tuple[tuple[int, int], ...]
    video: int = 0
    audio: int = 0
    """The positions of its streams among those of their kind, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpliceRequest:
    """One file to assemble from clips of the same constant frame rate."""

    clips: tuple[Clip, ...]
    rate: Fraction
    """Frames per second of every clip and of the result."""
    target: str
    sound: str | None = None
    """An MP4 file with the whole sound, already encoded, to be copied."""
    copy_sound: bool = False
    """Copy the first clip's AAC packets, for its only range."""
    language: str | None = None
    """The language of the sound: an ISO 639-2 code."""
    preset: str = "veryfast"
    crf: int = 16
    threads: int = 1
    demuxers: str
    """The allowed demuxers, separated by commas."""
    max_pixels: int

    def to_json(self) -> str:
        """Return the request as JSON for the program."""
        rate = (self.rate.numerator, self.rate.denominator)
        return json.dumps({**asdict(self), "rate": rate})

    @classmethod
    def from_json(cls, text: str) -> SpliceRequest:
        """Parse the JSON of :meth:`to_json`."""
        values: Mapping[str, Any] = json.loads(text)
        clips = tuple(
            Clip(**{**one, "frames": tuple((a, b) for a, b in one["frames"])})
            for one in values["clips"]
        )
        return cls(**{**values, "clips": clips, "rate": Fraction(*values["rate"])})
