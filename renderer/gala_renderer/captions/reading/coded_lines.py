"""Formats with a time and its text on each line: MicroDVD, MPL2, LRC and TMPlayer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gala.subtitle_times import ClockTime, clock_time
from gala_renderer.captions.reading.cues import Cue, Lines

_MICRODVD: Final = re.compile(r"\s*\{(\d{1,9})\}\s*\{(\d{0,9})\}(.*)")
_MPL2: Final = re.compile(r"\s*\[(\d{1,9})\]\s*\[(\d{0,9})\](.*)")
_TMPLAYER: Final = re.compile(r"\s*(\d{1,2}:\d{2}:\d{2})[:=,](?!\d+\s*$)(.*)")
_LYRICS: Final = re.compile(r"\s*((?:\[\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?\]\s*)+)(.*)")
_LYRICS_TIME: Final = re.compile(r"\[(\d+):(\d+)(?:[.:](\d+))?\]")
_LYRICS_WORD: Final = re.compile(r"<\d+:\d+(?:[.:]\d+)?>")
_LYRICS_TAG: Final = re.compile(r"\s*\[([a-z#]{1,10})\s*:([^\]]*)\]\s*", re.IGNORECASE)
_FPS: Final = re.compile(r"\s*(\d{1,3}(?:[.,]\d{1,6})?)\s*")
_FPS_MAX: Final = 240


@dataclass(frozen=True, slots=True)
class CodedFile:
    """The cues, and the frame rate if the file names it."""

    cues: tuple[Cue, ...]
    fps: float | None = None


def coded_file(lines: Lines) -> CodedFile | None:
    """Return the cues of a file in one of these formats; None if it is none."""
    filled = [(number, line) for number, line in lines if line.strip()]
    first = filled[0][1] if filled else ""
    if _MICRODVD.match(first):
        return _microdvd(filled)
    if _MPL2.match(first):
        return CodedFile(tuple(_mpl2(filled)))
    if _LYRICS.match(first) or _LYRICS_TAG.fullmatch(first):
        return CodedFile(tuple(_lyrics(filled)))
    if _TMPLAYER.match(first) and sum(map(_is_tmplayer, filled)) * 2 > len(filled):
        return CodedFile(tuple(_tmplayer(filled)))
    return None


def _is_tmplayer(line: tuple[int, str]) -> bool:
    return _TMPLAYER.match(line[1]) is not None


def _microdvd(lines: Lines) -> CodedFile:
    cues: list[Cue] = []
    fps: float | None = None
    for number, line in lines:
        if match := _MICRODVD.fullmatch(line):
            named = _FPS.fullmatch(match[3])
            if not cues and named and int(match[1]) <= 1:
                rate = float(named[1].replace(",", "."))
                fps = rate if 1 <= rate <= _FPS_MAX else None
                continue
            start = ClockTime(0, int(match[1]))
            end = ClockTime(0, int(match[2])) if match[2] else None
            cues.append(Cue(number, start, end, match[3]))
    return CodedFile(tuple(cues), fps)


def _mpl2(lines: Lines) -> Iterator[Cue]:
    for number, line in lines:
        if match := _MPL2.fullmatch(line):
            start = ClockTime(int(match[1]) / 10)
            end = ClockTime(int(match[2]) / 10) if match[2] else None
            yield Cue(number, start, end, match[3])


def _tmplayer(lines: Lines) -> Iterator[Cue]:
    for number, line in lines:
        match = _TMPLAYER.fullmatch(line)
        start = clock_time(match[1]) if match else None
        if match and start:
            yield Cue(number, start, None, match[2])


def _lyrics(lines: Lines) -> list[Cue]:
    """Return the lines of a song; a line with several times is sung several times."""
    found = []
    offset = 0.0
    for number, line in lines:
        if match := _LYRICS.fullmatch(line):
            text = _LYRICS_WORD.sub("", match[2])
            found += [
                Cue(number, ClockTime(_lyrics_seconds(time) - offset), None, text)
                for time in _LYRICS_TIME.finditer(match[1])
            ]
        elif (tag := _LYRICS_TAG.fullmatch(line)) and tag[1].lower() == "offset":
            # Milliseconds by which the lyrics come sooner.
            offset = _milliseconds(tag[2]) / 1000
    return sorted(found, key=lambda cue: cue.start.seconds)


def _lyrics_seconds(time: re.Match[str]) -> float:
    part = time[3] or "0"
    return int(time[1]) * 60 + int(time[2]) + float(f"0.{part}")


def _milliseconds(text: str) -> int:
    match = re.fullmatch(r"\s*([+-]?\d{1,7})\s*", text)
    return int(match[1]) if match else 0
