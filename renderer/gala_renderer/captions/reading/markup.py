"""The plain text of captions: without tags, styles and entities."""

from __future__ import annotations

import html
import re
from enum import Enum, auto
from typing import Final

TEXT_MAX: Final = 2000

_BLOCK: Final = re.compile(r"\{[^{}]*\}")
_OVERRIDE: Final = re.compile(r"\{\\[^{}]*\}")
_DRAWING: Final = re.compile(r"\{[^{}]*\\p[1-9]")
_STYLE_CODE: Final = re.compile(r"\{[A-Za-z]:[^{}]*\}")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")
_LINE_BREAK: Final = re.compile(r"<\s*/?\s*br\s*/?\s*>|\[br\]", re.IGNORECASE)
_SUBRIP_TAG: Final = re.compile(
    r"<\s*/?\s*(?:b|i|u|s|em|strong|strike|del|ins|big|small|sub|sup|tt|p|div|center|ruby|rt|rb)"
    r"\s*/?\s*>|<\s*/?\s*(?:font|span|p|div|c|v|lang)(?:[\s.][^<>]{0,300})?>|</>"
    r"|<\d+:[\d:.]{1,20}>",
    re.IGNORECASE,
)
_ANY_TAG: Final = re.compile(r"</?[A-Za-z][^<>]{0,300}>|<\d[\d:.]{0,20}>|</>")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_PATH: Final = ":\\"


class Markup(Enum):
    """The kinds of markup in the text of captions."""

    SUBRIP = auto()
    """A few HTML tags; anything else in angle brackets is text."""
    WEBVTT = auto()
    """Any tag."""
    ASS = auto()
    """Everything in braces."""
    CODES = auto()
    """Codes in braces (``{y:i}``), ``|`` for a line break, and a slash for italics."""


def plain_text(text: str, markup: Markup) -> str:
    """Return what is shown of a caption's text, line by line; empty for drawings."""
    if _DRAWING.search(text):
        return ""
    shown = _SHOWN[markup](text)
    lines = (_CONTROLS.sub("", line).strip() for line in shown.split("\n"))
    return "\n".join(line for line in lines if line)[:TEXT_MAX].rstrip()


def _of_subrip(text: str) -> str:
    text = _with_line_breaks(_OVERRIDE.sub("", text))
    return _unescaped(_SUBRIP_TAG.sub("", _LINE_BREAK.sub("\n", text)))


def _of_webvtt(text: str) -> str:
    text = _with_line_breaks(_OVERRIDE.sub("", text))
    return _unescaped(_ANY_TAG.sub("", _LINE_BREAK.sub("\n", text)))


def _of_ass(text: str) -> str:
    text = _BLOCK.sub("", text)
    return text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", "\u00a0")


def _of_codes(text: str) -> str:
    lines = _OVERRIDE.sub("", _STYLE_CODE.sub("", text)).split("|")
    return _unescaped(_SUBRIP_TAG.sub("", "\n".join(line.lstrip().lstrip("/") for line in lines)))


def _with_line_breaks(text: str) -> str:
    """Return the text with the line breaks of ASS, which conversions leave, as line breaks."""
    return "\n".join(
        line if _PATH in line else line.replace("\\N", "\n").replace("\\h", "\u00a0")
        for line in text.split("\n")
    )


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


_SHOWN: Final = {
    Markup.SUBRIP: _of_subrip,
    Markup.WEBVTT: _of_webvtt,
    Markup.ASS: _of_ass,
    Markup.CODES: _of_codes,
}
