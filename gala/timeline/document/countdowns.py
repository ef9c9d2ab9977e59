"""Countdowns: a number for each second."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from gala.render_types.params.text_style import Text
from gala.timeline.document.placement import VisibleParams
from gala.timeline.document.texts import TextLook
from gala.timeline.document.values import Seconds
from gala.timeline.problems import broken_rule


class CountdownFormat(StrEnum):
    """How a countdown writes seconds."""

    NUMBER = "number"
    MINUTES = "m:ss"
    PADDED_MINUTES = "mm:ss"
    HOURS = "h:mm:ss"


class CountdownElement(VisibleParams, TextLook):
    """Numbers, a second each, down to zero or to a text; or up, from a smaller number."""

    model_config = ConfigDict(serialize_by_alias=True)

    type: Literal["countdown"]
    first: Seconds | None = Field(
        default=None,
        alias="from",
        description="The first number, in whole seconds; by default the element's length.",
        examples=[10, "1:30"],
    )
    to: Seconds = Field(default=0.0, description="The last number, which stays until the end.")
    end_text: Text | None = Field(
        default=None, description="Shown instead of the last number.", examples=["Go!"]
    )
    format: Annotated[CountdownFormat, Field(strict=False)] = Field(
        default=CountdownFormat.NUMBER,
        description="`number` (90), `m:ss` (1:30), `mm:ss` (01:30) or `h:mm:ss` (0:01:30).",
    )

    @model_validator(mode="after")
    def _counts(self) -> Self:
        for name, value in (("from", self.first), ("to", self.to)):
            if value is not None and value != int(value):
                rule = f"A countdown has whole seconds, not {value:g}."
                raise broken_rule(rule, f"Write {round(value)}.", name)
        if self.first is not None and self.first == self.to:
            rule = "A countdown goes from one number to another."
            raise broken_rule(rule, "Write another number.", "from")
        return self

    def written(self, seconds: int) -> str:
        """Return a number of seconds in the format."""
        minutes, rest = divmod(seconds, 60)
        match self.format:
            case CountdownFormat.NUMBER:
                return str(seconds)
            case CountdownFormat.MINUTES:
                return f"{minutes}:{rest:02}"
            case CountdownFormat.PADDED_MINUTES:
                return f"{minutes:02}:{rest:02}"
        return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
