"""What a chart is drawn on: its size, its texts, and when its parts grow. Lengths are pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Literal

from gala.timeline.document.charts import ChartElement, ChartValue
from gala.timeline.document.numbers import decimals_of, written
from gala_renderer.text_layout.styled_layout import Align
from gala_renderer.timeline.charts.lettering import Lettering, Spot, Written
from gala_renderer.timeline.drawing.figures import Bar, Figure, Growth, Label

LINE: Final = 1.3
"""Height of a line of text, in em."""
FAINT: Final = 0.16
"""Opacity of what is not filled."""
FADE: Final = 0.4
"""Seconds in which labels appear."""
_USUAL_FONT: Final = 0.05
_BOTH: Final = 0.97
"""The part of a line for its label and its number, which do not touch."""
_SHARES: Final = (0.15, 0.5)
"""The least and the largest part of a line for its number."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a chart is drawn on, and with."""

    chart: ChartElement
    width: float
    height: float
    short_side: float
    """Of the film, at the scale of the picture."""
    rate: Fraction
    seconds: float
    """Length of the layer."""
    text: Lettering
    bold: Lettering

    def growth(self, number: int = 0, count: int = 1) -> Growth:
        """Return when a value grows; all have grown when the layer ends."""
        chart, whole = self.chart, self.chart.grow + self.chart.stagger * (count - 1)
        if not chart.grow:
            return Growth()
        pace = min(1.0, self.seconds / whole) * float(self.rate)
        return Growth(
            first=chart.stagger * number * pace, frames=chart.grow * pace, easing=chart.easing
        )

    def font(self, fitting: float) -> float:
        """Return the em in pixels; ``fitting`` is the one that suits the layout."""
        given = self.chart.font_size
        return min(fitting, _USUAL_FONT * self.short_side) if given is None else self._of(given)

    def number(self, value: float, decimals: int) -> str:
        """Return a number as it is written."""
        chart = self.chart
        return f"{chart.prefix}{written(value, decimals, chart.language)}{chart.suffix}"

    def line_width(self, usual: float) -> float:
        """Return the width of lines in pixels."""
        given = self.chart.line_width
        return self._of(usual if given is None else given)

    def _of(self, part: float) -> float:
        return part * self.short_side

    @property
    def shown(self) -> list[str]:
        """What is written for each value."""
        values = self.chart.values
        decimals = self.chart.decimals
        if decimals is None:
            decimals = decimals_of(one.value for one in values)
        if not self.chart.show_values:
            return [""] * len(values)
        return [
            self.number(one.value, decimals) if one.shown is None else one.shown for one in values
        ]

    def color(self, value: ChartValue) -> str:
        """Return the color of a value."""
        return value.color or self.chart.color

    def track(self, bar: Bar) -> Bar:
        """Return the whole of what a bar fills."""
        return replace_bar(bar, self.chart.track_color, Growth())

    def appearing(self, growth: Growth) -> Growth:
        """Return when the label of something that grows appears."""
        if not growth.frames:
            return Growth()
        return Growth(first=growth.first, frames=min(growth.frames, FADE * float(self.rate)))


def replace_bar(bar: Bar, color: str | None, growth: Growth) -> Bar:
    """Return a bar in another color, or faint in its own."""
    opacity = 1.0 if color else FAINT
    return replace(bar, color=color or bar.color, opacity=opacity, growth=growth)


def label_of(written: Written, appears: Growth = Growth()) -> Label:  # noqa: B008 - frozen
    """Return a text as a figure."""
    return Label(path=written.path, left=written.left, top=written.top, appears=appears)


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line with a label at its beginning and a number at its end."""

    top: float
    height: float
    label_size: float
    number_size: float
    share: float
    """The part of the width for the number."""
    mirrored: bool


def share_of(sheet: Sheet, numbers: Sequence[str], font: float) -> float:
    """Return the part of a line that numbers need."""
    return min(max(sheet.bold.width(numbers, font) / sheet.width + 0.01, _SHARES[0]), _SHARES[1])


def line_sizes(
    sheet: Sheet, texts: tuple[Sequence[str], Sequence[str]], font: float, height: float
) -> tuple[float, float, float]:
    """Return the em of labels, that of numbers, and the share of numbers."""
    share = share_of(sheet, texts[1], font)
    return (
        sheet.text.size(texts[0], font, (sheet.width * (_BOTH - share), height)),
        sheet.bold.size(texts[1], font, (sheet.width * share, height)),
        share,
    )


def text_line(
    sheet: Sheet, label: str, number: str, line: TextLine, appears: Growth
) -> Iterator[Figure]:
    """Yield a label and a number on one line."""
    begin: Align = "right" if line.mirrored else "left"
    end: Align = "left" if line.mirrored else "right"
    if label:
        width = sheet.width * (_BOTH - line.share)
        left = sheet.width - width if line.mirrored else 0.0
        spot = Spot(left, line.top, width, line.height, begin, "bottom")
        yield label_of(sheet.text.write(label, line.label_size, spot), appears)
    if number:
        width = sheet.width * line.share
        left = 0.0 if line.mirrored else sheet.width - width
        spot = Spot(left, line.top, width, line.height, end, "bottom")
        yield label_of(sheet.bold.write(number, line.number_size, spot), appears)


def filled_bar(
    sheet: Sheet,
    value: ChartValue,
    place: tuple[float, float],
    growth: Growth,
    *,
    mirrored: bool,
) -> Bar:
    """Return the bar of a value; ``place`` is its top and height."""
    top, height = place
    width = max(sheet.chart.part(value.value) * sheet.width, height * 0.1)
    toward: Literal["left", "right"] = "left" if mirrored else "right"
    return Bar(
        left=sheet.width - width if mirrored else 0.0,
        top=top,
        width=width,
        height=height,
        radius=sheet.chart.radius * height,
        color=sheet.color(value),
        toward=toward,
        growth=growth,
    )
