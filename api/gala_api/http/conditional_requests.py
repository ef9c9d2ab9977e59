"""Conditional requests of RFC 9110 §13: whether to send, to say "unchanged", or to refuse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from enum import Enum, auto

from starlette.datastructures import Headers

_ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


class Verdict(Enum):
    """What the preconditions of a GET or HEAD lead to."""

    SEND = auto()
    NOT_MODIFIED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells one state of a resource from another: a strong entity tag and a time."""

    etag: str
    modified: datetime

    @classmethod
    def of(cls, sha256: str, modified: datetime) -> Validators:
        """Validators of bytes that never change: their checksum, and when they were stored."""
        aware = modified if modified.tzinfo else modified.replace(tzinfo=UTC)
        return cls(f'"{sha256}"', aware.astimezone(UTC).replace(microsecond=0))

    @property
    def last_modified(self) -> str:
        """The value of ``Last-Modified``."""
        return format_datetime(self.modified, usegmt=True)


def evaluate(headers: Headers, validators: Validators) -> Verdict:
    """The verdict on a GET or HEAD, in the order that RFC 9110 §13.2.2 lays down."""
    if _stale(headers, validators):
        return Verdict.FAILED
    return Verdict.NOT_MODIFIED if _unchanged(headers, validators) else Verdict.SEND


def range_applies(headers: Headers, validators: Validators) -> bool:
    """Whether ``If-Range``, if it is there, still names these bytes; a weak tag never does."""
    condition = headers.get("if-range")
    if condition is None:
        return True
    if '"' in condition:
        return condition.strip() == validators.etag
    return _http_date([condition]) == validators.modified


def _stale(headers: Headers, validators: Validators) -> bool:
    if tags := headers.getlist("if-match"):
        return not _names(tags, validators.etag, weakly=False)
    since = _http_date(headers.getlist("if-unmodified-since"))
    return since is not None and validators.modified > since


def _unchanged(headers: Headers, validators: Validators) -> bool:
    if tags := headers.getlist("if-none-match"):
        return _names(tags, validators.etag, weakly=True)
    since = _http_date(headers.getlist("if-modified-since"))
    return since is not None and validators.modified <= since


def _names(fields: Sequence[str], etag: str, *, weakly: bool) -> bool:
    field = ", ".join(fields)
    if field.strip() == "*":
        return True
    return any(tag == etag and (weakly or not weak) for weak, tag in _ENTITY_TAG.findall(field))


def _http_date(fields: Sequence[str]) -> datetime | None:
    """The date of a field; None when it is absent, repeated or no date, all of which mean none."""
    if len(fields) != 1:
        return None
    try:
        date = parsedate_to_datetime(fields[0])
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
