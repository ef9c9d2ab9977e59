"""The fonts that are installed with the renderer, in the order of the fallback chain."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import uharfbuzz as hb

REGULAR: Final = 400
SEMIBOLD: Final = 600
BOLD: Final = 700
LARGEST_GLYPH: Final = 24.0
"""Size of a glyph and how far it is moved, in em; the longest ligatures have half of it."""
_SLANT: Final = 0.2
"""Slant of the synthetic italic of an upright font, as horizontal per vertical em."""


@dataclass(frozen=True, slots=True)
class _FontFile:
    name: str
    package: str
    file: str
    embolden: float = 0.0
    """For a font without a bold weight: the synthetic growth of its strokes, in em."""


# Fonts made for one script come before the fonts that cover part of it.
_FILES: Final = (
    _FontFile("Noto Sans", "fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    _FontFile(
        "Noto Sans Hebrew",
        "justmytype_intl_rtl",
        "fonts/ofl/notosanshebrew/NotoSansHebrew[wdth,wght].ttf",
    ),
    _FontFile(
        "Noto Sans Arabic",
        "justmytype_intl_rtl",
        "fonts/ofl/notosansarabic/NotoSansArabic[wdth,wght].ttf",
    ),
    _FontFile(
        "Noto Sans Devanagari",
        "fontpkg_noto_sans_devanagari",
        "files/NotoSansDevanagari[wdth,wght].ttf",
    ),
    _FontFile("Noto Sans Thai", "fontpkg_noto_sans_thai", "files/NotoSansThai[wdth,wght].ttf"),
    _FontFile("Noto Sans CJK SC", "mplfonts", "fonts/NotoSansCJKsc-Regular.otf", embolden=0.025),
    _FontFile("DejaVu Sans Bold", "matplotlib", "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf"),
    _FontFile("DejaVu Sans", "matplotlib", "mpl-data/fonts/ttf/DejaVuSans.ttf", embolden=0.02),
)


@dataclass(frozen=True, slots=True, eq=False)
class Font:
    """An opened font with ``units`` per em."""

    name: str
    shaper: hb.Font = field(repr=False)
    covered: hb.Set = field(repr=False)
    units: int
    space: int = -1
    """The glyph index of the space, which draws nothing; -1 if there is none."""
    coloured: bool = False
    """True for a colour font, such as an emoji font."""

    def covers(self, character: str) -> bool:
        """Return True if the font has a glyph for this character."""
        return ord(character) in self.covered


@cache
def installed_fonts(*, weight: int = BOLD, italic: bool = False) -> tuple[Font, ...]:
    """Return the fonts whose wheels are installed, opened (files are memory-mapped, not read)."""
    return tuple(
        open_font(
            hb.Face(hb.Blob.from_file_path(str(path))),
            file.name,
            weight=weight,
            embolden=file.embolden if weight >= SEMIBOLD else 0.0,
            slant=_SLANT if italic else 0.0,
        )
        for file in _FILES
        if (path := _installed(file)) is not None
    )


def installed_files() -> tuple[Path, ...]:
    """Return the font files whose wheels are installed."""
    return tuple(path for file in _FILES if (path := _installed(file)) is not None)


def _installed(file: _FontFile) -> Path | None:
    path = find_in_package(file.package, file.file)
    return path if path is not None and path.is_file() else None


def find_in_package(package: str, file: str) -> Path | None:
    """Return the path of a file in an installed package, without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / file


def open_font(
    face: hb.Face,
    name: str,
    *,
    weight: float = REGULAR,
    embolden: float = 0.0,
    slant: float = 0.0,
    coloured: bool = False,
) -> Font:
    """Open a face at a weight of 100 to 900 (variable fonts only).

    ``embolden`` and ``slant`` are synthetic changes, in em.
    """
    shaper = hb.Font(face)
    if embolden:
        shaper.synthetic_bold = embolden
    else:
        shaper.set_variations({"wght": weight})
    if slant:
        shaper.synthetic_slant = slant
    space = shaper.get_nominal_glyph(ord(" "))
    return Font(name, shaper, face.unicodes, face.upem, -1 if space is None else space, coloured)
