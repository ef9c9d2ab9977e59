"""Rate limits: counted by all API processes together, or by each while Redis is down."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from gala.permissions import Role
from tests.integration.api.limits.conftest import TwoApis
from tests.platform.servers import ValkeyServer
from tests.support.wait import wait_until

RATE = 12
FAILURES = 5


LIMITS = {
    "RATE_LIMIT": f"{RATE}/day",
    "RATE_LIMIT_UNAUTHENTICATED": f"{FAILURES}/day",
    "QUOTA_JOBS_AT_ONCE": "1000",
}


@pytest.fixture(scope="module")
def valkey(servers_folder: Path) -> Iterator[ValkeyServer]:
    """The Redis of these tests; what kills it starts it again and waits for the processes."""
    server = ValkeyServer(servers_folder / "rates")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def slow(make_two_apis: Callable[..., TwoApis], valkey: ValkeyServer) -> Iterator[TwoApis]:
    """Two processes with low rates; each test uses its own owners."""
    made = make_two_apis(valkey.url(), **LIMITS)
    made.start()
    yield made
    made.close()


def statuses(clients: list[httpx.Client], count: int, path: str = "/me") -> list[int]:
    return [clients[n % len(clients)].get(path).status_code for n in range(count)]


def test_two_processes_count_together_and_each_alone_while_redis_is_away(
    slow: TwoApis, valkey: ValkeyServer
) -> None:
    ask = slow.clients(slow.key("counted"))
    first = ask[0].get("/me")
    assert first.headers["RateLimit-Policy"] == f'"default";q={RATE};w=86400'
    assert re.fullmatch(rf'"default";r={RATE - 1};t=[1-9][0-9]*', first.headers["RateLimit"])
    assert "Retry-After" not in first.headers
    assert statuses(ask, RATE + 3) == [200] * (RATE - 1) + [429] * 4

    refused = ask[1].post("/jobs", json={"params": {"text": "hello"}})
    assert refused.status_code == 429
    assert refused.headers["RateLimit"].startswith('"default";r=0;t=')
    seconds = int(refused.headers["Retry-After"])
    assert 0 < seconds <= 86400
    error = refused.json()["error"]
    assert (error["code"], error["details"]["limit"]) == ("RATE_LIMITED", RATE)
    assert error["details"]["retry_after_seconds"] == seconds

    # Public routes and signed links are neither counted nor limited.
    assert statuses(ask, RATE + 1, "/livez") == [204] * (RATE + 1)
    assert ask[0].get("/readyz").is_success
    health = ask[0].get("/health")
    assert (health.status_code, "RateLimit" in health.headers) == (200, False)
    # Another owner has a separate rate.
    assert statuses(slow.clients(slow.key("other")), 2) == [200] * 2

    valkey.process.kill()
    job = {"params": {"text": "hello"}}
    accepted = [ask[n % 2].post("/jobs", json=job).status_code for n in range(2 * RATE + 4)]
    assert Counter(accepted) == {201: 2 * RATE, 429: 4}, "each process counts its own"

    valkey.start()
    wait_until(lambda: count_together(slow), 20, what="the processes counting together again")


_numbers = itertools.count(1)


def count_together(apis: TwoApis) -> bool:
    """Return True if the second process knows of a request that the first one answered."""
    ask = apis.clients(apis.key(f"counted-{next(_numbers)}"))
    first, second = (client.get("/me").headers["RateLimit"] for client in ask)
    return f"r={RATE - 1};" in first and f"r={RATE - 2};" in second


def test_failures_of_an_address_are_slowed_down_and_a_valid_key_from_there_is_not(
    slow: TwoApis,
) -> None:
    strangers = slow.clients("gala_no-key-at-all")
    assert statuses(strangers, FAILURES + 3) == [401] * FAILURES + [429] * 3
    refused = strangers[0].get("/me")
    assert refused.headers["RateLimit-Policy"] == f'"unauthenticated";q={FAILURES};w=86400'
    assert int(refused.headers["Retry-After"]) > 0
    assert statuses(slow.clients(None), 2) == [429] * 2
    assert statuses(slow.clients(slow.key("viewer", Role.VIEWER)), RATE) == [200] * RATE


def test_a_signed_link_is_nobodys_and_stays_open(slow: TwoApis) -> None:
    ask = slow.clients(slow.key("studio"))
    files = {"file": ("a.bin", b"bytes")}
    asset = ask[0].post("/assets", files=files, data={"kind": "other"}).json()["asset"]
    link = ask[0].get(f"/assets/{asset['id']}/url").json()["url"]
    path = link[link.index("/assets") :]
    assert statuses(ask, RATE) == [200] * (RATE - 2) + [429] * 2
    for number in range(RATE + 1):
        answer = slow.clients()[number % 2].get(path)
        assert (answer.status_code, answer.content) == (200, b"bytes")
        assert "RateLimit" not in answer.headers


def test_pages_of_other_origins_may_read_how_they_stand(slow: TwoApis) -> None:
    origin = "http://localhost:8081"
    (client, _) = slow.clients(slow.key("page"))
    port = slow.stack.services.swagger_port
    answer = client.get("/me", headers={"Origin": origin.replace("8081", str(port))})
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed.split(", "))
