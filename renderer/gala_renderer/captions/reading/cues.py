"""What reading a subtitle file finds: cues, and warnings about what could not be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from gala.subtitle_times import ClockTime

HOURS_MAX: Final = 12
USUAL_FPS: Final = 25.0
_FPS: Final = (USUAL_FPS, 30.0, 50.0, 60.0, 100.0)
_LAST_SECONDS: Final = 4.0
"""How long a cue is shown that has neither an end nor a next cue."""

Lines: TypeAlias = Sequence[tuple[int, str]]
"""The lines of a file with their numbers, from 1."""


class SubtitleError(Exception):
    """The file cannot be used; the message is shown to the user."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue as it was written, with its line in the file; without ``end`` the next one ends it."""

    line: int
    start: ClockTime
    end: ClockTime | None
    text: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A part of the file that cannot be used."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


Found: TypeAlias = Cue | Warned


@dataclass(frozen=True, slots=True)
class Caption:
    """A usable cue: plain text, and times in seconds."""

    start: float
    end: float
    text: str


def with_ends(cues: Sequence[Cue]) -> list[Cue]:
    """Return the cues; those without an end are shown until a later one starts."""
    ended: list[Cue] = []
    following: Cue | None = None
    later: ClockTime | None = None
    for cue in reversed(cues):
        if following is not None and following.start != cue.start:
            later = following.start
        last = ClockTime(cue.start.seconds + _LAST_SECONDS, cue.start.frames)
        ended.append(cue if cue.end is not None else replace(cue, end=later or last))
        following = cue
    return ended[::-1]


def caption_of(cue: Cue, text: str, fps: float) -> Caption | Warned | None:
    """Return what a cue shows; None if it has no text."""
    if not text:
        return None
    start, end = (_seconds(time, fps) for time in (cue.start, cue.end or cue.start))
    if end <= start:
        return Warned(cue.line, "the caption does not end after its start; it is left out")
    if end <= 0:
        return Warned(cue.line, "the caption ends before the video starts; it is left out")
    if start >= HOURS_MAX * 3600:
        return Warned(cue.line, f"the caption is later than {HOURS_MAX} hours; it is left out")
    # Files say 99:59:59 for captions that stay to the end.
    return Caption(max(0.0, start), min(end, HOURS_MAX * 3600.0), text)


def _seconds(time: ClockTime, fps: float) -> float:
    return time.seconds + time.frames / fps


def frames_per_second(cues: Sequence[Cue], known: float | None) -> tuple[float, bool]:
    """Return the frame rate that frame numbers count, and whether it had to be guessed.

    ``known`` is the video's, if there is one.
    """
    frames = [time.frames for cue in cues for time in (cue.start, cue.end) if time is not None]
    highest = max(frames, default=0)
    if not highest:
        return USUAL_FPS, False
    whole_seconds = any(time.seconds for cue in cues for time in (cue.start, cue.end) if time)
    if not whole_seconds:
        return known or USUAL_FPS, known is None
    if known is not None and highest < known + 0.5:
        return known, False
    return next((fps for fps in _FPS if fps > highest), highest + 1.0), True
