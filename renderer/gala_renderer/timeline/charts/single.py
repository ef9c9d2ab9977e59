"""Charts of one number: a counter, a bar, a ring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gala.timeline.document.charts import ChartElement, ChartKind, ChartValue
from gala.timeline.document.numbers import decimals_of
from gala_renderer.timeline.charts.lettering import Spot, is_from_right
from gala_renderer.timeline.charts.sheet import (
    FAINT,
    LINE,
    Sheet,
    TextLine,
    filled_bar,
    label_of,
    line_sizes,
    text_line,
)
from gala_renderer.timeline.drawing.figures import Arc, Figure, Growth, Label

_READABLE: Final = 0.026
"""Size of letters that can be read on a small screen, of the frame's shorter side."""
_CHANGES: Final = 30
"""A number that counts changes at most so often in a second."""


def _counting(sheet: Sheet, size: float, spot: Spot, color: str) -> Iterator[Figure]:
    """Yield the number as it counts up, or down."""
    chart = sheet.chart
    start, end = (
        (chart.start_value if chart.chart is ChartKind.COUNTER else 0.0),
        chart.value or 0.0,
    )
    decimals = decimals_of([start, end]) if chart.decimals is None else chart.decimals
    growth, rate = sheet.growth(), float(sheet.rate)
    step = max(1, round(rate / _CHANGES))
    texts: dict[int, str] = {}
    for frame in [*range(0, round(growth.end), step), round(growth.end)]:
        text = sheet.number(start + (end - start) * growth.at(frame), decimals)
        if text not in list(texts.values())[-1:]:
            texts[frame] = text
    em = sheet.bold.size([sheet.number(start, decimals), sheet.number(end, decimals)], size,
                         (spot.width, spot.height))  # fmt: skip
    for (frame, text), after in zip(texts.items(), [*list(texts)[1:], None], strict=True):
        drawn = sheet.bold.write(text, em, spot, color)
        yield Label(path=drawn.path, left=drawn.left, top=drawn.top, first=frame, until=after)


def counter(sheet: Sheet) -> Iterator[Figure]:
    """Yield the parts of the chart, the lowest first."""
    chart, label = sheet.chart, sheet.chart.label
    share = 0.66 if label else 1.0
    size = chart.font_size * sheet.short_side if chart.font_size else sheet.height * share / LINE
    top, height = 0.0, sheet.height * share
    if label:
        # Number and label are near to each other, whatever the height of the box.
        em = min(size, sheet.height * share / LINE)
        em = sheet.bold.size([sheet.number(chart.value or 0, _decimals(chart))], em,
                             (sheet.width, sheet.height))  # fmt: skip
        below = min(_label_size(sheet, em * 0.36), sheet.height * 0.24)
        top = max(0.0, (sheet.height - (em + below) * LINE) / 2)
        height = em * LINE
        spot = Spot(0, top + height, sheet.width, below * LINE, "center", "top")
        yield label_of(sheet.text.write(label, below, spot))
    yield from _counting(sheet, size, Spot(0, top, sheet.width, height), chart.color)


def _label_size(sheet: Sheet, size: float) -> float:
    """Return the em of a label under a number, which is not smaller than can be read."""
    return max(size, _READABLE * sheet.short_side)


def _decimals(chart: ChartElement) -> int:
    return decimals_of([chart.value or 0.0]) if chart.decimals is None else chart.decimals


def progress(sheet: Sheet) -> Iterator[Figure]:
    """Yield the parts of the chart, the lowest first."""
    chart, value = sheet.chart, ChartValue(value=sheet.chart.value or 0.0)
    has_text = bool(chart.label) or chart.show_values
    font = sheet.font(sheet.height * 0.4)
    text = min(font * LINE, sheet.height * 0.6) if has_text else 0.0
    thick = min(sheet.height - text * 1.15, sheet.short_side * 0.05)
    top = (sheet.height - text * 1.15 - thick) / 2
    mirrored = is_from_right([chart.label])
    bar = filled_bar(sheet, value, (top + text * 1.15, thick), sheet.growth(), mirrored=mirrored)
    yield sheet.track(replace(bar, left=0.0, width=sheet.width))
    if value.value > 0:
        yield bar
    number = sheet.number(chart.value or 0.0, _decimals(chart)) if chart.show_values else ""
    sizes = line_sizes(sheet, ([chart.label], [number]), font, (sheet.width, text))
    line = TextLine(top, text, *sizes, left=0.0, width=sheet.width, mirrored=mirrored)
    yield from text_line(sheet, chart.label, "", line, Growth())
    if chart.show_values:
        width = sheet.width * line.share
        left, end = (0.0, "left") if mirrored else (sheet.width - width, "right")
        spot = Spot(left, top, width, text, end, "bottom")  # type: ignore[arg-type]
        yield from _counting(sheet, font, spot, chart.text_color)


def ring(sheet: Sheet) -> Iterator[Figure]:
    """Yield the parts of the chart, the lowest first."""
    chart = sheet.chart
    side, thickness = min(sheet.width, sheet.height), sheet.line_width(0.04)
    thickness = min(thickness, side / 4)
    arc = Arc(
        center=(sheet.width / 2, sheet.height / 2),
        radius=(side - thickness) / 2,
        thickness=thickness,
        turn=1.0,
        color=chart.track_color or chart.color,
        opacity=1.0 if chart.track_color else FAINT,
    )
    yield arc
    turn = chart.part(chart.value or 0.0)
    yield replace(arc, turn=turn, color=chart.color, opacity=1.0, growth=sheet.growth())
    inner = side - 2 * thickness
    size = chart.font_size * sheet.short_side if chart.font_size else inner * 0.27
    room = inner * 0.72
    left, middle = (sheet.width - room) / 2, sheet.height / 2
    small = min(_label_size(sheet, size * 0.4), size * 0.7)
    number_height, label_height = size * LINE, small * LINE * 2
    if chart.label:
        top = middle + number_height * 0.32
        spot = Spot(left + room * 0.08, top, room * 0.84, label_height, "center", "top")
        yield label_of(sheet.text.write(chart.label, small, spot))
        middle -= number_height * 0.18
    if chart.show_values:
        spot = Spot(left, middle - number_height / 2, room, number_height)
        yield from _counting(sheet, size, spot, chart.text_color)
