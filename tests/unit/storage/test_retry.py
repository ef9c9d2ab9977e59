from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from gala_storage import ObjectNotFound, RetryPolicy, StorageUnavailable
from gala_storage.retry import Backoff, parse_retry_after
from tests.fakes.clock import Clock


def test_pauses_double_up_to_the_longest_and_are_spread(clock: Clock) -> None:
    def pauses(jitter: float) -> list[float]:
        slept: list[float] = []
        policy = RetryPolicy(
            attempts=8, patience=1000, sleep=slept.append, clock=lambda: 0, jitter=lambda: jitter
        )
        with pytest.raises(StorageUnavailable):
            policy.call(away)
        return slept

    assert pauses(1) == [0.5, 1, 2, 4, 8, 8, 8]
    assert pauses(0) == [0.25, 0.5, 1, 2, 4, 4, 4]


def test_what_succeeds_in_the_end_gives_its_result(clock: Clock) -> None:
    answers = iter([StorageUnavailable(), StorageUnavailable(), "at last"])

    def action() -> str:
        answer = next(answers)
        if isinstance(answer, StorageUnavailable):
            raise answer
        return str(answer)

    assert clock.policy().call(action) == "at last"
    assert len(clock.pauses) == 2


def test_only_what_may_pass_is_tried_again(clock: Clock) -> None:
    def missing() -> None:
        raise ObjectNotFound

    with pytest.raises(ObjectNotFound):
        clock.policy().call(missing)
    assert clock.pauses == []


def test_patience_ends_however_many_tries_are_left(clock: Clock) -> None:
    with pytest.raises(StorageUnavailable):
        clock.policy(attempts=10_000, patience=30).call(away)
    assert 15 < clock.now <= 30


def test_a_provider_that_asks_for_more_than_the_patience_is_given_up_at_once(
    clock: Clock,
) -> None:
    def overloaded() -> None:
        raise StorageUnavailable("come back in an hour", retry_after=3600)

    with pytest.raises(StorageUnavailable, match="an hour"):
        clock.policy().call(overloaded)
    assert clock.pauses == []


def test_progress_renews_the_patience(clock: Clock) -> None:
    backoff = Backoff(clock.policy(attempts=3))
    for _ in range(50):
        backoff.pause(StorageUnavailable())
        backoff.pause(StorageUnavailable())
        backoff.reset()
    assert len(clock.pauses) == 100


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    assert parse_retry_after("120") == 120
    in_a_minute = datetime.now(UTC) + timedelta(minutes=1)
    parsed = parse_retry_after(format_datetime(in_a_minute, usegmt=True))
    assert parsed is not None
    assert 55 < parsed <= 60
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 +0500") == 0
    now = datetime.now(timezone(timedelta(hours=5)))
    parsed = parse_retry_after(format_datetime(now + timedelta(minutes=1)))
    assert parsed is not None
    assert parsed <= 60
    assert parse_retry_after(None) is None


@pytest.mark.parametrize("text", ["soon", "", "²", "-1", "9" * 400, "Wed, 99 Oct 2015 99:28:00"])
def test_a_retry_after_that_is_none_is_ignored(text: str) -> None:
    assert parse_retry_after(text) is None


@pytest.fixture
def clock() -> Clock:
    return Clock()


def away() -> None:
    raise StorageUnavailable
