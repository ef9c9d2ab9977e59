"""Valid names of objects: portable, and safe as relative paths."""

from __future__ import annotations

import re
from typing import Final

from gala_storage.errors import InvalidObjectName

MAX_LENGTH: Final = 512
# Accepted by every file system and bucket; a part cannot be hidden, empty, "." or "..".
_PART: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")


def checked_name(name: str) -> str:
    """Return the name if it is valid.

    A name consists of parts joined by ``/``, in all at most 512 characters. A part has 1 to 200
    ASCII letters, digits or ``. _ -`` and does not begin with a dot or a dash.

    :raises InvalidObjectName: the name is not valid.
    """
    parts = name.split("/")
    if len(name) > MAX_LENGTH or not all(_PART.fullmatch(part) for part in parts):
        raise InvalidObjectName(f"not a valid object name: {name[:80]!r}")
    return name
