"""The dialogue lines of ASS and SSA files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gala.subtitle_times import clock_time
from gala_renderer.captions.reading.cues import Cue, Found, Lines, Warned

_EVENTS: Final = re.compile(r"\s*\[Events\]\s*|\s*Dialogue\s*:.*", re.IGNORECASE)
_LINE: Final = re.compile(r"\s*(Format|Dialogue)\s*:\s?(.*)", re.IGNORECASE)
_USUAL_FIELDS: Final = (
    "layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text",
)  # fmt: skip
_NEEDED: Final = frozenset({"start", "end", "text"})


def is_ass(lines: Lines) -> bool:
    """Return True if the file has events."""
    return any(_EVENTS.fullmatch(line) for _, line in lines)


def ass_cues(lines: Lines) -> Iterator[Found]:
    """Yield the cues of an ASS or SSA file; comments are no cues."""
    fields: Sequence[str] = _USUAL_FIELDS
    for number, line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        if match[1].lower() == "format":
            named = [name.strip().lower() for name in match[2].split(",")]
            # The styles have a format, too.
            fields = named if set(named) >= _NEEDED else fields
            continue
        yield _cue(number, match[2], fields)


def _cue(number: int, values: str, fields: Sequence[str]) -> Found:
    event = dict(zip(fields, values.split(",", len(fields) - 1), strict=False))
    start, end = (clock_time(event.get(name, "")) for name in ("start", "end"))
    if start is None or end is None or "text" not in event:
        return Warned(number, "the times cannot be read; the caption is left out")
    return Cue(number, start, end, event["text"])
