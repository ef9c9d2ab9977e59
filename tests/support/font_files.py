"""Fonts of squares, and fonts that must be refused."""

from __future__ import annotations

from pathlib import Path

from fontTools.colorLib.builder import buildCOLR, buildCPAL
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont


def make_font(
    path: Path,
    family: str,
    characters: str,
    *,
    coloured: bool = False,
    weight: int = 400,
    side: int = 700,
) -> Path:
    """Write a font whose letters are squares of ``side`` thousandths, red if ``coloured``."""
    names = {ord(character): f"g{ord(character):x}" for character in characters}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, side), (100 + side, side), (100 + side, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    builder.setupGlyf(dict.fromkeys((".notdef", *names.values()), square))
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", *names.values()), (900, 100)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(usWeightClass=weight)
    builder.setupPost()
    if coloured:
        layers = {name: [(name, 0)] for name in names.values()}
        builder.font["COLR"] = buildCOLR(layers)
        builder.font["CPAL"] = buildCPAL([[(1.0, 0.0, 0.0, 1.0)]])
    builder.save(path)
    return path


def as_woff(font: Path) -> Path:
    """Write the font as WOFF, and return its path."""
    opened = TTFont(font)
    opened.flavor = "woff"
    path = font.with_suffix(".woff")
    opened.save(path)
    return path


def with_feature(font: Path, feature: str) -> Path:
    """Add a feature, in the language of feature files, to the font, and return its path."""
    opened = TTFont(font)
    addOpenTypeFeaturesFromString(opened, feature)
    opened.save(font)
    return font
