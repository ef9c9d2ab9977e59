"""Charts: bars, columns, lines, shares of a whole, and single numbers that grow."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from gala.render_types.base import TypeParams
from gala.render_types.params.colors import Color
from gala.render_types.params.language_tags import LanguageTag
from gala.timeline.document.easing import Easing
from gala.timeline.document.movement import EasingField
from gala.timeline.document.placement import VisibleParams
from gala.timeline.document.texts import FontName
from gala.timeline.document.values import Percent, Seconds
from gala.timeline.problems import broken_rule

MAX_VALUES: Final = 50
MAX_NUMBER: Final = 1e15
MAX_SHARES: Final = 12
"""More slices can neither be told apart by their colors nor be read."""

Number = Annotated[float, Field(ge=-MAX_NUMBER, le=MAX_NUMBER)]
ShortText = Annotated[str, StringConstraints(max_length=200)]


class ChartKind(StrEnum):
    """Kinds of charts."""

    BAR = "bar"
    COLUMN = "column"
    LINE = "line"
    PIE = "pie"
    DONUT = "donut"
    COUNTER = "counter"
    PROGRESS = "progress"
    RING = "ring"


SHARES: Final = frozenset({ChartKind.PIE, ChartKind.DONUT})
"""The kinds whose values are shares of a whole."""
SERIES: Final = SHARES | {ChartKind.BAR, ChartKind.COLUMN, ChartKind.LINE}
"""The kinds with several values."""
_FROM_ZERO: Final = frozenset({ChartKind.BAR, ChartKind.COLUMN})
"""The kinds whose lengths are compared, so that 0 is always in their scale."""


class ChartNumbers(StrEnum):
    """What the numbers of a chart are."""

    VALUES = "values"
    SHARES = "shares"


class ChartValue(TypeParams):
    """A value of a chart, with its label."""

    value: Number = Field(description="The number.", examples=[12.5])
    label: ShortText = Field(default="", description="What it is the number of.")
    color: Color | None = Field(
        default=None,
        description="Color; by default the chart's, of `pie` and `donut` one of a palette.",
    )
    shown: ShortText | None = Field(
        default=None, description="What is written instead of the number."
    )


def _as_object(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"value": value} if is_number else value


Value = Annotated[
    ChartValue, BeforeValidator(_as_object, json_schema_input_type=float | ChartValue)
]


class ChartElement(VisibleParams):
    """A chart that grows in. It fills its box; without a size, the frame up to the safe area."""

    type: Literal["chart"]
    chart: Annotated[ChartKind, Field(strict=False)] = Field(
        default=ChartKind.BAR,
        description="`bar` (lying), `column` (upright), `line`, `pie` or `donut`, of `values`;"
        " `counter`, `progress` (a bar) or `ring`, of one `value`.",
    )
    values: tuple[Value, ...] = Field(
        default=(),
        strict=False,
        max_length=MAX_VALUES,
        description="`bar`, `column`, `line`, `pie`, `donut`: numbers, or objects with `value`,"
        " `label`, `color`.",
        examples=[[{"label": "2024", "value": 12}, {"label": "2025", "value": 31}]],
    )
    value: Number | None = Field(default=None, description="`counter`, `progress`, `ring`: it.")
    label: ShortText = Field(
        default="",
        description="`counter`, `progress`, `ring`: what it is the number of; `donut`: what is"
        " written in its middle.",
    )
    start_value: Number = Field(default=0.0, description="`counter`: the number it starts from.")
    max: Number | None = Field(
        default=None,
        description="The number that fills the chart; by default 100 for `progress` and `ring`,"
        " else the largest value.",
    )
    min: Number | None = Field(
        default=None,
        description="`line`: the number at its bottom; by default the smallest value. `bar`,"
        " `column`: a negative number at which they end; by default the smallest value, or 0.",
    )
    decimals: int | None = Field(
        default=None, ge=0, le=6, description="Decimals of numbers; by default those they have."
    )
    prefix: Annotated[str, StringConstraints(max_length=20)] = Field(
        default="", description="Written before each number.", examples=["$"]
    )
    suffix: Annotated[str, StringConstraints(max_length=20)] = Field(
        default="", description="Written after each number.", examples=[" %"]
    )
    language: LanguageTag | None = Field(
        default=None,
        description="The language whose separators numbers have; by default that of the voice of"
        " its scene, or of the film, if that is set.",
        examples=["de"],
    )
    show_values: bool = Field(default=True, description="Whether the numbers are written.")
    numbers: Annotated[ChartNumbers, Field(strict=False)] = Field(
        default=ChartNumbers.VALUES,
        description="`pie`, `donut`: `values`, or `shares` of the whole in per cent.",
    )
    color: Color = Field(
        default="#3a86ff",
        description="Color of bars, line or number; `pie`, `donut`: if it is set, slices have its"
        " shades instead of a palette.",
    )
    track_color: Color | None = Field(
        default=None, description="Color of what is not filled; by default the color, very faint."
    )
    text_color: Color = Field(default="#ffffff", description="Color of labels and numbers.")
    font: FontName | None = Field(default=None, description="Font name.")
    font_size: Percent | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Font size, of the frame's shorter side; by default one that fits the chart.",
    )
    line_width: Percent | None = Field(
        default=None,
        gt=0,
        le=0.2,
        description="`line`, `ring`, `donut`: width, of the frame's shorter side; by default 1%,"
        " 4%, a part of the donut.",
    )
    radius: Percent = Field(
        default=0.2, ge=0, le=0.5, description="Corner radius of bars, of their shorter side."
    )
    grow: Seconds = Field(default=1.2, description="Seconds in which it grows in; 0 shows it all.")
    stagger: Seconds = Field(
        default=0.15, description="Seconds after which the next bar begins to grow."
    )
    easing: EasingField = Field(
        default=Easing.EASE_OUT, description="How it grows, as for keyframes."
    )

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        kind = f"A chart of kind {self.chart}"
        if self.chart in SERIES:
            if self.value is not None:
                raise broken_rule(
                    f"{kind} has values, not one.", 'Write "values": [1, 2].', "value"
                )
            if not self.values:
                raise broken_rule(f"{kind} needs its values.", 'Add "values": [1, 2].')
        else:
            if self.values:
                raise broken_rule(f"{kind} has one value.", 'Write "value": 42.', "values")
            if self.value is None:
                raise broken_rule(f"{kind} needs its value.", 'Add "value": 42.')
        return self

    @model_validator(mode="after")
    def _fits_its_scale(self) -> Self:
        if self.chart in SHARES:
            return self
        if self.chart in _FROM_ZERO and self.min is not None and self.min > 0:
            raise broken_rule("Bars start at 0.", "Leave min out, or use a line.", "min")
        low, high = self.ends
        if self.max is not None and high <= low:
            raise broken_rule(
                "The scale ends before it starts.", f"Write more than {low:g}.", "max"
            )
        return self

    @model_validator(mode="after")
    def _are_shares(self) -> Self:
        kind = f"A chart of kind {self.chart}"
        if self.chart not in SHARES:
            if self.numbers is ChartNumbers.SHARES:
                raise broken_rule(f"{kind} has no shares.", 'Use a "pie" or a "donut".', "numbers")
            return self
        for name in ("max", "min"):
            if getattr(self, name) is not None:
                rule = f"{kind} has no scale: its values are the whole."
                raise broken_rule(rule, f"Leave {name} out.", name)
        if len(self.values) > MAX_SHARES:
            rule = f"{kind} has at most {MAX_SHARES} values, not {len(self.values)}."
            raise broken_rule(rule, "Add the smallest up as one, or use bars.", "values")
        for at, one in enumerate(self.values):
            if one.value < 0:
                rule = "A share of a whole is not negative."
                raise broken_rule(rule, "Use bars or columns.", f"values.{at}.value")
        if not any(one.value for one in self.values):
            raise broken_rule(f"{kind} of zeros shows nothing.", "Write a value above 0.", "values")
        return self

    @property
    def ends(self) -> tuple[float, float]:
        """The numbers at which the chart is empty and full; not for counters and shares."""
        numbers = [one.value for one in self.values] or [0.0]
        low = min(numbers) if self.min is None else self.min
        high = max(numbers)
        if self.chart in _FROM_ZERO:
            low, high = min(low, 0.0), max(high, 0.0)
        elif self.chart not in SERIES:
            low, high = 0.0, 100.0
        if self.max is not None:
            return low, self.max
        return low, high if high > low else low + 1

    @property
    def zero(self) -> float | None:
        """Where 0 is between the ends, 0 to 1; None if no value of the chart can be below it."""
        low, high = self.ends
        return self.part(0.0) if low < 0 < high or (low < 0 and self.chart in _FROM_ZERO) else None

    def part(self, value: float) -> float:
        """Return how full the chart is at a value, 0 to 1."""
        low, high = self.ends
        return min(max((value - low) / (high - low), 0.0), 1.0)
