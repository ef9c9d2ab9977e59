"""Language tags (BCP 47): their form in requests, and their comparison."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BeforeValidator, StringConstraints

from gala.name_suggestions import language_called

TAG_PATTERN: Final = r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$"


def _check_tag(value: object) -> object:
    # The message about the pattern would not help.
    if isinstance(value, str) and not re.search(TAG_PATTERN, value):
        tag = language_called(value)
        meant = f" Did you mean {tag!r}?" if tag else ""
        raise ValueError(f"must be a language tag such as es or en-GB.{meant}")
    return value


LanguageTag = Annotated[
    str, StringConstraints(max_length=35, pattern=TAG_PATTERN), BeforeValidator(_check_tag)
]

MANY: Final = "mul"
"""The tag of a voice that speaks several languages."""

_SAME: Final = {"cmn": "zh", "nb": "no", "nn": "no", "fil": "tl", "iw": "he", "in": "id"}
"""Primary tags by which engines or users name the same language."""


def within(tag: str, wanted: str) -> bool:
    """Return True if a tag is of a wanted language, or, for ``en-GB``, of that variety of it."""
    parts, wanted_parts = _parts(tag), _parts(wanted)
    return parts[: len(wanted_parts)] == wanted_parts


def same_language(one: str, other: str) -> bool:
    """Return True if two tags are of one language, whatever the variety."""
    first, second = _parts(one)[0], _parts(other)[0]
    return first == second or MANY in {first, second}


def _parts(tag: str) -> list[str]:
    first, *rest = tag.lower().replace("_", "-").split("-")
    return [_SAME.get(first, first), *rest]
