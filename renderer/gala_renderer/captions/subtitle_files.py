"""Subtitle files: reading in a sandbox, writing as SRT and WebVTT."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from gala.errors import UnprocessableMedia
from gala.subtitle_times import around_arrows, timing
from gala_renderer.captions.segmentation import TimedCaption
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile

_PROGRAM: Final = str(Path(__file__).with_name("reading") / "program.py")
_READ_SECONDS: Final = 30.0
MAX_CAPTIONS: Final = 20_000
"""The most captions of one file."""

_SHORTEST: Final = 0.001
_TIMES: Final = re.compile(r"\d+:\d+:\d.*-->.*\d+:\d+:\d")
"""Text that other readers of SubRip take for a timing line."""
_VTT_ESCAPES: Final[Mapping[str, str]] = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class Subtitle:
    """A caption of a subtitle file: plain text, with the file's line breaks."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class SubtitleFile:
    """The captions of a file, sorted by their start; they may overlap.

    ``warnings`` tell what of the file could not be used.
    """

    subtitles: tuple[Subtitle, ...]
    warnings: tuple[str, ...] = ()


async def read_subtitles(
    file: InputFile, context: RenderContext, *, rate: Fraction | None = None
) -> SubtitleFile:
    """Return the captions of a staged subtitle file of any dialect.

    ``rate`` is the video's, for files whose times are frame numbers. Raise ``UnprocessableMedia``
    naming the request's field if nothing of the file can be used.
    """
    lines_read: list[str] = []
    command = [sys.executable, "-I", _PROGRAM, str(file.path), str(MAX_CAPTIONS)]
    if rate is not None:
        command.append(str(float(rate)))
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
    subtitles = (_subtitle(one) for one in found if "text" in one)
    return SubtitleFile(
        tuple(sorted(subtitles, key=lambda one: one.start)),
        tuple(f"{file.field}: {one['warning']}" for one in found if "warning" in one),
    )


def _subtitle(found: dict[str, Any]) -> Subtitle:
    return Subtitle(found["start"], found["end"], found["text"])


def _refused(file: InputFile, reason: str) -> UnprocessableMedia:
    return UnprocessableMedia(
        f"{file.field}: The subtitle file cannot be used: {reason}.",
        hint="Send SRT, WebVTT or ASS text, each caption with its own times.",
        field=file.field,
    )


def srt(captions: Sequence[TimedCaption]) -> str:
    """Return the captions as SubRip, with the text as it is.

    SubRip has no escapes: only a line that would be a timing line is broken around its arrow.
    """
    return "".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{_srt_text(lines)}\n\n"
        for number, (start, end, lines) in enumerate(_written(captions), 1)
    )


def vtt(captions: Sequence[TimedCaption]) -> str:
    """Return the captions as WebVTT, with escaped text."""
    cues = (
        f"{_clock(start, '.')} --> {_clock(end, '.')}\n{_vtt_text(lines)}\n\n"
        for start, end, lines in _written(captions)
    )
    return "WEBVTT\n\n" + "".join(cues)


def _srt_text(lines: Sequence[str]) -> str:
    return "\n".join(
        part
        for line in lines
        for part in (around_arrows(line) if timing(line) or _TIMES.search(line) else (line,))
    )


def _vtt_text(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    for plain, escaped in _VTT_ESCAPES.items():
        text = text.replace(plain, escaped)
    return text


def _written(captions: Sequence[TimedCaption]) -> Iterator[tuple[float, float, list[str]]]:
    """Yield start, end and text of each caption; lines are not empty and have no line break."""
    for caption in captions:
        lines = [" ".join(text.split()) for text in caption.texts]
        end = max(caption.end, caption.start + _SHORTEST)
        yield caption.start, end, [line for line in lines if line]


def _clock(seconds: float, point: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"
