"""Read one subtitle file and print its captions, one JSON object per line.

Run as a separate program through :mod:`gala_renderer.sandbox.runner`, because the file is
untrusted: ``python program.py <path> <max_captions> [<fps>]``, with the frames per second of the
video if there is one. Each line is ``{"start": s, "end": s, "text": "…"}`` or ``{"warning": "…"}``;
or there is a single line ``{"refused": "<why>"}``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from gala_renderer.captions.reading.ass_events import ass_cues, is_ass
from gala_renderer.captions.reading.coded_lines import coded_file
from gala_renderer.captions.reading.cues import (
    Caption,
    Cue,
    Found,
    Lines,
    SubtitleError,
    Warned,
    caption_of,
    frames_per_second,
    with_ends,
)
from gala_renderer.captions.reading.decoding import decoded, numbered
from gala_renderer.captions.reading.markup import Markup, plain_text
from gala_renderer.captions.reading.tagged_files import tagged_cues
from gala_renderer.captions.reading.timed_lines import is_webvtt, timed_cues

_BYTES_MAX: Final = 8 * 1024**2
_WARNINGS_MAX: Final = 5
_UNKNOWN_FORMAT: Final = "it is not SRT, WebVTT, ASS, SBV, LRC, MicroDVD, MPL2, SAMI or TTML"


def read(data: bytes, most: int, fps: float | None = None) -> tuple[list[Caption], list[str]]:
    """Return the captions of a file in its order, and warnings.

    Raise ``SubtitleError`` if nothing of it can be used.
    """
    text = decoded(data)
    lines = numbered(text)
    found, markup, named_fps = _found(text, lines)
    if not found:
        raise SubtitleError(_UNKNOWN_FORMAT)
    if len(found) > most:
        raise SubtitleError(f"it has more than {most} captions")
    cues = [one for one in found if isinstance(one, Cue)]
    rate, guessed = frames_per_second(cues, named_fps or fps)
    shown = [caption_of(cue, plain_text(cue.text, markup), rate) for cue in with_ends(cues)]
    warned = [one for one in (*found, *shown) if isinstance(one, Warned)]
    captions = [one for one in shown if isinstance(one, Caption)]
    warnings = list(_summary(sorted(warned, key=lambda one: one.line)))
    if not captions:
        raise SubtitleError("; ".join(warnings) or "there is no caption in it")
    if guessed:
        warnings.append(f"its frame numbers are taken as {rate:g} frames per second")
    return captions, warnings


def _found(text: str, lines: Lines) -> tuple[Sequence[Found], Markup, float | None]:
    if is_ass(lines):
        return list(ass_cues(lines)), Markup.ASS, None
    if (tagged := tagged_cues(text)) is not None:
        return tagged, Markup.ASS, None
    if (coded := coded_file(lines)) is not None:
        return coded.cues, Markup.CODES, coded.fps
    markup = Markup.WEBVTT if is_webvtt(lines) else Markup.SUBRIP
    return timed_cues(lines), markup, None


def _summary(warned: Sequence[Warned]) -> Iterator[str]:
    yield from map(str, warned[:_WARNINGS_MAX])
    if len(warned) > _WARNINGS_MAX:
        yield f"and {len(warned) - _WARNINGS_MAX} more lines, up to line {warned[-1].line}"


def _answers(path: Path, most: int, fps: float | None) -> Iterator[dict[str, Any]]:
    try:
        captions, warnings = read(_content(path), most, fps)
    except SubtitleError as refused:
        yield {"refused": str(refused)}
        return
    for one in captions:
        yield {"start": one.start, "end": one.end, "text": one.text}
    for warning in warnings:
        yield {"warning": warning}


def _content(path: Path) -> bytes:
    if path.stat().st_size > _BYTES_MAX:
        raise SubtitleError(f"it is larger than {_BYTES_MAX // 1024**2} MB")
    return path.read_bytes()


def main(path: str, most: str, fps: str | None = None) -> None:
    """Print the captions, or the reason why the file cannot be used."""
    for answer in _answers(Path(path), int(most), float(fps) if fps else None):
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
