"""What the splicing program is asked, passed to it as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Clip:
    """A file of H.264 in MP4 or Matroska, and the frames wanted of it, in order.

    Frames are counted from the file's first one; each pair is the first and the last, included.
    """

    path: str
    demuxer: str
    frames: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpliceRequest:
    """One file to put together from clips that have the same steady frame rate."""

    clips: tuple[Clip, ...]
    rate: Fraction
    """Frames a second, of every clip and of what is made."""
    target: str
    sound: str | None = None
    """An MP4 file of ours with the whole sound, already encoded, to be copied in."""
    copy_sound: bool = False
    """Take the first clip's AAC packets as they are, for its only range."""
    preset: str = "veryfast"
    crf: int = 16
    threads: int = 1
    demuxers: str
    """Those that may be used, separated by commas."""
    max_pixels: int

    def to_json(self) -> str:
        """As the program reads it."""
        rate = (self.rate.numerator, self.rate.denominator)
        return json.dumps({**asdict(self), "rate": rate})

    @classmethod
    def from_json(cls, text: str) -> SpliceRequest:
        """What :meth:`to_json` wrote."""
        values: Mapping[str, Any] = json.loads(text)
        clips = tuple(
            Clip(one["path"], one["demuxer"], tuple((a, b) for a, b in one["frames"]))
            for one in values["clips"]
        )
        return cls(**{**values, "clips": clips, "rate": Fraction(*values["rate"])})
