"""How an ASS file wants its captions to look, as params of ours."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import pysubs2
from pysubs2.exceptions import Pysubs2Error

_BYTES_MAX: Final = 8 * 1024**2
_USUAL_HEIGHT: Final = 288
"""Of the frame that ASS counts in, if the file does not say."""
_POSITION: Final = re.compile(r"\\pos\(\s*-?[\d.]+\s*,\s*([\d.]+)\s*\)")
_ROWS: Final = {0: 0.75, 1: 0.45, 2: 0.20}
"""Bottom, middle and top of the numeric keypad, by where our captions have their middle."""
_LINES: Final = {"max_lines": 5, "max_chars": 200, "min_seconds": 0.0}
"""The file's own lines stay."""


def look_of(path: Path, height: int, fonts: Collection[str]) -> dict[str, Any] | None:
    """Params of captions on a frame of that height; ``None`` if it is no ASS file.

    Its first style and the place of its first line speak for all. A font that is not one of
    ``fonts`` is left to us, as players do.
    """
    if path.stat().st_size > _BYTES_MAX:
        return None
    try:
        file = pysubs2.SSAFile.from_string(
            path.read_text(encoding="utf-8", errors="replace"), format_="ass"
        )
    except (Pysubs2Error, ValueError, KeyError, IndexError):
        return None
    if not file.styles:
        return None
    style = next(iter(file.styles.values()))
    known = {font.lower() for font in fonts}
    lines_height = _whole(file.info.get("PlayResY")) or _USUAL_HEIGHT
    scale = height / lines_height
    return {
        **_LINES,
        "style": "classic",
        "font": style.fontname if style.fontname.lower() in known else None,
        "font_size": min(1000.0, max(8.0, style.fontsize * scale)),
        "bold": bool(style.bold),
        "italic": bool(style.italic),
        "color": _hex(style.primarycolor),
        "stroke_color": _hex(style.outlinecolor),
        "stroke_width": min(50.0, max(0.0, style.outline * scale)),
        "shadow_color": _hex(style.backcolor),
        "shadow_opacity": 1 - style.backcolor.a / 255 if style.shadow else 0.0,
        "shadow_blur": min(100.0, max(0.0, style.shadow * scale)),
        "position": _place(file, style, lines_height),
    }


def _place(file: pysubs2.SSAFile, style: pysubs2.SSAStyle, lines_height: int) -> float:
    match = _POSITION.search(file.events[0].text) if file.events else None
    if match:
        return min(1.0, float(match[1]) / lines_height)
    return _ROWS.get((int(style.alignment) - 1) // 3, _ROWS[0])


def _hex(colour: pysubs2.Color) -> str:
    return f"#{colour.r:02x}{colour.g:02x}{colour.b:02x}"


def _whole(text: object) -> int:
    return int(text) if isinstance(text, str) and text.strip().isdigit() else 0
