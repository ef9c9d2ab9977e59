"""The timing lines of subtitle files, in the many forms that people have.

``00:00:01,500 --> 00:00:02,000`` is SubRip's and ``00:01.500 --> 00:02.000 align:start`` WebVTT's.
Others have no milliseconds, frames instead of them, other separators and arrows, brackets, or the
text on the same line. Used to detect the type of a file and to read it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_CLOCK: Final = (
    r"(?P<{0}minus>[-\u2212]\s?)?(?:"
    r"(?:(?P<{0}hours>\d{{1,4}})\s?:\s?)?(?P<{0}minutes>\d{{1,4}})\s?:\s?"
    r"(?P<{0}seconds>\d{{1,2}}(?!\d)|\d{{3}}(?!\d)|\d{{5}}(?!\d))"
    r"(?:\s?(?P<{0}mark>[.,:;])\s?(?P<{0}part>\d{{1,9}})|\s(?P<{0}spaced>\d{{3}})(?!\d))?"
    r"|(?P<{0}digits>\d{{6}})(?:[.,]?(?P<{0}rest>\d{{3}}))?(?!\d))"
)
_ARROW: Final = r"\s*(?:(?:-\s?){1,3}>+|[\u2012-\u2015\u2212]+\s?>|=+>|[\u2192\u27f6]|-+&gt;)\s*"
_NUMBER: Final = r"(?P<{0}number>\d{{1,6}}(?:[.,]\d{{1,9}})?)\s?s?"
_BEFORE: Final = r"\s*(?:\d{1,6}[.):]?\s+)?[\[(]?\s*"
_AFTER: Final = r"\s?(?:(?P<closed>[\])].*)|(?P<more>\s.*)?)"
_START, _END = _CLOCK.format("a"), _CLOCK.format("b")
_TIMING: Final = re.compile(f"{_BEFORE}{_START}{_ARROW}{_END}{_AFTER}")
_BARE_TIMING: Final = re.compile(rf"\s*{_START}(?:\s*,\s*|\s+){_END}\s*")
"""SBV has a comma, and others only a space."""
_SECONDS_TIMING: Final = re.compile(
    f"{_BEFORE}{_NUMBER.format('a')}{_ARROW}{_NUMBER.format('b')}{_AFTER}"
)
_CLOCK_ALONE: Final = re.compile(rf"\s*{_START}\s*")
_NEARLY: Final = r"-?\d{1,4}\s?:\s?\S{1,3}?\s?:\s?\d"
_BROKEN: Final = re.compile(rf"\s*[\[(]?{_NEARLY}.*{_ARROW}|[^:]*\S*{_ARROW}{_NEARLY}\S*\s*$")
_PERHAPS: Final = re.compile(
    rf"\s*[\[(]?-?\S*\d\S*[:.,].*{_ARROW}|.*{_ARROW}\d+\s?[:.,]\s?\d\S*\s*$"
)
_STAMP: Final = re.compile(r"\d{1,4}\s?[:;]+\s?\S{0,2}?\d{1,3}\s?[:;.,]+\s?\S?\d")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_TEXT: Final = re.compile(r"[^\W\d_]{2,}|[^\W\d_a-zA-Z]|\bI\b")
"""What text behind a time has, unlike the rest of a damaged time."""
_DASH: Final = re.compile("[-<>=\u2010-\u2015\u2192\u2212]")
_DIGITS_OF_TWO_TIMES: Final = 9
_WORDS_BEFORE: Final = re.compile(r"\s*[^\W\d_]{2,}")
_ARROW_ALONE: Final = re.compile(_ARROW)
_POSSIBLE: Final = re.compile(r"[>＞→⟶,，،]|&gt;|\d\s?[:;]\s?\d")  # noqa: RUF001
_SETTINGS: Final = re.compile(r"(?:\s*[A-Za-z]\w*:\S*)+\s*")
_LONGEST: Final = 400
"""Longer lines are text; a timing line is much shorter, even with text behind it."""
_ALIKE: Final = str.maketrans(
    {"：": ":", "，": ",", "．": ".", "；": ";", "－": "-", "＞": ">", "،": ",", "٫": "."}  # noqa: RUF001
    | dict.fromkeys(
        "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    )
)
"""Punctuation of other scripts, and marks of direction that editors insert."""


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of a subtitle file: seconds, and frames if it counts them."""

    seconds: float
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """A timing line: start, end, and the text behind them, without cue settings."""

    start: ClockTime
    end: ClockTime
    text: str = ""
    short: bool = False
    """True if the times are only minutes and seconds, as text may have them, too."""


def may_be_timing(line: str) -> bool:
    """Return False for most lines that are no timing line, at little cost."""
    return len(line) <= _LONGEST and _POSSIBLE.search(line) is not None


def timing(line: str) -> Timing | None:
    """Return the times of a timing line; None for any other line."""
    if not may_be_timing(line):
        return None
    plain = line.translate(_ALIKE)
    match = _TIMING.fullmatch(plain)
    if match is None:
        match = _BARE_TIMING.fullmatch(plain)
        # Hours in both times, or it could be text.
        if match is None or not (match["ahours"] and match["bhours"]):
            return None
        return _timing(match, "")
    return _timing(match, _text_behind(match, plain, line))


def timing_in_seconds(line: str) -> Timing | None:
    """Return the times of a line like ``1.5 --> 3.0``, which are plain seconds."""
    match = _SECONDS_TIMING.fullmatch(line.translate(_ALIKE)) if len(line) <= _LONGEST else None
    if match is None:
        return None
    start, end = (ClockTime(float(match[f"{side}number"].replace(",", "."))) for side in ("a", "b"))
    return Timing(start, end, _text_behind(match, line.translate(_ALIKE), line))


def broken_timing(line: str, *, expected: bool = False) -> bool:
    """Return True if a line that is no timing line was meant to be one.

    Text with an arrow (``3 --> 4``, ``meet 10:30 --> 11:00``) is not. Where a timing line is
    ``expected``, less of a time is needed.
    """
    plain = line.translate(_ALIKE)
    if len(line) > _LONGEST or _WORDS_BEFORE.match(plain):
        return False
    if (_PERHAPS if expected else _BROKEN).match(plain):
        return True
    return _is_times_only(plain)


def _is_times_only(line: str) -> bool:
    """Return True for the digits of two times and an arrow, or a time and something like one."""
    digits = sum(character.isdigit() for character in line)
    return (
        digits >= _DIGITS_OF_TWO_TIMES
        and _WORD.search(line) is None
        and _DASH.search(line) is not None
        and ("-->" in line or _STAMP.search(line) is not None)
    )


def around_arrows(line: str) -> list[str]:
    """Return the parts of a line before, of and behind its arrows."""
    parts = _ARROW_ALONE.sub(lambda arrow: f"\n{arrow[0].strip()}\n", line).split("\n")
    return [part for part in parts if part]


def clock_time(text: str) -> ClockTime | None:
    """Return the time that a text is; None if it is none."""
    match = _CLOCK_ALONE.fullmatch(text.translate(_ALIKE)) if len(text) <= _LONGEST else None
    return _time(match, "a") if match else None


def _timing(match: re.Match[str], text: str) -> Timing | None:
    start, end = _time(match, "a"), _time(match, "b")
    if start is None or end is None:
        return None
    short = not any(match[f"a{name}"] for name in ("hours", "part", "spaced", "digits"))
    return Timing(start, end, text, short)


def _text_behind(match: re.Match[str], plain: str, line: str) -> str:
    behind = (match["closed"] or "")[1:] or match["more"] or ""
    if not _TEXT.search(behind) or _SETTINGS.fullmatch(behind):
        return ""
    # As it was written, if no character was removed by the translation.
    return (line[-len(behind) :] if len(plain) == len(line) else behind).strip()


def _time(match: re.Match[str], side: str) -> ClockTime | None:
    if match[f"{side}digits"] is not None:
        return _time_of_digits(match[f"{side}digits"], match[f"{side}rest"])
    hours, minutes, seconds = (match[f"{side}{name}"] for name in ("hours", "minutes", "seconds"))
    mark, part = match[f"{side}mark"], match[f"{side}part"] or match[f"{side}spaced"]
    if len(seconds) == 3:
        # MM:SS:mmm
        if hours is None or part is not None:
            return None
        hours, minutes, seconds, part = None, hours, minutes, seconds
    elif len(seconds) == 5:
        # HH:MM:SSmmm
        if part is not None:
            return None
        seconds, part = seconds[:2], seconds[2:]
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    sign = -1 if match[f"{side}minus"] else 1
    if mark in {":", ";"} and len(part) < 3:
        return ClockTime(sign * whole, int(part))
    return ClockTime(sign * (whole + (int(part) / 10 ** len(part) if part else 0)))


def _time_of_digits(digits: str, rest: str | None) -> ClockTime | None:
    hours, minutes, seconds = (int(digits[at : at + 2]) for at in (0, 2, 4))
    if minutes > 59 or seconds > 59:
        return None
    return ClockTime(hours * 3600 + minutes * 60 + seconds + int(rest or 0) / 1000)
