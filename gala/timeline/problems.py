"""What is wrong with a composition: the place, the rule, and the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from pydantic_core import PydanticCustomError

from gala.errors import InvalidRequest

MAX_PROBLEMS: Final = 20
"""The most problems that one error reports."""

RULE_ERROR: Final = "timeline_rule"
"""The error type of :func:`broken_rule`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a composition."""

    pointer: str
    """JSON pointer (RFC 6901) of the value, or of the place where one is missing."""
    rule: str
    """What the value breaks, as a sentence."""
    remedy: str
    """What to write instead, as a sentence."""

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.rule} {self.remedy}"


class InvalidTimeline(InvalidRequest):
    """The composition is not valid."""

    def __init__(self, problems: Sequence[Problem]):
        first = problems[0]
        listed = [asdict(problem) for problem in problems[:MAX_PROBLEMS]]
        field = ".".join(("params", *parts(first.pointer)))
        super().__init__(str(first), field=field, **listed[0], problems=listed)
        self.problems = tuple(problems)


def pointer(path: Iterable[str | int]) -> str:
    """Return the JSON pointer of a path; empty for the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def parts(pointer_text: str) -> tuple[str, ...]:
    """Return the parts of a JSON pointer."""
    split = pointer_text.split("/")[1:]
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in split)


def broken_rule(rule: str, remedy: str, field: str = "") -> PydanticCustomError:
    """Return the error that a validator raises; ``field`` is the one to change, if it has many."""
    context = {"rule": rule, "remedy": remedy, "field": field}
    return PydanticCustomError(RULE_ERROR, "{rule} {remedy}", context)
