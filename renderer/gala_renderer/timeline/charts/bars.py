"""Bars that lie, with a line of text above each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gala_renderer.timeline.charts.lettering import is_from_right
from gala_renderer.timeline.charts.sheet import (
    LINE,
    Sheet,
    TextLine,
    filled_bar,
    line_sizes,
    text_line,
)
from gala_renderer.timeline.drawing.figures import Figure

_LEAST_ROWS: Final = 3
_THICKEST: Final = 0.05
"""Of the shorter side, below a line of text."""


def bars(sheet: Sheet) -> Iterator[Figure]:
    """Yield the parts of the chart, the lowest first."""
    chart, count = sheet.chart, len(sheet.chart.values)
    labels, shown = [one.label for one in chart.values], sheet.shown
    row = sheet.height / max(count, _LEAST_ROWS)
    first = (sheet.height - row * count) / 2
    has_text = any(labels) or any(shown)
    font = sheet.font(row * 0.3)
    text = min(font * LINE, row * 0.5) if has_text else 0.0
    most = sheet.short_side * _THICKEST if has_text else row
    thick = min((row - text) * 0.6, most)
    mirrored = is_from_right(labels)
    sizes = line_sizes(sheet, (labels, shown), font, text)
    for number, value in enumerate(chart.values):
        growth = sheet.growth(number, count)
        top = first + number * row + (row - text * 1.08 - thick) / 2
        bar = filled_bar(sheet, value, (top + text * 1.08, thick), growth, mirrored=mirrored)
        yield sheet.track(replace(bar, left=0.0, width=sheet.width))
        if value.value > 0:
            yield bar
        line = TextLine(top, text, *sizes, mirrored=mirrored)
        yield from text_line(sheet, value.label, shown[number], line, sheet.appearing(growth))
