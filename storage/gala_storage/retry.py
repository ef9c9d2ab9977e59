"""Retries for a provider that is busy or unavailable: exponential back-off with jitter."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from gala_storage.errors import StorageUnavailable

T = TypeVar("T")
OnProgress = Callable[[int], None]

_CHECK_SECONDS = 1.0
_check: ContextVar[Callable[[], None] | None] = ContextVar("gala_storage_check", default=None)


@contextmanager
def reporting_while_waiting(on_progress: OnProgress | None) -> Iterator[OnProgress | None]:
    """Call ``on_progress`` every second while the block waits between retries.

    It is called with the last number again, and may raise to end the wait. Gives the function to
    report progress with.
    """
    if on_progress is None:
        yield None
        return
    last = 0

    def report(sent: int) -> None:
        nonlocal last
        last = sent
        on_progress(sent)

    token = _check.set(lambda: on_progress(last))
    try:
        yield report
    finally:
        _check.reset(token)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Number and duration of retries. Times are in seconds."""

    attempts: int = 6
    first_pause: float = 0.5
    longest_pause: float = 8.0
    patience: float = 60.0
    """Longest time from the first failure to the last retry; a longer ``Retry-After`` ends it."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    """Returns a random number from 0 to 1."""

    def call(self, action: Callable[[], T]) -> T:
        """Return the action's result; retry it while StorageUnavailable is raised."""
        backoff = Backoff(self)
        while True:
            try:
                return action()
            except StorageUnavailable as failure:
                backoff.pause(failure)


class Backoff:
    """The pauses of one operation; call :meth:`reset` after each progress."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._failures = 0
        self._since = 0.0

    def reset(self) -> None:
        """Forget the failures so far, because the provider responds again."""
        self._failures = 0

    def pause(self, failure: StorageUnavailable) -> None:
        """Wait before the next retry, or raise the failure if the policy allows no other."""
        policy = self._policy
        now = policy.clock()
        if self._failures == 0:
            self._since = now
        self._failures += 1
        pause = self._next_pause(failure.retry_after or 0.0)
        if self._failures >= policy.attempts or now - self._since + pause > policy.patience:
            raise failure
        _wait(policy, pause)

    def _next_pause(self, minimum: float) -> float:
        policy = self._policy
        ceiling = min(policy.longest_pause, policy.first_pause * 2.0 ** (self._failures - 1))
        # Half fixed, half random, so that clients that failed together do not retry together.
        return max(minimum, ceiling * (1 + policy.jitter()) / 2)


def _wait(policy: RetryPolicy, seconds: float) -> None:
    check = _check.get()
    while check is not None and seconds > _CHECK_SECONDS:
        policy.sleep(_CHECK_SECONDS)
        seconds -= _CHECK_SECONDS
        check()
    policy.sleep(seconds)


def parse_retry_after(retry_after: str | None) -> float | None:
    """Return the seconds of a ``Retry-After`` header, which has seconds or a date."""
    if retry_after is None:
        return None
    if re.fullmatch("[0-9]{1,9}", retry_after.strip()):
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
