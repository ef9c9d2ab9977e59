"""Many concurrent callers on two workers: jobs are done exactly once, and shared fairly."""

from __future__ import annotations

import asyncio
import secrets
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, text

from bench.platform.report import Figure, Section, seconds
from bench.platform.setup import REQUEST_SECONDS, Bench, running, wait_until
from gala.db import api_keys
from gala.db.engine import make_sessions, transaction
from gala.job import Lane
from gala.permissions import Role
from gala.signing import Keyring
from gala.supervisor import free_port
from gala.supervisor.stack import Stack

CALLERS, JOBS = 50, 1000
WORKERS = 2
CROWD_BEFORE = 500
ROUNDS = 5

_METHOD = (
    f"{JOBS} no-op jobs of {CALLERS} callers with an API key each, all sending at once,"
    f" {WORKERS} workers running; from the first request to the last job's end. Done: exactly one"
    " attempt and one set of assets. Wait: a caller's mean from accepted to started.\n"
    "Jain's index over the callers' finished jobs when half of all are: 1 is equal shares,"
    f" {1 / CALLERS:g} is one caller only.\n"
    f"A newcomer sends one job while {CROWD_BEFORE} of another caller wait: POST to DONE, the"
    f" median of {ROUNDS}; alone: without other jobs. In the order of arrival it would wait"
    " until those were done."
)


@dataclass(frozen=True, slots=True)
class Caller:
    """An owner and the authorization header of its key."""

    owner: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Crowd:
    """An API that requires keys, and its callers."""

    url: str
    engine: Engine
    callers: Sequence[Caller]


def measure(bench: Bench) -> Section:
    """Measure a thousand concurrent jobs, then a newcomer behind five hundred."""
    with _crowd(bench) as crowd:
        with _workers(bench.services):
            figures = [*_at_once(crowd), _newcomer(crowd, "newcomer, alone")]
        _crowd_together(crowd)
        with _workers(bench.services):
            figures += _newcomer_behind(crowd)
    return Section(title="Many callers at once", method=_METHOD, figures=figures)


@contextmanager
def _crowd(bench: Bench) -> Iterator[Crowd]:
    secret = secrets.token_urlsafe(32)
    environment = {
        **bench.services.environment,
        "AUTH_MODE": "keys",
        "GALA_SECRET_KEY": secret,
        # Only the queue is measured, without the rate limits of callers.
        "RATE_LIMIT": "off",
    }
    services = replace(bench.services, api_port=free_port(), environment=environment)
    engine = create_engine(bench.services.database_url)
    callers = _callers(engine, Keyring(SecretStr(secret)))
    with running(services.api()):
        yield Crowd(services.api_url, engine, callers)
    engine.dispose()


def _callers(engine: Engine, keyring: Keyring) -> list[Caller]:
    made = []
    with transaction(make_sessions(engine)) as session:
        for number in range(CALLERS):
            grant = api_keys.Grant(owner_id=f"caller-{number}", role=Role.EDITOR)
            _, token = api_keys.create(session, keyring, grant, name="bench")
            bearer = {"Authorization": f"Bearer {token.get_secret_value()}"}
            made.append(Caller(grant.owner_id, bearer))
    return made


@contextmanager
def _workers(services: Stack) -> Iterator[None]:
    two = replace(services, slots={Lane.BATCH: WORKERS})
    with ExitStack() as stack:
        started = [stack.enter_context(running(program)) for program in two.workers()]
        wait_until(lambda: all(any("worker ready" in s for s in w.tail) for w in started))
        yield


def _at_once(crowd: Crowd) -> Sequence[Figure]:
    accepted = asyncio.run(_all_send(crowd))
    wait_until(lambda: _live(crowd) == 0, timeout_seconds=600)
    with crowd.engine.begin() as connection:
        rows = connection.execute(_ENDS, {"ids": accepted}).all()
    whole = [row for row in rows if row.status == "DONE" and row.attempt == row.sets == 1]
    took = (max(row.finished_at for row in rows) - min(row.created_at for row in rows)).seconds
    return (
        Figure(what="accepted", unit="jobs", ours=len(accepted)),
        Figure(what="done, exactly once", unit="%", ours=100 * len(whole) / JOBS, at_least=99.9),
        Figure(what="throughput", unit="jobs/s", ours=len(rows) / max(took, 1)),
        *_shares(rows),
    )


_ENDS = text("""
    SELECT owner_id, status, attempt, created_at, started_at, finished_at,
        (SELECT count(*) FROM job_outputs WHERE job_id = jobs.id) AS sets
    FROM jobs WHERE id = ANY(:ids) ORDER BY finished_at
""")


def _shares(rows: Sequence[Any]) -> Iterator[Figure]:
    waits: dict[str, list[float]] = {}
    for row in rows:
        waits.setdefault(row.owner_id, []).append(_between(row.created_at, row.started_at))
    means = [statistics.fmean(each) for each in waits.values()]
    half = Counter(row.owner_id for row in rows[: len(rows) // 2])
    yield Figure(what="shortest mean wait of a caller", unit="s", ours=min(means))
    yield Figure(what="longest mean wait of a caller", unit="s", ours=max(means))
    counts = [half[owner] for owner in waits]
    yield Figure(what="Jain's index at half time", unit="", ours=_jain(counts), at_least=0.95)


def _jain(shares: Sequence[int]) -> float:
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def _between(earlier: datetime, later: datetime) -> float:
    return (later - earlier).total_seconds()


def _live(crowd: Crowd) -> int:
    statement = text("SELECT count(*) FROM jobs WHERE status IN ('QUEUED', 'RUNNING')")
    with crowd.engine.begin() as connection:
        live: int = connection.execute(statement).scalar_one()
        return live


async def _all_send(crowd: Crowd) -> list[str]:
    limits = httpx.Limits(max_connections=CALLERS)
    async with httpx.AsyncClient(
        base_url=crowd.url, timeout=REQUEST_SECONDS, trust_env=False, limits=limits
    ) as client:
        each = [_sends(client, caller, JOBS // CALLERS) for caller in crowd.callers]
        return [job_id for job_ids in await asyncio.gather(*each) for job_id in job_ids]


async def _sends(client: httpx.AsyncClient, caller: Caller, count: int) -> list[str]:
    sent = [
        await client.post("/jobs", json={"type": "test_noop"}, headers=caller.headers)
        for _ in range(count)
    ]
    return [answer.raise_for_status().json()["job"]["id"] for answer in sent]


def _newcomer(crowd: Crowd, what: str) -> Figure:
    with _client(crowd) as client:
        took = [seconds(lambda: _done(client, crowd.callers[0])) for _ in range(ROUNDS)]
    return Figure(what=what, unit="s", ours=statistics.median(took))


def _crowd_together(crowd: Crowd) -> None:
    """Submit the jobs while no worker runs, so that all of them wait."""
    with _client(crowd) as client:
        for _ in range(CROWD_BEFORE):
            _send(client, crowd.callers[1])


def _newcomer_behind(crowd: Crowd) -> Sequence[Figure]:
    before, began = _live(crowd), time.perf_counter()
    newcomer = _newcomer(crowd, f"newcomer behind another's {before}")
    wait_until(lambda: _live(crowd) == 0, timeout_seconds=600)
    return newcomer, Figure(what="those take", unit="s", ours=time.perf_counter() - began)


def _client(crowd: Crowd) -> httpx.Client:
    return httpx.Client(base_url=crowd.url, timeout=REQUEST_SECONDS, trust_env=False)


def _send(client: httpx.Client, caller: Caller, **headers: str) -> dict[str, Any]:
    answer = client.post("/jobs", json={"type": "test_noop"}, headers={**caller.headers, **headers})
    job: dict[str, Any] = answer.raise_for_status().json()["job"]
    return job


def _done(client: httpx.Client, caller: Caller) -> None:
    job = _send(client, caller, Prefer="wait=60")
    if job["status"] != "DONE":
        raise RuntimeError(f"the job is {job['status']}: {job['error']}")
