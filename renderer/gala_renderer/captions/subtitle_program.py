"""Reads one subtitle file and prints its captions, a line of JSON each.

Run as a program of its own through :mod:`gala_renderer.sandbox.runner`, because nobody vouches for the
file: ``python subtitle_program.py <path> <max_captions>``. Each line is
``{"start": s, "end": s, "text": "…"}``; or, alone, ``{"refused": "<why>"}``.
"""

from __future__ import annotations

import codecs
import html
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pysubs2
from pysubs2.exceptions import Pysubs2Error
from pysubs2.formats import autodetect_format

_BYTES_MAX = 8 * 1024**2
_TEXT_MAX = 2000
_HOURS_MAX = 12
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FORMATS = {"srt", "vtt", "ass", "ssa"}
_EVENTS = re.compile(r"^\[Events\]\s*$", re.MULTILINE)
_UNKNOWN = "it is not SRT, VTT or ASS"
_LOOKED_AT = 64 * 1024
_KANA = re.compile("[\u3041-\u30ff]")
_HIGH_RUN = re.compile(rb"[\xc0-\xff]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]")

_BLOCK = re.compile(r"\{[^{}]*\}")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<\d[\d:.]{0,20}>|</>")
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")


class SubtitleError(Exception):
    """Why the file must not be used, for people."""


def captions(path: Path, most: int) -> Iterator[dict[str, Any]]:
    """The captions of a file in the order of the file; raises ``SubtitleError``."""
    if path.stat().st_size > _BYTES_MAX:
        raise SubtitleError(f"it is larger than {_BYTES_MAX // 1024**2} MB")
    text = decoded(path.read_bytes())
    try:
        form = "ass" if _EVENTS.search(text) else autodetect_format(text)
        if form not in _FORMATS:
            raise SubtitleError(_UNKNOWN)
        read = pysubs2.SSAFile.from_string(text, format_=form)
    except (Pysubs2Error, ValueError, IndexError, KeyError, ArithmeticError) as error:
        raise SubtitleError(_UNKNOWN) from error
    if len(read.events) > most:
        raise SubtitleError(f"it has more than {most} captions")
    for event in read.events:
        found = _caption(event, is_ass=form in {"ass", "ssa"})
        if found is not None:
            yield found


def decoded(data: bytes) -> str:
    """The text of the file, whatever it is encoded in; line ends are ``\\n``."""
    text = data.decode(_encoding(data), errors="replace")
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _encoding(data: bytes) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    head = data[:_LOOKED_AT]
    if head.count(0) > len(head) // 5:
        return "utf-16-be" if head[0:1] == b"\0" else "utf-16-le"
    if _decodes(data, "utf-8"):
        return "utf-8"
    return _legacy(data, head)


def _legacy(data: bytes, head: bytes) -> str:
    """The likeliest of the encodings from before Unicode."""
    if _decodes(data, "cp932") and len(_KANA.findall(data.decode("cp932"))) > len(head) // 50:
        return "cp932"
    # In Western languages letters beyond ASCII stand alone; in Russian every letter is one.
    in_runs = sum(len(run) for run in _HIGH_RUN.findall(head))
    if in_runs * 2 > len(_HIGH.findall(head)):
        return "cp1251"
    return "cp1252" if _decodes(data, "cp1252") else "latin-1"


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _caption(event: pysubs2.SSAEvent, *, is_ass: bool) -> dict[str, Any] | None:
    if event.is_comment or _DRAWING.search(event.text):
        return None
    start, end = event.start / 1000, event.end / 1000
    text = _plain(event.text, is_ass=is_ass)
    if not text or not 0 <= start < end or end > _HOURS_MAX * 3600:
        return None
    return {"start": start, "end": end, "text": text[:_TEXT_MAX]}


def _plain(text: str, *, is_ass: bool) -> str:
    """Without tags. In SRT and VTT a brace or a bracket that is no tag is text."""
    text = (_BLOCK if is_ass else _OVERRIDE).sub("", text)
    text = text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", "\u00a0")
    if not is_ass:
        text = html.unescape(_TAG.sub("", text))
    lines = (_CONTROLS.sub("", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def main(path: str, most: str) -> None:
    """Print what was found."""
    try:
        found = list(captions(Path(path), int(most)))
    except SubtitleError as refused:
        found = [{"refused": str(refused)}]
    for one in found or [{"refused": "there is no caption in it"}]:
        sys.stdout.write(json.dumps(one) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
