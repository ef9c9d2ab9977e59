"""Quotas: of concurrent requests exactly the allowed number pass, and counts stay exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gala.db import quotas
from gala.db.engine import transaction
from gala.db.quotas import QuotaLimits
from gala.db.tables import Job
from gala.errors import ErrorCode
from gala.ids import BUILTIN_OWNER
from gala.job import JobFailure, JobStatus, Lane
from gala.job_queue import lease
from gala.permissions import Role
from tests.integration.api.limits.conftest import TwoApis

SOME_BYTES = b"\x89some bytes that are no media" * 40


@pytest.fixture
def ask(two_apis: TwoApis, owner: str) -> list[httpx.Client]:
    """The owner's clients, one for each process."""
    return two_apis.clients(two_apis.key(owner))


@pytest.fixture
def limit(two_apis: TwoApis, owner: str) -> Callable[..., Any]:
    """Set the owner's limits."""
    (admin, _) = two_apis.clients(two_apis.key("root", Role.ADMIN))

    def put(**own: int | None) -> Any:
        answer = admin.put(f"/quotas/{owner}", json=own)
        assert answer.status_code == 200, answer.text
        return answer.json()["quota"]

    return put


def post_job(client: httpx.Client, **headers: str) -> httpx.Response:
    return client.post("/jobs", json={"params": {"text": "hello"}}, headers=headers)


def upload(client: httpx.Client, content: bytes = SOME_BYTES) -> httpx.Response:
    return client.post("/assets", files={"file": ("a.bin", content)}, data={"kind": "other"})


def outcomes(answers: list[httpx.Response]) -> Counter[str]:
    return Counter(
        str(answer.status_code) if answer.is_success else answer.json()["error"]["code"]
        for answer in answers
    )


def at_once(
    send: Callable[[httpx.Client], httpx.Response], clients: list[httpx.Client], count: int
) -> list[httpx.Response]:
    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(lambda n: send(clients[n % len(clients)]), range(count)))


def claim(two_apis: TwoApis, owner: str) -> tuple[Job, lease.Lease]:
    """Start the owner's next job, as a worker does."""
    with transaction(two_apis.sessions) as session:
        while True:
            claimed = lease.claim(
                session, lane=Lane.BATCH, worker="a test's", lease=timedelta(minutes=5)
            )
            assert claimed is not None
            if claimed[0].owner_id == owner:
                return claimed


def fail(two_apis: TwoApis, owner: str) -> str:
    """Start the owner's next job, let it fail finally, and return its id."""
    job, held = claim(two_apis, owner)
    error = JobFailure(
        code=ErrorCode.RENDER_FAILED, message="as the test wants", step="rendering", retryable=False
    )
    with transaction(two_apis.sessions) as session:
        status = lease.fail(session, held, error, max_failures=1, backoff=timedelta(0))
    assert status is JobStatus.FAILED
    return job.id


def stored(two_apis: TwoApis) -> tuple[set[str], set[Path]]:
    """Return the objects in the database, and the files in storage."""
    with transaction(two_apis.sessions) as session:
        keys = set(session.scalars(text("SELECT object_key FROM objects")).all())
    return keys, {one for one in two_apis.stack.services.storage_root.rglob("*") if one.is_file()}


def test_of_a_hundred_jobs_at_once_two_processes_accept_exactly_ten(
    two_apis: TwoApis, ask: list[httpx.Client], limit: Callable[..., Any], owner: str
) -> None:
    limit(jobs_at_once=10)
    answers = at_once(post_job, ask, 100)
    assert outcomes(answers) == {"201": 10, "QUOTA_EXCEEDED": 90}
    refused = next(one for one in answers if one.status_code == 403).json()["error"]
    assert refused["details"] == {
        "quota": "jobs_at_once",
        "limit": 10,
        "used": 10,
        "hint": "Wait until a job has ended, or cancel one.",
    }
    listed = ask[0].get("/jobs?limit=200").json()["jobs"]
    assert len(listed) == 10


@pytest.mark.parametrize("quota", ["jobs_per_day", "minutes_per_day"])
def test_of_many_jobs_at_once_no_more_are_accepted_than_the_day_allows(
    ask: list[httpx.Client], limit: Callable[..., Any], quota: str
) -> None:
    limit(**{quota: 3})
    answers = at_once(post_job, ask, 20)
    assert outcomes(answers) == {"201": 3, "QUOTA_EXCEEDED": 17}
    details = next(one for one in answers if one.status_code == 403).json()["error"]["details"]
    assert details["quota"] == quota
    assert details["renews_at"].endswith("T00:00:00Z")


def test_what_fails_or_is_cancelled_is_given_back_at_once(
    two_apis: TwoApis, ask: list[httpx.Client], limit: Callable[..., Any], owner: str
) -> None:
    limit(jobs_at_once=2, jobs_per_day=2)
    first, _ = post_job(ask[0]), post_job(ask[1])
    assert post_job(ask[0]).status_code == 403
    fail(two_apis, owner)
    assert post_job(ask[1]).status_code == 201
    assert post_job(ask[0]).status_code == 403
    waiting = [job["id"] for job in ask[0].get("/jobs?status=QUEUED").json()["jobs"]]
    assert ask[0].post(f"/jobs/{waiting[0]}/cancel").status_code == 200
    assert outcomes(at_once(post_job, ask, 10)) == {"201": 1, "QUOTA_EXCEEDED": 9}
    assert first.status_code == 201


def test_the_same_request_again_takes_nothing_more(
    ask: list[httpx.Client], limit: Callable[..., Any]
) -> None:
    limit(jobs_at_once=1, jobs_per_day=1)
    key = {"Idempotency-Key": "once"}
    answers = at_once(lambda client: post_job(client, **key), ask, 10)
    assert outcomes(answers) == {"201": 10}
    assert len({one.json()["job"]["id"] for one in answers}) == 1


def test_a_job_is_retried_only_if_there_is_room_for_it(
    two_apis: TwoApis, ask: list[httpx.Client], limit: Callable[..., Any], owner: str
) -> None:
    limit(jobs_at_once=1)
    post_job(ask[0])
    failed = fail(two_apis, owner)
    other = post_job(ask[0]).json()["job"]["id"]
    assert ask[1].post(f"/jobs/{failed}/retry").json()["error"]["code"] == "QUOTA_EXCEEDED"
    ask[0].post(f"/jobs/{other}/cancel")
    retried = at_once(lambda client: client.post(f"/jobs/{failed}/retry"), ask, 5)
    assert outcomes(retried) == {"200": 1, "INVALID_JOB_STATE": 4}
    assert post_job(ask[0]).status_code == 403


def test_minutes_are_those_that_attempts_took_today(
    two_apis: TwoApis, ask: list[httpx.Client], limit: Callable[..., Any], owner: str
) -> None:
    limit(minutes_per_day=100)
    post_job(ask[0])
    fail(two_apis, owner)
    # From five minutes before midnight to three after: the part before does not count.
    move = text("""
        UPDATE job_attempts SET started_at = day - interval '5 minutes',
            finished_at = day + interval '3 minutes'
        FROM (SELECT date_trunc('day', now(), 'UTC') AS day) AS today WHERE owner_id = :owner
    """)
    with transaction(two_apis.sessions) as session:
        session.execute(move, {"owner": owner})
    post_job(ask[0])
    used = ask[0].get("/me/quota").json()["quota"]["usage"]
    assert used["minutes_per_day"] == 4, "three that ran, and one set aside for the job that waits"
    limit(minutes_per_day=4)
    assert post_job(ask[0]).json()["error"]["details"]["quota"] == "minutes_per_day"


def test_of_many_uploads_at_once_no_more_is_kept_than_is_allowed(
    two_apis: TwoApis, ask: list[httpx.Client], limit: Callable[..., Any], owner: str
) -> None:
    limit(bytes_stored=10 * len(SOME_BYTES) + len(SOME_BYTES) // 2)
    before = stored(two_apis)
    answers = at_once(upload, ask, 40)
    assert outcomes(answers) == {"201": 10, "QUOTA_EXCEEDED": 30}
    kept = [one.json()["asset"] for one in answers if one.is_success]
    usage = ask[0].get("/me/quota").json()["quota"]["usage"]
    assert usage["bytes_stored"] == 10 * len(SOME_BYTES)
    known, files = (now - then for now, then in zip(stored(two_apis), before, strict=True))
    assert known == {one["object_key"] for one in kept}, "what was refused is gone"
    assert len(files) == 10
    # Deleting frees quota, also for a job.
    for one in kept:
        assert ask[0].delete(f"/assets/{one['id']}").status_code == 204
    assert upload(ask[1]).status_code == 201
    limit(bytes_stored=len(SOME_BYTES))
    assert post_job(ask[0]).json()["error"]["details"]["quota"] == "bytes_stored"


def test_an_upload_that_is_plainly_too_large_says_how_much_room_there_is(
    ask: list[httpx.Client], limit: Callable[..., Any]
) -> None:
    limit(bytes_stored=1000)
    refused = upload(ask[0], b"x" * (4 * 1024 * 1024)).json()["error"]
    assert (refused["code"], refused["details"]["left"]) == ("QUOTA_EXCEEDED", 1000)
    assert upload(ask[0], b"x" * 1000).status_code == 201
    assert upload(ask[0], b"x").json()["error"]["details"]["used"] == 1000


def test_one_owner_does_not_use_up_what_is_anothers(
    two_apis: TwoApis, ask: list[httpx.Client], limit: Callable[..., Any]
) -> None:
    limit(jobs_at_once=1)
    assert outcomes(at_once(post_job, ask, 2)) == {"201": 1, "QUOTA_EXCEEDED": 1}
    others = two_apis.clients(two_apis.key("somebody-else"))
    assert outcomes(at_once(post_job, others, 4)) == {"201": 4}


def test_without_limits_nobody_is_counted(
    two_apis: TwoApis, ask: list[httpx.Client], owner: str
) -> None:
    assert post_job(ask[0]).status_code == 201
    with transaction(two_apis.sessions) as session:
        rows = text("SELECT count(*) FROM owners WHERE id = :owner")
        assert session.scalar(rows, {"owner": owner}) == 0


def test_limits_are_set_listed_and_left_to_the_defaults_again(
    two_apis: TwoApis, ask: list[httpx.Client], limit: Callable[..., Any], owner: str
) -> None:
    quota = limit(jobs_at_once=3, bytes_stored=2**40)
    assert quota["own"] == quota["limits"]
    assert quota["limits"] == {
        "jobs_at_once": 3,
        "jobs_per_day": None,
        "minutes_per_day": None,
        "bytes_stored": 2**40,
    }
    (admin, _) = two_apis.clients(two_apis.key("root", Role.ADMIN))
    listed = {one["owner_id"]: one for one in admin.get("/quotas?limit=200").json()["quotas"]}
    assert listed[owner]["own"] == quota["own"]
    assert admin.get(f"/quotas/{owner}").json()["quota"]["limits"]["jobs_at_once"] == 3
    limit()
    assert owner not in {one["owner_id"] for one in admin.get("/quotas").json()["quotas"]}
    assert ask[0].get("/me/quota").json()["quota"]["limits"]["jobs_at_once"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"jobs_at_once": -1}, "jobs_at_once"),
        ({"jobs_at_once": "3"}, "jobs_at_once"),
        ({"jobs_per_day": 2**31}, "jobs_per_day"),
        ({"bytes_stored": 2**63}, "bytes_stored"),
        ({"minutes_per_day": 1.5}, "minutes_per_day"),
        ({"jobs": 1}, "jobs"),
        ([], "body"),
    ],
)
def test_a_bad_limit_is_refused_by_its_name(two_apis: TwoApis, body: Any, field: str) -> None:
    (admin, _) = two_apis.clients(two_apis.key("root", Role.ADMIN))
    answer = admin.put("/quotas/anybody", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["details"]["field"] == field


@pytest.mark.parametrize("name", [BUILTIN_OWNER, "%20", "a%00b", "x" * 129, "-"])
def test_there_is_no_quota_of_who_cannot_be_an_owner(two_apis: TwoApis, name: str) -> None:
    (admin, _) = two_apis.clients(two_apis.key("root", Role.ADMIN))
    assert admin.get(f"/quotas/{name}").status_code == 404
    assert admin.put(f"/quotas/{name}", json={}).status_code == 404


def test_an_owners_own_limits_go_before_the_defaults(two_apis: TwoApis, owner: str) -> None:
    defaults = QuotaLimits(jobs_at_once=5, minutes_per_day=60)
    with transaction(two_apis.sessions) as session:
        assert quotas.effective(session, owner, defaults) == defaults
        quotas.keep(session, owner, QuotaLimits(jobs_at_once=50))
        found = quotas.effective(session, owner, defaults)
    assert found == QuotaLimits(jobs_at_once=50, minutes_per_day=60)
