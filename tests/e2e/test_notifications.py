"""Notifications by real workers: sent to checked addresses, also after kills."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from gala import ids
from gala.job import JobStatus
from gala.signing import Keyring
from tests.e2e.conftest import Platform
from tests.fakes.webhooks import Receiver
from tests.platform.stack import SECRET_KEY
from tests.support import http
from tests.support.wait import wait_until

pytestmark = pytest.mark.slow

WORKER = "worker-batch-1"
SECRET = Keyring(SecretStr(SECRET_KEY)).webhook_secret(ids.LOCAL_OWNER)


@pytest.fixture
def gala(killable_stack_of_one: Platform) -> Platform:
    """A stack with one worker that may post to the receivers' address."""
    return killable_stack_of_one


@pytest.fixture
def receiver() -> Receiver:
    """The receiver of the tests' notifications."""
    return Receiver()


@pytest.fixture
def hook(receiver: Receiver) -> Iterator[str]:
    """The receiver's URL."""
    with receiver.serve() as base:
        yield f"{base}/hook?from=gala"


def submitted(gala: Platform, hook: str, **job: object) -> str:
    body = {"type": "test_noop", "callback_url": hook, **job}
    answer = http.post(f"{gala.stack.base_url}/jobs", json=body, timeout=30).raise_for_status()
    job_id: str = answer.json()["job"]["id"]
    return job_id


def state(gala: Platform, job_id: str) -> str:
    found = gala.rows("SELECT state FROM notifications WHERE job_id = :id", id=job_id)
    return str(found[0][0]) if found else "none"


def until(gala: Platform, job_id: str, wanted: str) -> None:
    wait_until(lambda: state(gala, job_id) == wanted, 30, what=f"the notification being {wanted}")


def test_who_asked_is_told_and_the_link_opens(
    gala: Platform, receiver: Receiver, hook: str
) -> None:
    job = submitted(gala, hook, creation_id="c-1", metadata={"row": 7}, session_id="user-1")
    assert receiver.arrived.acquire(timeout=30)
    (body,) = receiver.verified(SECRET)
    assert (body["data"]["job_id"], body["type"]) == (job, "job.done")
    assert (body["creationId"], body["status"]) == ("c-1", "completed")
    assert (body["data"]["metadata"], body["data"]["session_id"]) == ({"row": 7}, "user-1")
    opened = http.get(body["asset_url"], timeout=30)  # unchanged, without a header
    assert (opened.status_code, len(opened.content)) == (200, 16)
    until(gala, job, "sent")


def test_a_cancel_of_the_api_is_told_while_the_worker_works(
    gala: Platform, receiver: Receiver, hook: str
) -> None:
    running = gala.film(60)
    gala.until(running, JobStatus.RUNNING)
    waiting = submitted(gala, hook)
    gala.stack.client.cancel(waiting)
    assert receiver.arrived.acquire(timeout=30)
    (body,) = receiver.verified(SECRET)
    assert (body["data"]["job_id"], body["type"]) == (waiting, "job.cancelled")
    gala.stack.client.cancel(running)
    gala.until(running, JobStatus.CANCELLED)


def test_a_worker_killed_in_the_middle_of_sending_leaves_the_news_to_another(
    gala: Platform, receiver: Receiver, hook: str
) -> None:
    receiver.doors.clear()
    job = submitted(gala, hook)
    assert receiver.arrived.acquire(timeout=30)
    gala.stack.kill_tree(WORKER)
    assert (gala.status(job), state(gala, job)) == (JobStatus.DONE, "due")
    receiver.doors.set()
    gala.rows("UPDATE notifications SET next_at = now() RETURNING id")  # as if its hold had expired
    gala.stack.start(WORKER)
    until(gala, job, "sent")
    assert len(receiver.verified(SECRET)) == 2
    assert len(set(receiver.message_ids)) == 1


def test_nothing_is_sent_to_the_inside(gala: Platform) -> None:
    canary = Receiver()
    with canary.serve() as inside:
        port = urlsplit(inside).port
        targets = [f"http://{host}:{port}/" for host in ("localhost", "localhost.", "[::1]")]
        gala.stack.kill_tree(WORKER)
        jobs = [submitted(gala, "https://example.com/hook") for _ in targets]
        # As if each had been accepted while the operator allowed it.
        for job, target in zip(jobs, targets, strict=True):
            change = "UPDATE jobs SET callback_url = :url WHERE id = :id RETURNING id"
            gala.rows(change, url=target, id=job)
        gala.stack.start(WORKER)
        for job in jobs:
            until(gala, job, "dead")
    errors = gala.rows("SELECT last_error FROM notifications WHERE job_id = ANY(:ids)", ids=jobs)
    assert all(error.startswith("URL_REFUSED") for (error,) in errors)
    assert canary.heard == []


def test_a_receiver_that_cannot_be_found_harms_no_job(gala: Platform) -> None:
    job = submitted(gala, "https://does-not-exist.example/hook")
    gala.until(job, JobStatus.DONE)
    attempted = "SELECT count(*) FROM notifications WHERE job_id = :id AND last_error IS NOT NULL"
    wait_until(lambda: gala.value(attempted, id=job) == 1, 30, what="an attempt")
    assert state(gala, job) == "due"
    gala.assert_whole(job)
