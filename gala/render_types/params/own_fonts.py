"""Fonts of their own that render types with texts take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from gala.media import MediaClass
from gala.render_types.base import InputSpec, TypeParams
from gala.timeline.document.font_files import FontFiles, files_of

FONT: Final = "font"
"""The name of the input."""
FONT_INPUT: Final = InputSpec(
    "The files that `fonts` names, each once, in its order; set by it.",
    frozenset({MediaClass.FONT}),
    many=True,
)


class OwnFonts(TypeParams):
    """Base of params of types that draw texts."""

    fonts: FontFiles = Field(default={})


def named_fonts(params: OwnFonts) -> dict[str, Sequence[str]]:
    """Return the files that the params name, each once, by their input."""
    return {FONT: tuple(dict.fromkeys(source for _, source in files_of(params.fonts)))}
