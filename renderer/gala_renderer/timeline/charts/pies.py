"""Shares of a whole, as a disc or a ring, with a legend beside or below it.

Labels in a legend never meet, however small the slices are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from gala.timeline.document.charts import ChartElement, ChartKind
from gala_renderer.timeline.charts.lettering import Spot, is_from_right
from gala_renderer.timeline.charts.palette import slice_colors
from gala_renderer.timeline.charts.sheet import (
    LINE,
    Sheet,
    TextLine,
    arrival,
    label_of,
    line_sizes,
    text_line,
)
from gala_renderer.timeline.drawing.figures import Bar, Figure, Label, Slice

_WIDE: Final = 1.2
"""Boxes that are wider for their height have the legend beside the disc."""
_LEAST_BESIDE: Final = 0.4
_MOST_BESIDE: Final = 0.5
"""Of the box's width, for a disc with the legend beside it."""
_MOST_GAP: Final = 0.1
"""Of the box, between disc and legend."""
_MOST_BELOW: Final = 0.5
"""Of the box's height, for a legend below the disc."""
_SMALLER: Final = 0.6
"""How much smaller the legend becomes so that long labels have one line."""
_ROW: Final = 1.75
"""Height of a row of the legend, in em, as all that follows."""
_LEAST_ROW: Final = 1.4
_SWATCH: Final = 0.7
_SWATCH_GAP: Final = 0.55
_NUMBER_GAP: Final = 1.2
_LEGEND_GAP: Final = 1.8
_RING: Final = 0.4
"""Width of a ring, of its radius."""
_SLIT: Final = 0.004
"""Width of the line between slices, of the frame's shorter side."""
_SMALL_SLIT: Final = 0.25
"""The most of it, of a small slice."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the disc and the legend are."""

    center: tuple[float, float]
    radius: float
    legend: Spot
    font: float
    mirrored: bool = False


def pie(sheet: Sheet) -> Iterator[Figure]:
    """Yield the parts of the chart, the lowest first."""
    layout, colors = _layout(sheet), slice_colors(sheet.chart)
    starts = _starts(sheet.chart)
    yield from _slices(sheet, layout, starts, colors)
    if sheet.chart.chart is ChartKind.DONUT and sheet.chart.label:
        yield _in_the_middle(sheet, layout)
    if _has_legend(sheet):
        yield from _legend(sheet, layout, starts, colors)


def _in_the_middle(sheet: Sheet, layout: _Layout) -> Label:
    width = _hole(sheet, layout.radius) * 1.4
    size = min(width * 0.3, 2.5 * layout.font) if layout.font else width * 0.3
    height = 2 * size * LINE
    spot = Spot(layout.center[0] - width / 2, layout.center[1] - height / 2, width, height)
    return label_of(sheet.bold.write(sheet.chart.label, size, spot))


def _starts(chart: ChartElement) -> list[float]:
    """Return where each slice begins, and where the last one ends, in turns."""
    ends = list(accumulate((one.value for one in chart.values), initial=0.0))
    return [one / ends[-1] for one in ends]


def _slices(
    sheet: Sheet, layout: _Layout, starts: Sequence[float], colors: Sequence[str]
) -> Iterator[Figure]:
    growth = sheet.growth()
    for start, end, color in zip(starts, starts[1:], colors, strict=False):
        if end > start:
            arc = (end - start) * math.tau * layout.radius
            yield Slice(center=layout.center, inner=_hole(sheet, layout.radius),
                        outer=layout.radius, start=start, end=end, color=color, growth=growth,
                        gap=min(max(1.5, _SLIT * sheet.short_side), _SMALL_SLIT * arc),
                        )  # fmt: skip


def _hole(sheet: Sheet, radius: float) -> float:
    """Return the radius of the hole; 0 for a disc."""
    if sheet.chart.chart is ChartKind.PIE:
        return 0.0
    if sheet.chart.line_width is None:
        return radius * (1 - _RING)
    return max(0.0, radius - sheet.line_width(0.0))


def _labels(sheet: Sheet) -> list[str]:
    return [one.label for one in sheet.chart.values]


def _has_legend(sheet: Sheet) -> bool:
    return any(sheet.shown) or any(_labels(sheet))


def _layout(sheet: Sheet) -> _Layout:
    width, height = sheet.width, sheet.height
    if not _has_legend(sheet):
        return _Layout((width / 2, height / 2), min(width, height) / 2, Spot(0, 0, 0, 0), 0.0)
    found = _beside(sheet) if width >= _WIDE * height else _below(sheet)
    return _mirrored(found, width) if is_from_right(_labels(sheet)) else found


def _beside(sheet: Sheet) -> _Layout:
    """Return a layout with the legend on the right."""
    width, height = sheet.width, sheet.height
    least = min(height, width * _LEAST_BESIDE)
    font, rows = _legend_size(sheet, (width * (1 - _MOST_GAP) - least, height))
    gap, natural = min(font * _LEGEND_GAP, width * _MOST_GAP), _natural_width(sheet, font)
    side = min(height, max(least, width - gap - natural), width * _MOST_BESIDE)
    wide = min(natural, width - side - gap)
    left = (width - side - gap - wide) / 2
    legend = Spot(left + side + gap, (height - rows) / 2, wide, rows)
    return _Layout((left + side / 2, height / 2), side / 2, legend, font)


def _below(sheet: Sheet) -> _Layout:
    """Return a layout with the legend below the disc."""
    width, height = sheet.width, sheet.height
    font, rows = _legend_size(sheet, (width, height * _MOST_BELOW))
    gap = min(font * _LEGEND_GAP, height * _MOST_GAP)
    side = min(width, height - rows - gap)
    wide = min(max(_natural_width(sheet, font), side), width)
    top = (height - side - gap - rows) / 2
    legend = Spot((width - wide) / 2, top + side + gap, wide, rows)
    return _Layout((width / 2, top + side / 2), side / 2, legend, font)


def _legend_size(sheet: Sheet, room: tuple[float, float]) -> tuple[float, float]:
    """Return the em of a legend in a room, and the height of its rows together."""
    count = len(sheet.chart.values)
    most_row = room[1] / count
    font = min(sheet.font(most_row / _LEAST_ROW), most_row / LINE)
    font *= min(1.0, max(_SMALLER, room[0] / _natural_width(sheet, font)))
    return font, min(most_row, font * _ROW) * count


def _mirrored(layout: _Layout, width: float) -> _Layout:
    legend, (across, down) = layout.legend, layout.center
    other = replace(legend, left=width - legend.left - legend.width)
    return replace(layout, center=(width - across, down), legend=other, mirrored=True)


def _natural_width(sheet: Sheet, font: float) -> float:
    """Return the width of a legend whose texts are all of one size."""
    labels, numbers = _labels(sheet), sheet.shown
    texts = (sheet.text.width(labels, font), sheet.bold.width(numbers, font))
    between = _NUMBER_GAP if all(texts) else 0.0
    # Texts are fitted into a little less than their room.
    return (_SWATCH + _SWATCH_GAP + between) * font + sum(texts) * 1.06


def _legend(
    sheet: Sheet, layout: _Layout, starts: Sequence[float], colors: Sequence[str]
) -> Iterator[Figure]:
    labels, shown = _labels(sheet), sheet.shown
    font, spot = layout.font, layout.legend
    row = spot.height / len(labels)
    indent, swatch = font * (_SWATCH + _SWATCH_GAP), font * _SWATCH
    left, width = spot.left + (0.0 if layout.mirrored else indent), spot.width - indent
    sizes = line_sizes(sheet, (labels, shown), font, (width, font * LINE))
    for number, (label, color) in enumerate(zip(labels, colors, strict=True)):
        middle = spot.top + (number + 0.5) * row
        appears = arrival(sheet, sheet.growth(), starts[number])
        yield Bar(left=spot.left + spot.width - swatch if layout.mirrored else spot.left,
                  top=middle - swatch / 2, width=swatch, height=swatch, radius=swatch / 2,
                  color=color, toward="left" if layout.mirrored else "right",
                  growth=appears)  # fmt: skip
        line = TextLine(middle - font * LINE / 2, font * LINE, *sizes, left=left, width=width,
                        mirrored=layout.mirrored, down="middle")  # fmt: skip
        yield from text_line(sheet, label, shown[number], line, appears)
