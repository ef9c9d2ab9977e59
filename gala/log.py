"""Structured logs on standard output: readable lines for people, JSON for log collectors.

Fields bound with :func:`bound`, such as the job's id, are added to every line.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

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


class _Json(logging.Formatter):
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


class _Console(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        fields = "".join(f" {key}={value}" for key, value in _bound.get().items())
        return super().formatMessage(record) + fields


def configure(*, service: str, level: str, log_format: LogFormat) -> None:
    """Send this process's logs to standard output; call once, at the composition root."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json(service) if log_format is LogFormat.JSON else _Console())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore", "botocore", "googleapiclient", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
