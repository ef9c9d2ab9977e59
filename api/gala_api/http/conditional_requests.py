"""Conditional requests (RFC 9110 §13): send, respond 304, or respond 412."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from enum import Enum, auto

from starlette.datastructures import Headers

from gala.errors import PreconditionFailed

_ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


class Verdict(Enum):
    """The result of the preconditions of a GET or HEAD request."""

    SEND = auto()
    NOT_MODIFIED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Validators:
    """The validators of a resource: a strong entity tag and the time of modification."""

    etag: str
    modified: datetime

    @classmethod
    def of(cls, sha256: str, modified: datetime) -> Validators:
        """Return the validators of immutable bytes: their checksum, and when they were stored."""
        aware = modified if modified.tzinfo else modified.replace(tzinfo=UTC)
        return cls(f'"{sha256}"', aware.astimezone(UTC).replace(microsecond=0))

    @property
    def last_modified(self) -> str:
        """The value of ``Last-Modified``."""
        return format_datetime(self.modified, usegmt=True)


def evaluate(headers: Headers, validators: Validators) -> Verdict:
    """Evaluate the preconditions of a GET or HEAD in the order of RFC 9110 §13.2.2."""
    if _stale(headers, validators):
        return Verdict.FAILED
    return Verdict.NOT_MODIFIED if _unchanged(headers, validators) else Verdict.SEND


def require_match(headers: Headers, etag: str) -> None:
    """Raise ``PreconditionFailed`` if ``If-Match`` is there and does not list the strong tag."""
    tags = headers.getlist("if-match")
    if tags and not _matches(tags, etag, weakly=False):
        raise PreconditionFailed


def range_applies(headers: Headers, validators: Validators) -> bool:
    """Return True if ``If-Range`` is absent or matches; a weak tag never matches."""
    condition = headers.get("if-range")
    if condition is None:
        return True
    if '"' in condition:
        return condition.strip() == validators.etag
    return _http_date([condition]) == validators.modified


def _stale(headers: Headers, validators: Validators) -> bool:
    if tags := headers.getlist("if-match"):
        return not _matches(tags, validators.etag, weakly=False)
    since = _http_date(headers.getlist("if-unmodified-since"))
    return since is not None and validators.modified > since


def _unchanged(headers: Headers, validators: Validators) -> bool:
    if tags := headers.getlist("if-none-match"):
        return _matches(tags, validators.etag, weakly=True)
    since = _http_date(headers.getlist("if-modified-since"))
    return since is not None and validators.modified <= since


def _matches(fields: Sequence[str], etag: str, *, weakly: bool) -> bool:
    field = ", ".join(fields)
    if field.strip() == "*":
        return True
    return any(tag == etag and (weakly or not weak) for weak, tag in _ENTITY_TAG.findall(field))


def _http_date(fields: Sequence[str]) -> datetime | None:
    """Return the date in a field, or None if it is absent, repeated or not a date."""
    if len(fields) != 1:
        return None
    try:
        date = parsedate_to_datetime(fields[0])
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
