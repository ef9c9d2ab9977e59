"""What a countdown shows when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from gala.timeline.document.countdowns import CountdownElement
from gala.timeline.document.elements import TextElement

_DIGIT: Final = re.compile(r"\d")


def as_text(countdown: CountdownElement, text: str) -> TextElement:
    """Return an element that shows a text in the look and at the place of a countdown."""
    shared = TextElement.model_fields.keys() & CountdownElement.model_fields.keys() - {"type"}
    given = {name: getattr(countdown, name) for name in shared}
    return TextElement.model_construct(type="text", text=text, **given)


def own_length(countdown: CountdownElement) -> Fraction | None:
    """Return the seconds in which each number is shown for a second; None without a first one."""
    if countdown.first is None:
        return None
    return Fraction(abs(int(countdown.first) - int(countdown.to)) + 1)


def shown(countdown: CountdownElement, length: Fraction) -> Iterator[tuple[str, Fraction]]:
    """Yield what is shown, each with the second from which it is; ``length`` is in seconds."""
    first, last = _first(countdown, length), int(countdown.to)
    step = -1 if first > last else 1
    for second, number in enumerate(range(first, last + step, step)):
        if second >= length:
            return
        is_last = number == last and countdown.end_text is not None
        text = countdown.end_text if is_last else None
        yield text or countdown.written(number), Fraction(second)


def widest(countdown: CountdownElement, length: Fraction) -> list[str]:
    """Return texts of which one is as wide, and one as high, as any that is shown."""
    numbers = {countdown.written(at) for at in (_first(countdown, length), int(countdown.to))}
    zeros = {_DIGIT.sub("0", one) for one in numbers}
    return [*sorted(zeros), *([countdown.end_text] if countdown.end_text else [])]


def _first(countdown: CountdownElement, length: Fraction) -> int:
    if countdown.first is not None:
        return int(countdown.first)
    # The last second of the element shows the text.
    after = 1 if countdown.end_text is not None else 0
    return max(int(countdown.to) + 1, int(countdown.to) + round(length) - after)
