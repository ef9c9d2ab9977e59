"""The owner's list of pronunciations, as it applies to jobs and to streamed speech."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from gala.db import pronunciations
from gala.errors import InvalidRequest
from gala.render_types.params.pronunciations import Pronunciation, TakesPronunciations

_Params = TypeVar("_Params")


def owner_list(session: Session, owner: str) -> tuple[Pronunciation, ...]:
    """Return the entries of the owner's list."""
    return _parsed(pronunciations.entries(session, owner))


def list_to_replace(session: Session, owner: str) -> tuple[Pronunciation, ...]:
    """Return the entries of the owner's list, locked until the transaction ends."""
    return _parsed(pronunciations.entries_to_replace(session, owner))


def etag(listed: Iterable[Pronunciation]) -> str:
    """Return the strong entity tag of a list."""
    content = json.dumps([one.model_dump(mode="json") for one in listed])
    return f'"{hashlib.sha256(content.encode()).hexdigest()}"'


def _parsed(entries: Sequence[Mapping[str, Any]]) -> tuple[Pronunciation, ...]:
    return tuple(Pronunciation.parse(one) for one in entries)


def with_owner_list(
    session: Session, owner: str, params: _Params, *, field: str = "params.pronunciations"
) -> _Params:
    """Return the params with the entries of the owner's list that apply to their texts.

    Those of the params come first. Params without a voice are returned as they are. Raise
    InvalidRequest naming ``field`` if they are too many together.
    """
    if not isinstance(params, TakesPronunciations):
        return params
    listed = owner_list(session, owner)
    try:
        return params.with_pronunciations(listed) if listed else params
    except ValueError as error:
        raise InvalidRequest(f"{field}: {error}.", field=field) from error
