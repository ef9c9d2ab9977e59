from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from starlette.datastructures import Headers

from gala_api.http.conditional_requests import Validators, Verdict, evaluate, range_applies

ETAG = '"abc"'
DATE = "Fri, 20 Nov 2026 10:30:15 GMT"
EARLIER = "Fri, 20 Nov 2026 10:30:14 GMT"
LATER = "Fri, 20 Nov 2026 10:30:16 GMT"
VALIDATORS = Validators.of("abc", datetime(2026, 11, 20, 10, 30, 15, 999999, tzinfo=UTC))


def verdict(*fields: tuple[str, str]) -> Verdict:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in fields]
    return evaluate(Headers(raw=raw), VALIDATORS)


def test_validators_are_a_strong_tag_and_a_whole_second_in_gmt() -> None:
    assert VALIDATORS.etag == ETAG
    assert VALIDATORS.last_modified == DATE


@pytest.mark.parametrize(
    "modified",
    [
        datetime(2026, 11, 20, 10, 30, 15),  # noqa: DTZ001 - a database may give it so
        datetime(2026, 11, 20, 12, 30, 15, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_a_time_is_utc_unless_it_says_otherwise(modified: datetime) -> None:
    assert Validators.of("abc", modified).last_modified == DATE


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("if-none-match", ETAG, Verdict.NOT_MODIFIED),
        ("if-none-match", f"W/{ETAG}", Verdict.NOT_MODIFIED),
        ("if-none-match", f'"x", W/{ETAG} , "y"', Verdict.NOT_MODIFIED),
        ("if-none-match", f'"x,y",{ETAG}', Verdict.NOT_MODIFIED),
        ("if-none-match", "*", Verdict.NOT_MODIFIED),
        ("if-none-match", '"other"', Verdict.SEND),
        ("if-none-match", "abc", Verdict.SEND),
        ("if-none-match", "", Verdict.SEND),
        ("if-modified-since", DATE, Verdict.NOT_MODIFIED),
        ("if-modified-since", LATER, Verdict.NOT_MODIFIED),
        ("if-modified-since", EARLIER, Verdict.SEND),
        ("if-modified-since", "yesterday", Verdict.SEND),
        ("if-modified-since", "Friday, 20-Nov-26 10:30:15 GMT", Verdict.NOT_MODIFIED),
        ("if-modified-since", "Fri Nov 20 10:30:15 2026", Verdict.NOT_MODIFIED),
        ("if-match", ETAG, Verdict.SEND),
        ("if-match", f'"x", {ETAG}', Verdict.SEND),
        ("if-match", "*", Verdict.SEND),
        ("if-match", f"W/{ETAG}", Verdict.FAILED),
        ("if-match", '"other"', Verdict.FAILED),
        ("if-unmodified-since", DATE, Verdict.SEND),
        ("if-unmodified-since", LATER, Verdict.SEND),
        ("if-unmodified-since", EARLIER, Verdict.FAILED),
        ("if-unmodified-since", "yesterday", Verdict.SEND),
    ],
)
def test_one_condition_alone(field: str, value: str, expected: Verdict) -> None:
    assert verdict((field, value)) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # A tag takes precedence over a date, in both conditions.
        ([("if-match", ETAG), ("if-unmodified-since", EARLIER)], Verdict.SEND),
        ([("if-none-match", '"other"'), ("if-modified-since", DATE)], Verdict.SEND),
        # A failed precondition takes precedence over "not modified".
        ([("if-match", '"other"'), ("if-none-match", ETAG)], Verdict.FAILED),
        ([("if-unmodified-since", EARLIER), ("if-none-match", ETAG)], Verdict.FAILED),
        ([("if-match", ETAG), ("if-none-match", ETAG)], Verdict.NOT_MODIFIED),
        # Repeated tag fields are one list; a repeated date is ignored.
        ([("if-none-match", '"x"'), ("if-none-match", ETAG)], Verdict.NOT_MODIFIED),
        ([("if-modified-since", DATE), ("if-modified-since", DATE)], Verdict.SEND),
        ([], Verdict.SEND),
    ],
)
def test_conditions_are_asked_in_the_order_of_the_rfc(
    fields: list[tuple[str, str]], expected: Verdict
) -> None:
    assert verdict(*fields) is expected


@pytest.mark.parametrize(
    ("value", "applies"),
    [
        (None, True),
        (ETAG, True),
        (DATE, True),
        (f"W/{ETAG}", False),
        ('"other"', False),
        ("abc", False),
        (EARLIER, False),
        (LATER, False),
        ("", False),
    ],
)
def test_if_range_holds_for_the_very_same_bytes_only(value: str | None, applies: bool) -> None:
    headers = Headers({} if value is None else {"if-range": value})
    assert range_applies(headers, VALIDATORS) is applies
