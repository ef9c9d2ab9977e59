"""Repetition of database work while the database does not respond."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gala.db.engine import driver_message

log = logging.getLogger(__name__)

T = TypeVar("T")

DATABASE_AWAY: Final = (OperationalError, InterfaceError, PoolTimeout)

_FIRST_PAUSE_SECONDS: Final = 0.05
_LONGEST_PAUSE_SECONDS: Final = 2.0


def retry_while_away(action: Callable[[], T], *, seconds: float) -> T:
    """Return the result of ``action``, repeated for up to ``seconds`` while the database is away.

    The pauses between the calls double. The last error is raised if the time is over.
    """
    give_up = time.monotonic() + seconds
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return action()
        except DATABASE_AWAY as error:
            if time.monotonic() + pause > give_up:
                raise
            log.warning("database away, trying again: %s", driver_message(error))
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
