"""Grouping of addresses, valid rates, and the cost of an unavailable Redis."""

from __future__ import annotations

import asyncio
import socket

import pytest
from limits import parse
from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.requests import Request

from gala.errors import ErrorCode, RateLimited, Unauthorized
from gala.permissions import LOCAL, Principal
from gala_api.rate_limit.limiter import Limiter
from gala_api.rate_limit.settings import LimitSettings
from gala_api.rate_limit.sliding_window import PAUSE_SECONDS, RequestCounter


class Doorkeeper:
    """Accepts every credential."""

    async def principal(self, headers: Headers) -> Principal:
        if "authorization" not in headers:
            raise Unauthorized
        return LOCAL


def request(address: str | None, *, known: bool = False) -> Request:
    headers = [(b"authorization", b"Bearer x")] if known else []
    client = None if address is None else (address, 1)
    return Request({"type": "http", "headers": headers, "client": client})


class Nowhere:
    """A server that accepts connections and never responds."""

    def __enter__(self) -> str:
        self._socket = socket.create_server(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{self._socket.getsockname()[1]}/0"

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def refusals(*addresses: str | None) -> list[ErrorCode]:
    """Return how requests from these addresses are rejected, in order, at one per day."""

    async def ask() -> list[ErrorCode]:
        counter = RequestCounter("redis://127.0.0.1:1/0", prefix="test")
        limiter = Limiter(counter, owners=None, unauthenticated=parse("1/day"))
        found = []
        for address in addresses:
            with pytest.raises((Unauthorized, RateLimited)) as refused:
                await limiter.admit(request(address), Doorkeeper())
            found.append(refused.value.code)
        await limiter.aclose()
        return found

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::1", True),
        (None, "no address", True),
    ],
)
def test_an_address_is_one_of_ipv4_or_a_network_of_ipv6(
    first: str | None, second: str, *, same: bool
) -> None:
    then = ErrorCode.RATE_LIMITED if same else ErrorCode.UNAUTHORIZED
    assert refusals(first, second) == [ErrorCode.UNAUTHORIZED, then]


def test_a_silent_redis_is_asked_once_and_then_left_alone() -> None:
    now = 0.0

    async def ask(url: str) -> list[int]:
        nonlocal now
        counter = RequestCounter(url, prefix="test", clock=lambda: now)
        limiter = Limiter(counter, owners=parse("1000/day"), unauthenticated=None)
        loop, waited = asyncio.get_running_loop(), []
        for number in range(40):
            if number == 20:
                now += PAUSE_SECONDS
            begin = loop.time()
            await limiter.admit(request("192.0.2.1", known=True), Doorkeeper())
            waited.append(loop.time() - begin)
        await limiter.aclose()
        # The two longest waits are those for Redis, whatever else the machine does.
        return sorted(sorted(range(40), key=lambda n: waited[n])[-2:])

    with Nowhere() as url:
        assert asyncio.run(ask(url)) == [0, 20]


@pytest.mark.parametrize(
    "rate", ["600/minute", "10 per second", "off", "OFF", " off ", "5/2 hours"]
)
def test_a_rate_is_a_number_in_a_time_or_off(rate: str) -> None:
    assert LimitSettings(rate_limit=rate).rate_limit in {rate, "off"}


@pytest.mark.parametrize("rate", ["0/minute", "fast", "-1/minute", "600", "600/fortnight"])
def test_a_rate_that_means_nothing_is_refused(rate: str) -> None:
    with pytest.raises(ValidationError):
        LimitSettings(rate_limit=rate)
