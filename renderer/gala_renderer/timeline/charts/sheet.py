"""What a chart is drawn on: its size, its texts, and when its parts grow. Lengths are pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Literal

from gala.timeline.document.charts import ChartElement, ChartNumbers, ChartValue
from gala.timeline.document.numbers import (
    MINUS,
    decimals_of,
    percent,
    rounded_shares,
    written,
)
from gala_renderer.text_layout.styled_layout import Align
from gala_renderer.timeline.charts.lettering import Down, Lettering, Spot, Written
from gala_renderer.timeline.drawing.figures import Bar, Figure, Growth, Label

LINE: Final = 1.3
"""Height of a line of text, in em."""
FAINT: Final = 0.16
"""Opacity of what is not filled."""
FADE: Final = 0.4
"""Seconds in which labels appear."""
_USUAL_FONT: Final = 0.05
_ZERO_OPACITY: Final = 0.6
ZERO_WIDTH: Final = 0.003
"""Width of the line at 0, of the frame's shorter side."""
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
        return Growth.along(
            chart.easing, first=chart.stagger * number * pace, frames=chart.grow * pace
        )

    def font(self, fitting: float) -> float:
        """Return the em in pixels; ``fitting`` is the one that suits the layout."""
        given = self.chart.font_size
        return min(fitting, _USUAL_FONT * self.short_side) if given is None else self._of(given)

    def number(self, value: float, decimals: int) -> str:
        """Return a number as it is written."""
        chart = self.chart
        text = written(value, decimals, chart.language)
        if not text.startswith(MINUS):
            return f"{chart.prefix}{text}{chart.suffix}"
        # The sign is before the unit.
        return f"{MINUS}{chart.prefix}{text.removeprefix(MINUS)}{chart.suffix}"

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
        if not self.chart.show_values:
            return [""] * len(values)
        numbers = self._shares if self.chart.numbers is ChartNumbers.SHARES else self._values
        return [
            number if one.shown is None else one.shown
            for one, number in zip(values, numbers, strict=True)
        ]

    @property
    def _values(self) -> list[str]:
        values, decimals = [one.value for one in self.chart.values], self.chart.decimals
        if decimals is None:
            decimals = decimals_of(values)
        return [self.number(one, decimals) for one in values]

    @property
    def _shares(self) -> list[str]:
        decimals, language = self.chart.decimals or 0, self.chart.language
        shares = rounded_shares([one.value for one in self.chart.values], decimals)
        return [percent(one, decimals, language) for one in shares]

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


def zero_line(sheet: Sheet, place: tuple[float, float, float, float]) -> Bar:
    """Return the line from which bars go both ways; ``place`` is left, top, width and height."""
    left, top, width, height = place
    color = sheet.chart.text_color
    return Bar(left=left, top=top, width=width, height=height, radius=0, color=color,
               opacity=_ZERO_OPACITY)  # fmt: skip


def label_of(written: Written, appears: Growth = Growth()) -> Label:  # noqa: B008 - frozen
    """Return a text as a figure."""
    return Label(path=written.path, left=written.left, top=written.top, appears=appears)


def arrival(sheet: Sheet, growth: Growth, part: float) -> Growth:
    """Return when the label of a part appears: as soon as what grows is there."""
    if not growth.frames:
        return Growth()
    return Growth(first=growth.reaches(part), frames=FADE * float(sheet.rate) / 2)


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line with a label at its beginning and a number at its end."""

    top: float
    height: float
    label_size: float
    number_size: float
    share: float
    """The part of the width for the number."""
    left: float
    width: float
    mirrored: bool
    down: Down = "bottom"


def line_sizes(
    sheet: Sheet,
    texts: tuple[Sequence[str], Sequence[str]],
    font: float,
    room: tuple[float, float],
) -> tuple[float, float, float]:
    """Return the em of labels, that of numbers, and the share of numbers.

    ``room`` is the width and the height of a line.
    """
    width, height = room
    least, most = _SHARES if any(texts[0]) else (1.0, 1.0)
    share = min(max(sheet.bold.width(texts[1], font) / width + 0.01, least), most)
    return (
        sheet.text.size(texts[0], font, (width * (_BOTH - share), height)),
        sheet.bold.size(texts[1], font, (width * share, height)),
        share,
    )


def text_line(
    sheet: Sheet, label: str, number: str, line: TextLine, appears: Growth
) -> Iterator[Figure]:
    """Yield a label and a number on one line."""
    begin: Align = "right" if line.mirrored else "left"
    end: Align = "left" if line.mirrored else "right"
    if label:
        width = line.width * (_BOTH - line.share)
        left = line.left + (line.width - width if line.mirrored else 0.0)
        spot = Spot(left, line.top, width, line.height, begin, line.down)
        yield label_of(sheet.text.write(label, line.label_size, spot), appears)
    if number:
        width = line.width * line.share
        left = line.left + (0.0 if line.mirrored else line.width - width)
        spot = Spot(left, line.top, width, line.height, end, line.down)
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
    zero, end = (sheet.chart.part(one) * sheet.width for one in (0.0, value.value))
    width = max(abs(end - zero), height * 0.1)
    is_left = (end < zero) != mirrored
    base = sheet.width - zero if mirrored else zero
    toward: Literal["left", "right"] = "left" if is_left else "right"
    return Bar(
        left=base - width if is_left else base,
        top=top,
        width=width,
        height=height,
        radius=sheet.chart.radius * height,
        color=sheet.color(value),
        toward=toward,
        growth=growth,
    )
