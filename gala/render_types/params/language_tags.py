"""Language tags (BCP 47) in requests."""

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
