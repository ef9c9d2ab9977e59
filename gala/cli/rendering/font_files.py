"""Files of fonts where an option takes the name of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from gala.cli.rendering.request import RenderCommand
from gala.errors import InvalidRequest
from gala.render_types.params.own_fonts import FONT

_SUFFIXES: Final = frozenset({".ttf", ".otf", ".ttc", ".woff", ".woff2"})


def with_font_file(command: RenderCommand) -> RenderCommand:
    """Return the command with the file that the font of its captions is, if it is not a name.

    Raise InvalidRequest if there is no such file.
    """
    look = command.params.get("captions")
    font = look.get("font") if isinstance(look, Mapping) else None
    if not isinstance(font, str) or Path(font).suffix.lower() not in _SUFFIXES:
        return command
    path = Path(font)
    if not path.is_file():
        raise InvalidRequest(f"--font: there is no file {font}", field="--font")
    params = {
        **command.params,
        "fonts": {path.stem: font},
        "captions": {**(look or {}), "font": path.stem},
    }
    return replace(command, params=params, inputs={**command.inputs, FONT: [path]})
