"""Files of timing lines, each followed by its text: SubRip, WebVTT, SBV, and what is alike.

Timing lines decide, not blank lines and numbers, which many files lack. What precedes a timing line
and is a number, or in WebVTT any identifier, is not text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from gala.subtitle_times import (
    Timing,
    broken_timing,
    may_be_timing,
    timing,
    timing_in_seconds,
)
from gala_renderer.captions.reading.cues import Cue, Found, Lines, Warned

_WEBVTT: Final = re.compile(r"\s*WEBVTT\b", re.IGNORECASE)
_INDEX: Final = re.compile(r"\s*[#\[(]?(\d{1,9})[.):\]]?\s*")
_OTHER_BLOCK: Final = re.compile(r"\s*(?:NOTE|STYLE|REGION|WEBVTT)\b")
_WEBVTT_BLOCK: Final = re.compile(r"\s*(?:NOTE|STYLE|REGION)\s*")
_SHOWN_CHARACTERS: Final = 40


@dataclass(frozen=True, slots=True)
class _Mark:
    """A timing line at ``index``; ``times`` is None if it cannot be read."""

    index: int
    times: Timing | None


def is_webvtt(lines: Lines) -> bool:
    """Return True if the file starts as WebVTT does, or has a block that only WebVTT has."""
    first = next((line for _, line in lines if line.strip()), "")
    return _WEBVTT.match(first) is not None or any(
        _WEBVTT_BLOCK.fullmatch(line) and not before.strip()
        for (_, before), (_, line) in pairwise(((0, ""), *lines))
    )


def timed_cues(lines: Lines) -> list[Found]:
    """Return the cues of a file; empty if it has no timing lines."""
    for parse in (timing, timing_in_seconds):
        marks = _marks(lines, parse)
        if any(mark.times for mark in marks):
            return list(_cues(lines, marks))
    # Only lines that were meant as timing lines: each is worth a message.
    return [_unreadable(lines, mark) for mark in _marks(lines, timing)]


def _marks(lines: Lines, parse: Callable[[str], Timing | None]) -> list[_Mark]:
    found: list[_Mark] = []
    short = False
    for index, (_, line) in enumerate(lines):
        if not may_be_timing(line):
            continue
        starts = _starts_block(lines, index)
        times = parse(line)
        if times is not None and (starts or short or not found or not times.short):
            short = short or (not found and times.short)
            found.append(_Mark(index, times))
        elif broken_timing(line, expected=starts):
            found.append(_Mark(index, None))
    return found


def _starts_block(lines: Lines, index: int) -> bool:
    """Return True if a timing line is to be expected: after a blank line and perhaps a number."""
    before = [line for _, line in lines[max(0, index - 2) : index]]
    if before and _INDEX.fullmatch(before[-1]):
        before.pop()
    return not before or not before[-1].strip()


def _cues(lines: Lines, marks: Sequence[_Mark]) -> Iterator[Found]:
    webvtt = is_webvtt(lines)
    identifiers = _Identifiers(lines, webvtt)
    begins = [identifiers.begin(mark.index, past) for mark, past in _with_previous(marks)]
    begins.append(identifiers.rest())
    for number, mark in enumerate(marks):
        end = begins[number + 1]
        if mark.times is None:
            yield _unreadable(lines, mark)
            continue
        body = lines[mark.index + 1 : end]
        text, stray = _webvtt_text(body) if webvtt else (_text(body), None)
        if stray is not None:
            yield Warned(stray, "text that belongs to no caption is left out")
        inline = [mark.times.text] if mark.times.text else []
        yield Cue(
            lines[mark.index][0], mark.times.start, mark.times.end, "\n".join([*inline, *text])
        )


def _with_previous(marks: Sequence[_Mark]) -> Iterator[tuple[_Mark, int]]:
    """Yield each timing line with the index of the first line behind the one before."""
    past = 0
    for mark in marks:
        yield mark, past
        past = mark.index + 1


class _Identifiers:
    """Finds the lines before timing lines that are numbers or identifiers."""

    def __init__(self, lines: Lines, webvtt: bool):
        self._lines = lines
        self._webvtt = webvtt
        self._expected = 1

    def begin(self, index: int, past: int) -> int:
        """Return where the cue with its timing line at ``index`` begins; not before ``past``."""
        at = index - 1
        line = self._lines[at][1] if at >= past else ""
        number = _INDEX.fullmatch(line)
        if number is None:
            named = self._webvtt and bool(line.strip()) and self._opens(at, past)
            self._expected += 1
            return at if named else index
        value = int(number[1])
        # A number that is a text is the only line of its cue, and not the next cue's number.
        if value != self._expected and at == past and past > 0:
            self._expected += 1
            return index
        self._expected = value + 1
        return at

    def rest(self) -> int:
        """Return where a number without a caption begins, at the end of the file."""
        end = len(self._lines)
        while end > 1 and not self._lines[end - 1][1].strip():
            end -= 1
        number = _INDEX.fullmatch(self._lines[end - 1][1])
        alone = end > 1 and not self._lines[end - 2][1].strip()
        return end - 1 if alone and number and int(number[1]) == self._expected else end

    def _opens(self, at: int, past: int) -> bool:
        return at == 0 or (at > past and not self._lines[at - 1][1].strip())


def _text(body: Lines) -> list[str]:
    return [line for _, line in body if line.strip()]


def _webvtt_text(body: Lines) -> tuple[list[str], int | None]:
    """Return the text up to a blank line, and the number of a line that belongs to no cue."""
    text: list[str] = []
    rest = iter(body)
    for _, line in rest:
        if line.strip():
            text.append(line)
        elif text:
            break
    if text and _OTHER_BLOCK.match(text[0]) and body and not body[0][1].strip():
        # The cue itself is empty.
        return [], None
    return text, _stray_line(list(rest))


def _stray_line(rest: Lines) -> int | None:
    known, blank = False, True
    for number, line in rest:
        if not line.strip():
            known, blank = False, True
            continue
        if blank:
            known = bool(_OTHER_BLOCK.match(line) or _INDEX.fullmatch(line))
        if not known:
            return number
        blank = False
    return None


def _unreadable(lines: Lines, mark: _Mark) -> Warned:
    number, line = lines[mark.index]
    shown = line.strip()
    if len(shown) > _SHOWN_CHARACTERS:
        shown = f"{shown[:_SHOWN_CHARACTERS]}…"
    return Warned(number, f"the times cannot be read ({shown!r}); the caption is left out")
