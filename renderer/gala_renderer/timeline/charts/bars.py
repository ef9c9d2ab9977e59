"""Bars that lie, with a line of text above each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gala_renderer.timeline.charts.lettering import is_from_right
from gala_renderer.timeline.charts.sheet import (
    LINE,
    ZERO_WIDTH,
    Sheet,
    TextLine,
    filled_bar,
    line_sizes,
    text_line,
    zero_line,
)
from gala_renderer.timeline.drawing.figures import Bar, Figure

_LEAST_ROWS: Final = 3
_THICKEST: Final = 0.05
"""Of the shorter side, below a line of text."""
_LEGIBLE: Final = 0.036
"""Font size that is easily read, of the shorter side."""


def bars(sheet: Sheet) -> Iterator[Figure]:
    """Yield the parts of the chart, the lowest first."""
    chart, count = sheet.chart, len(sheet.chart.values)
    labels, shown = [one.label for one in chart.values], sheet.shown
    row = sheet.height / max(count, _LEAST_ROWS)
    first = (sheet.height - row * count) / 2
    has_text = any(labels) or any(shown)
    # In low rows, the text takes more of the room, and the bar less.
    font = sheet.font(min(row * 0.44, max(row * 0.3, sheet.short_side * _LEGIBLE)))
    text = min(font * LINE, row * 0.56) if has_text else 0.0
    most = sheet.short_side * _THICKEST if has_text else row
    thick = min((row - text) * 0.6, most)
    mirrored = is_from_right(labels)
    sizes = line_sizes(sheet, (labels, shown), font, (sheet.width, text))
    for number, value in enumerate(chart.values):
        growth = sheet.growth(number, count)
        top = first + number * row + (row - text * 1.08 - thick) / 2
        bar = filled_bar(sheet, value, (top + text * 1.08, thick), growth, mirrored=mirrored)
        yield sheet.track(replace(bar, left=0.0, width=sheet.width))
        if value.value:
            yield bar
        if chart.zero is not None:
            yield _zero_mark(sheet, chart.zero, bar, mirrored=mirrored)
        line = TextLine(top, text, *sizes, left=0.0, width=sheet.width, mirrored=mirrored)
        yield from text_line(sheet, value.label, shown[number], line, sheet.appearing(growth))


def _zero_mark(sheet: Sheet, zero: float, bar: Bar, *, mirrored: bool) -> Bar:
    """Return the line at 0, a little higher than the bar."""
    width, beyond = max(1.0, ZERO_WIDTH * sheet.short_side), bar.height * 0.15
    left = sheet.width * (1 - zero if mirrored else zero) - width / 2
    left = min(max(left, 0.0), sheet.width - width)
    return zero_line(sheet, (left, bar.top - beyond, width, bar.height + 2 * beyond))
