"""Entry point of the processes that need the database: settings, logging, exit status."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from gala import log
from gala.db.engine import driver_message
from gala.settings import report_settings_errors

logger = logging.getLogger(__name__)


class LogSettings(Protocol):
    """The settings for logging that every process has."""

    @property
    def log_level(self) -> str:
        """The lowest level that is logged."""

    @property
    def log_format(self) -> log.LogFormat:
        """The format of log lines."""


S = TypeVar("S", bound=LogSettings)
T = TypeVar("T")


def start(
    service: str,
    read: Callable[[], tuple[S, T]],
    run: Callable[[S, T], None],
    *,
    refusals: tuple[type[Exception], ...],
) -> int:
    """Read the settings and run the process; return its exit status.

    0 after a normal end, 1 if Postgres does not respond, 2 if settings are missing or invalid, or
    were refused by a ValueError or one of ``refusals``, whose message names the remedy.
    """
    refused: tuple[type[Exception], ...] = (ValueError, *refusals)
    try:
        settings, more = read()
    except ValidationError as error:
        report_settings_errors(service, error)
        return 2
    log.configure(service=service, level=settings.log_level, log_format=settings.log_format)
    try:
        run(settings, more)
    except DBAPIError as error:
        logger.error("Postgres does not answer (DATABASE_URL): %s", driver_message(error))  # noqa: TRY400
        return 1
    except refused as error:
        logger.error("%s", error)  # noqa: TRY400 - the message suffices, a traceback does not help
        return 2
    return 0
