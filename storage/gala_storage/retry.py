"""Patience with a provider that is busy or away: capped exponential back-off with jitter."""

from __future__ import annotations

import random
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

ASK_SECONDS = 1.0
_ask: ContextVar[Callable[[], None] | None] = ContextVar("gala_storage_ask", default=None)


@contextmanager
def asking(on_progress: OnProgress | None) -> Iterator[OnProgress | None]:
    """While the work inside waits for a provider, ask every second whether to go on.

    Asking is to call ``on_progress`` again with what it was told last; an exception of its own ends
    the wait. Gives the function to tell progress with.
    """
    if on_progress is None:
        yield None
        return
    last = 0

    def tell(sent: int) -> None:
        nonlocal last
        last = sent
        on_progress(sent)

    token = _ask.set(lambda: on_progress(last))
    try:
        yield tell
    finally:
        _ask.reset(token)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long to try again. Times are in seconds."""

    attempts: int = 6
    first_pause: float = 0.5
    longest_pause: float = 8.0
    patience: float = 60.0
    """From the first failure to the last try; a provider that asks for more waits in vain."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    """A number from 0 to 1, new at each call."""

    def call(self, action: Callable[[], T]) -> T:
        """The action's result, after as many tries as it takes and the policy allows."""
        backoff = Backoff(self)
        while True:
            try:
                return action()
            except StorageUnavailable as failure:
                backoff.pause(failure)


class Backoff:
    """The pauses of one piece of work; :meth:`reset` whenever it got further."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._failures = 0
        self._since = 0.0

    def reset(self) -> None:
        """Forget the failures so far: the provider answers again."""
        self._failures = 0

    def pause(self, failure: StorageUnavailable) -> None:
        """Wait before the next try, or raise the failure if there is to be none."""
        policy = self._policy
        now = policy.clock()
        if self._failures == 0:
            self._since = now
        self._failures += 1
        pause = self._next_pause(failure.retry_after or 0.0)
        if self._failures >= policy.attempts or now - self._since + pause > policy.patience:
            raise failure
        _wait(policy, pause)

    def _next_pause(self, asked: float) -> float:
        policy = self._policy
        ceiling = min(policy.longest_pause, policy.first_pause * 2.0 ** (self._failures - 1))
        # Half fixed, half random: clients that failed together do not come back together.
        return max(asked, ceiling * (1 + policy.jitter()) / 2)


def _wait(policy: RetryPolicy, seconds: float) -> None:
    ask = _ask.get()
    while ask is not None and seconds > ASK_SECONDS:
        policy.sleep(ASK_SECONDS)
        seconds -= ASK_SECONDS
        ask()
    policy.sleep(seconds)


def seconds_asked(retry_after: str | None) -> float | None:
    """The seconds of a ``Retry-After`` header, given as seconds or as a date."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after).replace(tzinfo=UTC)
    except ValueError:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
