"""Read one subtitle file and print its captions, one JSON object per line.

Run as a separate program through :mod:`gala_renderer.sandbox.runner`, because the file is
untrusted: ``python subtitle_program.py <path> <max_captions>``. Each line is
``{"start": s, "end": s, "text": "…"}``; or there is a single line ``{"refused": "<why>"}``.
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
_UNKNOWN_FORMAT = "it is not SRT, VTT or ASS"
_SAMPLE_BYTES = 64 * 1024
_KANA = re.compile("[\u3041-\u30ff]")
_HIGH_RUN = re.compile(rb"[\xc0-\xff]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]")

_BLOCK = re.compile(r"\{[^{}]*\}")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<\d[\d:.]{0,20}>|</>")
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")


class SubtitleError(Exception):
    """The file cannot be used; the message is shown to the user."""


def captions(path: Path, most: int) -> Iterator[dict[str, Any]]:
    """Yield the captions of a file in its order. Raise ``SubtitleError`` if it cannot be used."""
    if path.stat().st_size > _BYTES_MAX:
        raise SubtitleError(f"it is larger than {_BYTES_MAX // 1024**2} MB")
    text = decoded(path.read_bytes())
    try:
        form = "ass" if _EVENTS.search(text) else autodetect_format(text)
        if form not in _FORMATS:
            raise SubtitleError(_UNKNOWN_FORMAT)
        read = pysubs2.SSAFile.from_string(text, format_=form)
    except (Pysubs2Error, ValueError, IndexError, KeyError, ArithmeticError) as error:
        raise SubtitleError(_UNKNOWN_FORMAT) from error
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
    head = data[:_SAMPLE_BYTES]
    if head.count(0) > len(head) // 5:
        return "utf-16-be" if head[0:1] == b"\0" else "utf-16-le"
    if _decodes(data, "utf-8"):
        return "utf-8"
    return _legacy(data, head)


def _legacy(data: bytes, head: bytes) -> str:
    """Return the likeliest legacy encoding."""
    if _decodes(data, "cp932") and len(_KANA.findall(data.decode("cp932"))) > len(head) // 50:
        return "cp932"
    # In Western languages non-ASCII letters are isolated; in Russian they form runs.
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
    """Return the text without tags. In SRT and VTT, other braces and brackets are text."""
    text = (_BLOCK if is_ass else _OVERRIDE).sub("", text)
    text = text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", "\u00a0")
    if not is_ass:
        text = html.unescape(_TAG.sub("", text))
    lines = (_CONTROLS.sub("", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def main(path: str, most: str) -> None:
    """Print the captions, or the reason why the file cannot be used."""
    try:
        found = list(captions(Path(path), int(most)))
    except SubtitleError as refused:
        found = [{"refused": str(refused)}]
    for one in found or [{"refused": "there is no caption in it"}]:
        sys.stdout.write(json.dumps(one) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
