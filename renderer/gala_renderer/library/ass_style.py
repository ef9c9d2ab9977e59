"""The style of an ASS file as caption params."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import pysubs2
from pysubs2.exceptions import Pysubs2Error

_MAX_BYTES: Final = 8 * 1024**2
_DEFAULT_PLAY_RES_Y: Final = 288
"""The frame height that an ASS file without ``PlayResY`` refers to."""
_POSITION: Final = re.compile(r"\\pos\(\s*-?[\d.]+\s*,\s*([\d.]+)\s*\)")
_ROWS: Final = {0: 0.75, 1: 0.45, 2: 0.20}
"""Rows of the numeric keypad from the bottom → vertical centre as a fraction of the height."""
_KEEP_LINES: Final = {"max_lines": 5, "max_chars": 200, "min_seconds": 0.0}
"""Limits that keep the line breaks and times of the file."""


def style_params(path: Path, height: int, fonts: Collection[str]) -> dict[str, Any] | None:
    """Return caption params for a frame of ``height`` pixels; ``None`` if it is not an ASS file.

    The first style and the position of the first line apply to all lines. A font that is not in
    ``fonts`` is replaced by the default font, as in players.
    """
    if path.stat().st_size > _MAX_BYTES:
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
    known_fonts = {font.lower() for font in fonts}
    play_res_y = _positive_int(file.info.get("PlayResY")) or _DEFAULT_PLAY_RES_Y
    scale = height / play_res_y
    return {
        **_KEEP_LINES,
        "style": "classic",
        "font": style.fontname if style.fontname.lower() in known_fonts else None,
        "font_size": min(1000.0, max(8.0, style.fontsize * scale)),
        "bold": bool(style.bold),
        "italic": bool(style.italic),
        "color": _hex_color(style.primarycolor),
        "stroke_color": _hex_color(style.outlinecolor),
        "stroke_width": min(50.0, max(0.0, style.outline * scale)),
        "shadow_color": _hex_color(style.backcolor),
        "shadow_opacity": 1 - style.backcolor.a / 255 if style.shadow else 0.0,
        "shadow_blur": min(100.0, max(0.0, style.shadow * scale)),
        "position": _position(file, style, play_res_y),
    }


def _position(file: pysubs2.SSAFile, style: pysubs2.SSAStyle, play_res_y: int) -> float:
    match = _POSITION.search(file.events[0].text) if file.events else None
    if match:
        return min(1.0, float(match[1]) / play_res_y)
    return _ROWS.get((int(style.alignment) - 1) // 3, _ROWS[0])


def _hex_color(color: pysubs2.Color) -> str:
    return f"#{color.r:02x}{color.g:02x}{color.b:02x}"


def _positive_int(text: object) -> int:
    return int(text) if isinstance(text, str) and text.strip().isdigit() else 0
