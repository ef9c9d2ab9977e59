"""Names of objects: plain, portable, and never a way out of where they belong."""

from __future__ import annotations

import re
from typing import Final

from gala_storage.errors import InvalidObjectName

MAX_LENGTH: Final = 512
# Every file system and every bucket takes these; a part cannot be hidden, empty, "." or "..".
_PART: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")


def checked_name(name: str) -> str:
    """The name itself, if it is one.

    Parts of ASCII letters, digits and ``. _ -`` (1 to 200 characters, not beginning with a dot or
    a dash), joined by ``/``; at most 512 characters.

    :raises InvalidObjectName: otherwise.
    """
    parts = name.split("/")
    if len(name) > MAX_LENGTH or not all(_PART.fullmatch(part) for part in parts):
        raise InvalidObjectName(f"not a name for an object: {name[:80]!r}")
    return name
