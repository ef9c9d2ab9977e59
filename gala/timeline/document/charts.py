"""Charts: bars, columns, lines, and single numbers that grow."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from gala.render_types.base import TypeParams
from gala.render_types.params.colors import Color
from gala.render_types.params.language_tags import LanguageTag
from gala.timeline.document.easing import Easing
from gala.timeline.document.placement import VisibleParams
from gala.timeline.document.texts import FontName
from gala.timeline.document.values import Percent, Seconds
from gala.timeline.problems import broken_rule

MAX_VALUES: Final = 50
MAX_NUMBER: Final = 1e15

Number = Annotated[float, Field(ge=-MAX_NUMBER, le=MAX_NUMBER)]
ShortText = Annotated[str, StringConstraints(max_length=200)]


class ChartKind(StrEnum):
    """Kinds of charts."""

    BAR = "bar"
    COLUMN = "column"
    LINE = "line"
    COUNTER = "counter"
    PROGRESS = "progress"
    RING = "ring"


SERIES: Final = frozenset({ChartKind.BAR, ChartKind.COLUMN, ChartKind.LINE})
"""The kinds with several values."""


class ChartValue(TypeParams):
    """A value of a chart, with its label."""

    value: Number = Field(description="The number.", examples=[12.5])
    label: ShortText = Field(default="", description="What it is the number of.")
    color: Color | None = Field(default=None, description="Color; by default the chart's.")
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
        description="`bar` (lying), `column` (upright) or `line`, of `values`; `counter`,"
        " `progress` (a bar) or `ring`, of one `value`.",
    )
    values: tuple[Value, ...] = Field(
        default=(),
        strict=False,
        max_length=MAX_VALUES,
        description="`bar`, `column`, `line`: numbers, or objects with `value`, `label`, `color`.",
        examples=[[{"label": "2024", "value": 12}, {"label": "2025", "value": 31}]],
    )
    value: Number | None = Field(default=None, description="`counter`, `progress`, `ring`: it.")
    label: ShortText = Field(
        default="", description="`counter`, `progress`, `ring`: what it is the number of."
    )
    start_value: Number = Field(default=0.0, description="`counter`: the number it starts from.")
    max: Number | None = Field(
        default=None,
        description="The number that fills the chart; by default 100 for `progress` and `ring`,"
        " else the largest value.",
    )
    min: Number | None = Field(
        default=None, description="`line`: the number at its bottom; by default the smallest value."
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
    color: Color = Field(default="#3a86ff", description="Color of bars, line or number.")
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
        description="`line`, `ring`: width, of the frame's shorter side; by default 1%, 4%.",
    )
    radius: Percent = Field(
        default=0.2, ge=0, le=0.5, description="Corner radius of bars, of their shorter side."
    )
    grow: Seconds = Field(default=1.2, description="Seconds in which it grows in; 0 shows it all.")
    stagger: Seconds = Field(
        default=0.15, description="Seconds after which the next bar begins to grow."
    )
    easing: Annotated[Easing, Field(strict=False)] = Field(
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
        if self.chart is not ChartKind.LINE and any(one.value < 0 for one in self.values):
            at = next(at for at, one in enumerate(self.values) if one.value < 0)
            rule = f"A chart of kind {self.chart} has no negative values."
            raise broken_rule(rule, "Use a line.", f"values.{at}.value")
        low, high = self.ends
        if self.max is not None and high <= low:
            raise broken_rule(
                "The scale ends before it starts.", f"Write more than {low:g}.", "max"
            )
        return self

    @property
    def ends(self) -> tuple[float, float]:
        """The numbers at which the chart is empty and full; not for counters."""
        numbers = [one.value for one in self.values] or [0.0]
        if self.chart is ChartKind.LINE:
            low = min(numbers) if self.min is None else self.min
        else:
            low = 0.0
        if self.max is not None:
            return low, self.max
        if self.chart not in SERIES:
            return low, 100.0
        high = max(numbers)
        return low, high if high > low else low + 1

    def part(self, value: float) -> float:
        """Return how full the chart is at a value, 0 to 1."""
        low, high = self.ends
        return min(max((value - low) / (high - low), 0.0), 1.0)
