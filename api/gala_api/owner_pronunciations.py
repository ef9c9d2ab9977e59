"""The owner's list of pronunciations, as it applies to jobs and to streamed speech."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy.orm import Session

from gala.db import pronunciations
from gala.errors import InvalidRequest
from gala.render_types.params.pronunciations import Pronunciation, TakesPronunciations

_Params = TypeVar("_Params")


def owner_list(session: Session, owner: str) -> tuple[Pronunciation, ...]:
    """Return the entries of the owner's list."""
    return tuple(Pronunciation.parse(one) for one in pronunciations.entries(session, owner))


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
