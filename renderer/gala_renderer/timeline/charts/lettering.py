"""Short texts in charts: fitted into a room, drawn once."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

from gala_renderer.text_layout.fonts import Font
from gala_renderer.text_layout.rich_text import FittedText, Overflow, Room, TextRun, fit_runs
from gala_renderer.text_layout.styled_layout import Align, SpanLook, TextStyle
from gala_renderer.timeline.drawn import save_png

Down: TypeAlias = Literal["top", "middle", "bottom"]
_FROM_RIGHT: Final = frozenset({"R", "AL"})
_ACROSS: Final = {"left": 0.0, "center": 0.5, "right": 1.0}
_DOWN: Final = {"top": 0.0, "middle": 0.5, "bottom": 1.0}
_SMALLEST: Final = 2.0
_WIDEST: Final = 4000.0
_COMMON: Final = 0.6
"""Part of the wanted size below which texts are no longer of one size."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A rectangle in pixels in which a text is, and where in it."""

    left: float
    top: float
    width: float
    height: float
    align: Align = "center"
    down: Down = "middle"


@dataclass(frozen=True, slots=True)
class Written:
    """A text that is drawn, and the corner of its picture."""

    path: Path
    left: float
    top: float


@dataclass(slots=True)
class Lettering:
    """Draws texts of one font to files in a folder."""

    folder: Path
    chain: tuple[Font, ...]
    color: str
    max_lines: int | None = None
    missing: dict[str, None] = field(default_factory=dict)
    _drawn: dict[tuple[str, float, float, str], tuple[Path, FittedText]] = field(
        default_factory=dict
    )

    def size(self, texts: Sequence[str], size: float, room: tuple[float, float]) -> float:
        """Return the em at which all texts fit, at most ``size``; lengths are in pixels.

        Texts that are very long do not make all others small.
        """
        found = [self._fitted(text, size, room, "center").block.size for text in texts if text]
        return max(min(found, default=size), _COMMON * size)

    def width(self, texts: Sequence[str], size: float) -> float:
        """Return the width of the widest text on a line, at most a few thousand pixels."""
        room = (_WIDEST, size * 1.3)
        return max(
            (self._fitted(one, size, room, "center").block.width for one in texts if one),
            default=0,
        )

    def write(self, text: str, size: float, spot: Spot, color: str | None = None) -> Written:
        """Draw a text with an em of ``size`` pixels, or smaller if it does not fit."""
        key = (text, size, spot.width, color or self.color)
        if key not in self._drawn:
            fitted = self._fitted(text, size, (spot.width, spot.height), spot.align, color)
            path = self.folder / f"text-{len(self._drawn)}.png"
            save_png(fitted.block.picture(fitted.lines), path)
            self.missing.update(dict.fromkeys(fitted.block.missing))
            self._drawn[key] = path, fitted
        path, fitted = self._drawn[key]
        block = fitted.block
        left = spot.left + (spot.width - block.width) * _ACROSS[spot.align]
        top = spot.top + (spot.height - block.height) * _DOWN[spot.down]
        return Written(path, round(left - block.margin), round(top - block.margin))

    def _fitted(
        self,
        text: str,
        size: float,
        room: tuple[float, float],
        align: Align,
        color: str | None = None,
    ) -> FittedText:
        style = replace(self._style, size=max(_SMALLEST, size), align=align)
        style = replace(style, colour=color or self.color)
        width, height = max(1.0, room[0]), max(1.0, room[1])
        runs = [TextRun(text, SpanLook(self.chain))]
        return fit_runs(runs, style, Room(width, height, self.max_lines), Overflow.SHRINK)

    @property
    def _style(self) -> TextStyle:
        return TextStyle(size=1.0, colour=self.color, line_spacing=1.2)


def is_from_right(texts: Sequence[str]) -> bool:
    """Return True if the first letter of the texts is of a script that is written leftward."""
    for character in "".join(texts):
        direction = unicodedata.bidirectional(character)
        if direction == "L" or direction in _FROM_RIGHT:
            return direction in _FROM_RIGHT
    return False
