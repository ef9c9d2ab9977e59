"""Subtitle files: reading in a sandbox, writing as SRT and WebVTT."""

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
"""The most captions of one file."""

_SHORTEST: Final = 0.001
_SRT_ESCAPES: Final[Mapping[str, str]] = {
    "-->": "--\u200b>",
    "<": "<\u200b",
    "{\\": "{\u200b\\",
}
"""SubRip has no escapes: character sequences that are syntax are split by a zero-width space."""
_VTT_ESCAPES: Final[Mapping[str, str]] = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class Subtitle:
    """A caption of a subtitle file: plain text, with the file's line breaks."""

    start: float
    end: float
    text: str


async def read_subtitles(file: InputFile, context: RenderContext) -> tuple[Subtitle, ...]:
    """Return the captions of a staged SRT, VTT or ASS file, in order and without overlaps.

    Raise ``UnprocessableMedia`` naming the request's field if the file is none of these.
    """
    lines_read: list[str] = []
    command = [sys.executable, "-I", _PROGRAM, str(file.path), str(MAX_CAPTIONS)]
    try:
        finished = await context.ffmpeg.sandbox.run(
            command, cwd=context.scratch, seconds=_READ_SECONDS, on_line=lines_read.append
        )
    except TimeoutError as error:
        raise _refused(file, "reading it takes too long") from error
    if not finished.ok or not lines_read:
        raise _refused(file, "it could not be read within the limits of this server")
    found = [json.loads(line) for line in lines_read]
    if "refused" in found[0]:
        raise _refused(file, found[0]["refused"])
    return without_overlaps([_subtitle(one) for one in found])


def _subtitle(found: dict[str, Any]) -> Subtitle:
    return Subtitle(found["start"], found["end"], found["text"])


def _refused(file: InputFile, reason: str) -> UnprocessableMedia:
    return UnprocessableMedia(
        f"{file.field}: The subtitle file cannot be used: {reason}.",
        hint="Send SRT, WebVTT or ASS text.",
        field=file.field,
    )


def without_overlaps(subtitles: Sequence[Subtitle]) -> tuple[Subtitle, ...]:
    """Return subtitles sorted by time; equal starts are merged, and each ends at the next start."""
    merged = [
        _merged(list(same))
        for _, same in groupby(sorted(subtitles, key=lambda one: one.start), lambda one: one.start)
    ]
    ended = [replace(one, end=min(one.end, following.start)) for one, following in pairwise(merged)]
    return (*ended, *merged[-1:])


def _merged(same: Sequence[Subtitle]) -> Subtitle:
    texts = dict.fromkeys(one.text for one in same)
    return replace(same[0], end=max(one.end for one in same), text="\n".join(texts))


def srt(captions: Sequence[TimedCaption]) -> str:
    """Return the captions as SubRip."""
    return "".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{lines}\n\n"
        for number, (start, end, lines) in enumerate(_written(captions, _SRT_ESCAPES), 1)
    )


def vtt(captions: Sequence[TimedCaption]) -> str:
    """Return the captions as WebVTT, with escaped text."""
    cues = (
        f"{_clock(start, '.')} --> {_clock(end, '.')}\n{lines}\n\n"
        for start, end, lines in _written(captions, _VTT_ESCAPES)
    )
    return "WEBVTT\n\n" + "".join(cues)


def _written(
    captions: Sequence[TimedCaption], escapes: Mapping[str, str]
) -> Iterator[tuple[float, float, str]]:
    """Yield start, end and text of each caption; lines are not empty and have no line break."""
    for caption in captions:
        lines = [" ".join(text.split()) for text in caption.texts]
        for plain, escaped in escapes.items():
            lines = [line.replace(plain, escaped) for line in lines]
        end = max(caption.end, caption.start + _SHORTEST)
        yield caption.start, end, "\n".join(line for line in lines if line)


def _clock(seconds: float, point: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"
