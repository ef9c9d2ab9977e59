"""Columns and lines, with labels below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gala.timeline.document.charts import ChartElement
from gala_renderer.timeline.charts.lettering import Spot
from gala_renderer.timeline.charts.sheet import (
    LINE,
    ZERO_WIDTH,
    Sheet,
    arrival,
    label_of,
    replace_bar,
    zero_line,
)
from gala_renderer.timeline.drawing.figures import Bar, Curve, Figure, Growth


@dataclass(frozen=True, slots=True)
class _Plot:
    """The part of a picture for values; labels are below it, and numbers in it."""

    top: float
    bottom: float
    slot: float
    """Width of what each value has."""
    every: int
    """Only each of so many values has its texts, where there is no room for all."""
    label_size: float
    number_size: float


def _plot(sheet: Sheet, labels: Sequence[str], shown: Sequence[str]) -> _Plot:
    count = len(labels)
    slot = sheet.width / count
    font = sheet.font(sheet.height * 0.09)
    every = max(1, -(-round(2.2 * font) // max(1, round(slot))))
    room = slot * every * 0.94
    label_height = font * LINE * 2 if any(labels) else 0.0
    label_size = sheet.text.size(labels[::every], font, (room, label_height))
    number_size = sheet.bold.size(shown[::every], font, (room, font * LINE))
    # One line of labels needs less than two.
    one_line = sheet.text.size(labels[::every], label_size, (room, label_size * LINE))
    if any(labels) and one_line >= label_size * 0.98:
        label_height = label_size * LINE
    number_height = number_size * LINE if any(shown) else 0.0
    return _Plot(
        top=number_height,
        bottom=sheet.height - label_height * 1.15,
        slot=slot,
        every=every,
        label_size=label_size,
        number_size=number_size,
    )


def columns(sheet: Sheet) -> Iterator[Figure]:
    """Yield the parts of the chart, the lowest first."""
    chart, count = sheet.chart, len(sheet.chart.values)
    labels, shown = [one.label for one in chart.values], sheet.shown
    plot = _plot(sheet, labels, shown)
    top, bottom = _bars_span(chart, plot)
    zero = bottom - chart.part(0.0) * (bottom - top)
    wide = min(plot.slot * 0.7, sheet.short_side * 0.2)
    for number, value in enumerate(chart.values):
        growth, middle = sheet.growth(number, count), (number + 0.5) * plot.slot
        end = bottom - chart.part(value.value) * (bottom - top)
        bar = Bar(left=middle - wide / 2, top=min(zero, end), width=wide, height=abs(end - zero),
                  radius=chart.radius * wide, color=sheet.color(value),
                  toward="down" if end > zero else "up", growth=growth)  # fmt: skip
        if chart.track_color is not None:
            yield sheet.track(replace(bar, top=top, height=bottom - top))
        if bar.height > 0:
            yield bar
        if number % plot.every:
            continue
        if shown[number]:
            spot = _around(middle, plot, end if end > zero else end - plot.top, plot.top)
            number_ = label_of(sheet.bold.write(shown[number], plot.number_size, spot))
            appears = sheet.appearing(growth)
            yield replace(number_, moves=growth, shift=(0.0, zero - end), appears=appears)
        yield from _below(sheet, value.label, middle, plot)
    if chart.zero is not None:
        yield _zero_across(sheet, zero)


def _bars_span(chart: ChartElement, plot: _Plot) -> tuple[float, float]:
    """Return the top and the bottom of columns, with room for the numbers at their ends."""
    is_up = any(one.value >= 0 for one in chart.values)
    is_down = any(one.value < 0 for one in chart.values)
    return plot.top if is_up else 0.0, plot.bottom - (plot.top if is_down else 0.0)


def _zero_across(sheet: Sheet, height: float) -> Bar:
    width = max(1.0, ZERO_WIDTH * sheet.short_side)
    top = min(height - width / 2, sheet.height - width)
    return zero_line(sheet, (0.0, max(0.0, top), sheet.width, width))


def _around(middle: float, plot: _Plot, top: float, height: float) -> Spot:
    width = plot.slot * plot.every * 0.94
    return Spot(middle - width / 2, top, width, height)


def _below(sheet: Sheet, label: str, middle: float, plot: _Plot) -> Iterator[Figure]:
    if label:
        gap = plot.label_size * 0.15
        room = sheet.height - plot.bottom - gap
        spot = replace(_around(middle, plot, plot.bottom + gap, room), down="top")
        yield label_of(sheet.text.write(label, plot.label_size, spot))


def line(sheet: Sheet) -> Iterator[Figure]:
    """Yield the parts of the chart, the lowest first."""
    chart = sheet.chart
    labels, shown = [one.label for one in chart.values], sheet.shown
    plot, growth, width = _plot(sheet, labels, shown), sheet.growth(), sheet.line_width(0.01)
    below = plot.number_size * LINE if any(shown) else 0.0
    low, high = plot.bottom - below - 2 * width, plot.top + 1.5 * width
    points = [
        ((number + 0.5) * plot.slot, low + chart.part(one.value) * (high - low))
        for number, one in enumerate(chart.values)
    ]
    if chart.zero is None:
        floor = plot.bottom
        base = Bar(left=0, top=floor, width=sheet.width, height=max(1.0, width * 0.25),
                   radius=0, color=chart.text_color)  # fmt: skip
        yield replace_bar(base, chart.track_color, Growth())
    else:
        floor = low + chart.zero * (high - low)
        yield _zero_across(sheet, floor)
    yield Curve(points=tuple(points), thickness=width, color=chart.color, floor=floor,
                growth=growth)  # fmt: skip
    for number, (value, (x, _)) in enumerate(zip(chart.values, points, strict=True)):
        if number % plot.every:
            continue
        if shown[number]:
            spot = _beside(points, number, plot, 1.5 * width)
            if chart.zero is not None and spot.top < floor < spot.top + spot.height:
                spot = _other_side(points, number, spot)
            arrives = arrival(sheet, growth, number / max(1, len(points) - 1))
            yield label_of(sheet.bold.write(shown[number], plot.number_size, spot), arrives)
        yield from _below(sheet, value.label, x, plot)


def _other_side(points: Sequence[tuple[float, float]], number: int, spot: Spot) -> Spot:
    """Return a place as far on the other side of a point."""
    x, y = points[number]
    across, down = 2 * x - (spot.left + spot.width / 2), 2 * y - (spot.top + spot.height / 2)
    return replace(spot, left=across - spot.width / 2, top=down - spot.height / 2)


def _beside(points: Sequence[tuple[float, float]], number: int, plot: _Plot, gap: float) -> Spot:
    """Return where the number of a point is: on the side to which the line does not go."""
    x, y = points[number]
    height = plot.number_size * LINE
    before = points[number - 1][1] if number else None
    after = points[number + 1][1] if number + 1 < len(points) else None
    is_lowest = all(other is None or other < y for other in (before, after))
    if is_lowest and len(points) > 1:
        return _around(x, plot, y + gap, height)
    shift = 0.0
    if before is not None and after is not None and (before - y) * (y - after) > 0:
        shift = min(1.5 * height, 0.3 * plot.slot) * (-1 if after < y else 1)
    return _around(x + shift, plot, max(0.0, y - height - gap), height)
