"""Subtitle files: read in a sandbox, written as SRT, WebVTT and ASS."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Final

from gala.errors import UnprocessableMedia
from gala_renderer.captions.segmentation import TimedCaption
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile

_PROGRAM: Final = str(Path(__file__).with_name("subtitle_program.py"))
_READ_SECONDS: Final = 30.0
MAX_CAPTIONS: Final = 20_000
"""Of one file."""

_SHORTEST: Final = 0.001
_PARTED: Final[Mapping[str, str]] = {
    "-->": "--\u200b>",
    "<": "<\u200b",
    "{\\": "{\u200b\\",
}
"""SubRip has no escapes: what would be syntax is parted by a space of no width."""
_ENTITIES: Final[Mapping[str, str]] = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class Subtitle:
    """A caption of a subtitle file: plain text, lines as the file has them."""

    start: float
    end: float
    text: str


async def read_subtitles(file: InputFile, context: RenderContext) -> tuple[Subtitle, ...]:
    """The captions of a staged SRT, VTT or ASS file, in order and without overlaps.

    Raises ``UnprocessableMedia``, naming the request's field, for a file that is none of these.
    """
    said: list[str] = []
    command = [sys.executable, "-I", _PROGRAM, str(file.path), str(MAX_CAPTIONS)]
    try:
        finished = await context.ffmpeg.sandbox.run(
            command, cwd=context.scratch, seconds=_READ_SECONDS, on_line=said.append
        )
    except TimeoutError as error:
        raise _refused(file, "it takes too long to read") from error
    if not finished.ok or not said:
        raise _refused(file, "it could not be read within the limits of this server")
    found = [json.loads(line) for line in said]
    if "refused" in found[0]:
        raise _refused(file, found[0]["refused"])
    return untangled([_subtitle(one) for one in found])


def _subtitle(found: dict[str, Any]) -> Subtitle:
    return Subtitle(found["start"], found["end"], found["text"])


def _refused(file: InputFile, reason: str) -> UnprocessableMedia:
    return UnprocessableMedia(
        f"{file.field}: this subtitle file cannot be used: {reason}.",
        hint="Send SRT, WebVTT or ASS text.",
        field=file.field,
    )


def untangled(subtitles: Sequence[Subtitle]) -> tuple[Subtitle, ...]:
    """In order of time; those that begin together are one, and one ends when the next begins."""
    together = [
        _united(list(same))
        for _, same in groupby(sorted(subtitles, key=lambda one: one.start), lambda one: one.start)
    ]
    ended = [
        replace(one, end=min(one.end, following.start)) for one, following in pairwise(together)
    ]
    return (*ended, *together[-1:])


def _united(same: Sequence[Subtitle]) -> Subtitle:
    texts = dict.fromkeys(one.text for one in same)
    return replace(same[0], end=max(one.end for one in same), text="\n".join(texts))


def srt(captions: Sequence[TimedCaption]) -> str:
    """The captions as SubRip."""
    return "".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{lines}\n\n"
        for number, (start, end, lines) in enumerate(_written(captions, _PARTED), 1)
    )


def vtt(captions: Sequence[TimedCaption]) -> str:
    """The captions as WebVTT; text is escaped."""
    cues = (
        f"{_clock(start, '.')} --> {_clock(end, '.')}\n{lines}\n\n"
        for start, end, lines in _written(captions, _ENTITIES)
    )
    return "WEBVTT\n\n" + "".join(cues)


def _written(
    captions: Sequence[TimedCaption], escapes: Mapping[str, str]
) -> Iterator[tuple[float, float, str]]:
    """Times and lines; within a line there is no break, and none is empty."""
    for caption in captions:
        lines = [" ".join(text.split()) for text in caption.texts]
        for plain, escaped in escapes.items():
            lines = [line.replace(plain, escaped) for line in lines]
        end = max(caption.end, caption.start + _SHORTEST)
        yield caption.start, end, "\n".join(line for line in lines if line)


def _clock(seconds: float, point: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"
