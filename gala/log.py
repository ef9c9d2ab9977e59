"""Structured logs on standard output: readable lines for people, JSON for log collectors.

Fields bound with :func:`bound`, such as the job's id, are added to every line.
"""

from __future__ import annotations

import json
import logging
import logging.config
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Final

_CHATTY: Final = ("httpx", "httpcore", "botocore", "googleapiclient", "alembic")

_bound: ContextVar[dict[str, Any]] = ContextVar("gala_log", default={})  # noqa: B039 - never mutated


class LogFormat(StrEnum):
    """Format of log lines."""

    CONSOLE = "console"
    JSON = "json"


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Add these fields to every line logged in the context."""
    token = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def __init__(self, service: str):
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "msg": record.getMessage(),
            **_bound.get(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class ConsoleFormatter(logging.Formatter):
    """Formats a record for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        fields = "".join(f" {key}={value}" for key, value in _bound.get().items())
        return super().formatMessage(record) + fields


def configure(*, service: str, level: str, log_format: LogFormat) -> None:
    """Send this process's logs to standard output; call once, at the composition root.

    In JSON, so are the errors that end the process or one of its threads, and Python's warnings.
    """
    config = dict_config(service=service, level=level, log_format=log_format)
    logging.config.dictConfig(config)
    if log_format is LogFormat.JSON:
        logging.captureWarnings(True)
        sys.excepthook = _log_uncaught
        threading.excepthook = _log_uncaught_in_thread


def dict_config(*, service: str, level: str, log_format: LogFormat) -> dict[str, Any]:
    """Return the configuration for :func:`logging.config.dictConfig`."""
    formatter: dict[str, Any] = {"()": ConsoleFormatter}
    if log_format is LogFormat.JSON:
        formatter = {"()": JsonFormatter, "service": service}
    handler = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "gala"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"gala": formatter},
        "handlers": {"gala": handler},
        "loggers": {name: {"level": "WARNING"} for name in _CHATTY},
        "root": {"level": level.upper(), "handlers": ["gala"]},
    }


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("gala").critical("uncaught error: %s", error, exc_info=(kind, error, trace))


def _log_uncaught_in_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None:
        _log_uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)
