"""Notifications of ended jobs: signed, delivered at least once, always with the same id."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select, text, update
from standardwebhooks import WebhookVerificationError

from gala import ids
from gala.db import stored_objects
from gala.db.engine import Sessions, transaction
from gala.db.tables import Asset, Job, Notification
from gala.errors import ErrorCode, FetchFailed, UrlRefused
from gala.job import JobFailure, Lane
from gala.job_queue import jobs
from gala.job_queue import lease as leases
from gala.job_queue import outbox as notifications
from gala.signing import Keyring
from gala_worker.webhooks import MAX_ATTEMPTS, PAUSES, Links, Notifier, Post
from tests.fakes.webhooks import Receiver
from tests.integration.worker.conftest import queued
from tests.support import http
from tests.support.wait import wait_until

KEYRING = Keyring(SecretStr("only these tests sign their webhooks with this"))
SECRET = KEYRING.webhook_secret(ids.LOCAL_OWNER)
BASE_URL = "https://gala.example.com"
FAILURE = JobFailure(code=ErrorCode.RENDER_FAILED, message="no")


def plain_post(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> int:
    """Post like the real one, without the address checks."""
    try:
        answer = http.post(url, content=body, headers=dict(headers), timeout=seconds)
    except httpx.TransportError as error:
        raise FetchFailed(str(error)) from error
    return answer.status_code


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def url(receiver: Receiver) -> Iterator[str]:
    with receiver.serve() as base:
        yield f"{base}/hook"


Hire = Callable[..., Notifier]


@pytest.fixture
def hire(sessions: Sessions) -> Iterator[Hire]:
    """Start notifiers; stop them at the end."""
    with ExitStack() as at_work:

        def make(post: Post = plain_post, keyring: Keyring | None = KEYRING) -> Notifier:
            notifier = Notifier(sessions, keyring, Links(BASE_URL, 3600), post)
            notifier.start()
            at_work.callback(notifier.stop)
            return notifier

        yield make


def submitted(sessions: Sessions, url: str | None, **columns: Any) -> Job:
    with transaction(sessions) as session:
        return queued(session, callback_url=url, **columns)


def claimed(sessions: Sessions, seconds: float = 60) -> leases.Lease:
    with transaction(sessions) as session:
        taken = leases.claim(session, lane=Lane.BATCH, worker="w", lease=timedelta(seconds=seconds))
    assert taken is not None
    return taken[1]


def ended(sessions: Sessions, url: str | None, **columns: Any) -> str:
    """Submit a job and cancel it in the queue."""
    job = submitted(sessions, url, **columns)
    with transaction(sessions) as session:
        jobs.request_cancel(session, job.id, job.owner_id)
    return job.id


def finished(sessions: Sessions, lease: leases.Lease) -> str:
    """Finish the job with one asset."""
    asset = Asset(
        id=ids.new_id(ids.Prefix.ASSET),
        owner_id=ids.LOCAL_OWNER,
        kind="other",
        provider="memory",
        object_key=lease.job_id,
        mime="video/mp4",
        size_bytes=1,
        sha256="0" * 64,
        job_id=lease.job_id,
    )
    with transaction(sessions) as session:
        stored_objects.reserve(
            session, "memory", asset.object_key, asset.object_key, job_id=lease.job_id
        )
        leases.finish(session, lease, [("video", asset)])
        stored_objects.commit(session, "memory", asset.object_key)
    return asset.id


def outbox(sessions: Sessions) -> list[Notification]:
    with transaction(sessions) as session:
        return list(session.scalars(select(Notification).order_by(Notification.id)))


def the_one(sessions: Sessions) -> Notification:
    (row,) = outbox(sessions)
    return row


def due_now(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        session.execute(update(Notification).values(next_at=text("now()")))


def all_sent(sessions: Sessions) -> bool:
    return all(row.state == "sent" for row in outbox(sessions))


def test_a_finished_job_is_told_with_what_it_made_and_a_link_that_holds(
    sessions: Sessions, receiver: Receiver, url: str, hire: Hire
) -> None:
    job = submitted(
        sessions, url, creation_id="c-1", client_metadata={"row": 7}, session_id="user-1"
    )
    asset_id = finished(sessions, claimed(sessions))
    hire()
    wait_until(lambda: all_sent(sessions), 10, what="the delivery")

    (body,) = receiver.verified(SECRET)
    data = body["data"]
    assert body["type"] == "job.done"
    assert datetime.fromisoformat(body["timestamp"]).utcoffset() == timedelta(0)
    assert (data["job_id"], data["status"], data["type"]) == (job.id, "DONE", "test_noop")
    assert (data["session_id"], data["creation_id"]) == ("user-1", "c-1")
    assert (data["metadata"], data["error"], data["outputs"]) == ({"row": 7}, None, [asset_id])
    # Clients of the process service read flat fields.
    assert (body["creationId"], body["status"]) == ("c-1", "completed")
    assert body["asset_url"] == data["asset_url"]
    link = urlsplit(body["asset_url"])
    query = {name: values[0] for name, values in parse_qs(link.query).items()}
    assert body["asset_url"].startswith(f"{BASE_URL}/assets/{asset_id}/content?")
    assert KEYRING.is_content_signature(query["signature"], asset_id, int(query["expires"]))
    assert int(query["expires"]) > time.time()


def test_a_failed_job_is_told_with_its_error(
    sessions: Sessions, receiver: Receiver, url: str, hire: Hire
) -> None:
    submitted(sessions, url)
    lease = claimed(sessions)
    with transaction(sessions) as session:
        leases.fail(session, lease, FAILURE, max_failures=1, backoff=timedelta(0))
    hire()
    wait_until(lambda: all_sent(sessions), 10, what="the delivery")
    (body,) = receiver.verified(SECRET)
    assert (body["type"], body["status"], body["data"]["outputs"]) == ("job.failed", "failed", [])
    assert body["data"]["error"]["code"] == "RENDER_FAILED"
    assert "asset_url" not in body


def cancel_waiting(sessions: Sessions, job: Job) -> None:
    with transaction(sessions) as session:
        jobs.request_cancel(session, job.id, job.owner_id)


def cancel_running(sessions: Sessions, job: Job) -> None:
    lease = claimed(sessions)
    cancel_waiting(sessions, job)
    with transaction(sessions) as session:
        leases.cancel(session, lease)


def cancel_and_lose_the_worker(sessions: Sessions, job: Job) -> None:
    claimed(sessions, seconds=0)
    cancel_waiting(sessions, job)
    with transaction(sessions) as session:
        assert jobs.expire_leases(session, max_crashes=3) == [job.id]


def lose_the_worker(sessions: Sessions, job: Job) -> None:
    claimed(sessions, seconds=0)
    with transaction(sessions) as session:
        assert jobs.expire_leases(session, max_crashes=1) == [job.id]


@pytest.mark.parametrize(
    ("end", "expected_type"),
    [
        (cancel_waiting, "job.cancelled"),
        (cancel_running, "job.cancelled"),
        (cancel_and_lose_the_worker, "job.cancelled"),
        (lose_the_worker, "job.failed"),
    ],
)
def test_every_way_to_end_is_told_once(
    sessions: Sessions, end: Callable[[Sessions, Job], None], expected_type: str
) -> None:
    job = submitted(sessions, "https://example.com/hook")
    end(sessions, job)
    assert the_one(sessions).body["type"] == expected_type


def test_what_has_not_ended_or_was_not_asked_for_is_not_told(sessions: Sessions) -> None:
    ended(sessions, None)
    submitted(sessions, "https://example.com/hook")
    lease = claimed(sessions)
    again = FAILURE.model_copy(update={"retryable": True})
    with transaction(sessions) as session:
        leases.fail(session, lease, again, max_failures=3, backoff=timedelta(0))
    assert outbox(sessions) == []


def test_news_of_an_end_that_was_rolled_back_does_not_exist(sessions: Sessions) -> None:
    job = submitted(sessions, "https://example.com/hook")
    with sessions() as session:
        jobs.request_cancel(session, job.id, job.owner_id)
        session.rollback()
    assert outbox(sessions) == []


def test_a_receiver_that_was_down_gets_it_later_under_the_same_id(
    sessions: Sessions, receiver: Receiver, url: str, hire: Hire
) -> None:
    receiver.statuses = [503, 302]
    ended(sessions, url)
    hire()
    for attempt, error in enumerate(("HTTP 503", "HTTP 302"), start=1):
        wait_until(partial(failed_with, sessions, error), 10, what=error)
        row = the_one(sessions)
        assert (row.state, row.attempts) == ("due", attempt)
        wait = row.next_at - datetime.now(UTC)
        assert PAUSES[attempt - 1] * 0.5 < wait < PAUSES[attempt - 1] * 1.25
        due_now(sessions)
    wait_until(lambda: all_sent(sessions), 10, what="the delivery")
    assert receiver.message_ids == [the_one(sessions).id] * 3
    assert len(receiver.verified(SECRET)) == 3
    assert the_one(sessions).last_error is None


def failed_with(sessions: Sessions, error: str) -> bool:
    return the_one(sessions).last_error == error


def test_it_is_given_up_after_three_days_of_attempts(sessions: Sessions, hire: Hire) -> None:
    assert timedelta(days=3) < sum(PAUSES, timedelta(0)) < timedelta(days=4)
    ended(sessions, "http://127.0.0.1:9/hook")
    with transaction(sessions) as session:
        session.execute(update(Notification).values(attempts=MAX_ATTEMPTS - 1))
    hire()
    wait_until(lambda: the_one(sessions).state == "dead", 10, what="giving up")
    assert the_one(sessions).attempts == MAX_ATTEMPTS
    assert (the_one(sessions).last_error or "").startswith("FETCH_FAILED")


def test_a_receiver_that_is_gone_gets_no_more(
    sessions: Sessions, receiver: Receiver, url: str, hire: Hire
) -> None:
    receiver.statuses = [410]
    later = timedelta(hours=1)
    for _ in range(2):
        ended(sessions, url)
    other = ended(sessions, url, owner_id="other")
    with transaction(sessions) as session:
        first, *rest = session.scalars(select(Notification).order_by(Notification.id))
        for row in rest:
            row.next_at = row.next_at + later
    hire()
    wait_until(lambda: len({row.state for row in outbox(sessions)}) == 2, 10, what="the end")
    states = {row.job_id: row.state for row in outbox(sessions)}
    assert states.pop(other) == "due"
    assert set(states.values()) == {"dead"}
    assert receiver.message_ids == [first.id]


def test_a_url_that_is_refused_is_given_up_at_once(sessions: Sessions, hire: Hire) -> None:
    def refusing(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> int:
        raise UrlRefused(f"{url} leads inside")

    ended(sessions, "http://inside.example.com/")
    hire(refusing)
    wait_until(lambda: the_one(sessions).state == "dead", 10, what="giving up")
    assert (the_one(sessions).last_error or "").startswith("URL_REFUSED")


def test_what_a_dead_sender_had_taken_is_sent_by_another(
    sessions: Sessions, receiver: Receiver, url: str, hire: Hire
) -> None:
    ended(sessions, url)
    with transaction(sessions) as session:
        taken = notifications.take(
            session, hold=timedelta(seconds=0.2), max_attempts=MAX_ATTEMPTS, except_owners=[]
        )
    assert taken is not None
    hire()
    wait_until(lambda: all_sent(sessions), 10, what="the delivery")
    assert receiver.message_ids == [taken.id]
    # The worker that was believed dead resumes; its result is ignored.
    with transaction(sessions) as session:
        notifications.give_up(session, taken, "late")
    assert the_one(sessions).state == "sent"


def test_several_senders_send_each_once(
    sessions: Sessions, receiver: Receiver, url: str, hire: Hire
) -> None:
    for number in range(40):
        ended(sessions, url, owner_id=f"owner-{number % 7}")
    for _ in range(3):
        hire()
    wait_until(lambda: all_sent(sessions), 20, what="all deliveries")
    assert sorted(receiver.message_ids) == [row.id for row in outbox(sessions)]


def test_one_owners_slow_receiver_does_not_keep_the_others_waiting(
    sessions: Sessions, receiver: Receiver, url: str, hire: Hire
) -> None:
    slow, quick = receiver, Receiver()
    slow.doors.clear()
    for _ in range(30):
        ended(sessions, url, owner_id="slow")
    hire()
    assert slow.arrived.acquire(timeout=10)
    with quick.serve() as quick_url:
        ended(sessions, quick_url, owner_id="quick")
        assert quick.arrived.acquire(timeout=10)
    assert len(slow.heard) <= 4
    slow.doors.set()
    wait_until(lambda: all_sent(sessions), 20, what="all deliveries")


def test_a_job_that_ends_wakes_its_worker(
    sessions: Sessions, receiver: Receiver, url: str, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gala_worker.webhooks._POLL_SECONDS", 60.0)
    notifier = hire()
    ended(sessions, url)
    notifier.wake()
    assert receiver.arrived.acquire(timeout=10)


def test_a_worker_without_a_secret_says_at_its_start_that_it_sends_nothing(
    hire: Hire, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        hire()
        assert "GALA_SECRET_KEY" not in caplog.text
        hire(keyring=None)
    assert "notifications (callback_url) are not sent" in caplog.text


def test_without_a_secret_the_news_wait_and_the_log_says_what_to_set(
    sessions: Sessions,
    receiver: Receiver,
    url: str,
    hire: Hire,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ended(sessions, url)
    with caplog.at_level(logging.WARNING):
        hire(keyring=None)
        wait_until(lambda: "wait because they cannot be" in caplog.text, 10, what="the warning")
    assert (the_one(sessions).state, the_one(sessions).attempts) == ("due", 0)
    hire()
    wait_until(lambda: all_sent(sessions), 10, what="the delivery")
    assert len(receiver.verified(SECRET)) == 1


def test_a_secret_is_worth_nothing_to_another_owner(
    sessions: Sessions, receiver: Receiver, url: str, hire: Hire
) -> None:
    ended(sessions, url, owner_id="ada")
    hire()
    wait_until(lambda: all_sent(sessions), 10, what="the delivery")
    assert len(receiver.verified(KEYRING.webhook_secret("ada"))) == 1
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        receiver.verified(KEYRING.webhook_secret("eve"))


def test_the_lag_is_that_of_the_oldest_that_is_due(sessions: Sessions) -> None:
    ended(sessions, "https://example.com/hook")
    ended(sessions, "https://example.com/hook")
    with transaction(sessions) as session:
        first, second = session.scalars(select(Notification).order_by(Notification.id))
        first.next_at, second.next_at = (
            first.next_at - timedelta(minutes=5),
            second.next_at + timedelta(hours=1),
        )
    with transaction(sessions) as session:
        assert 300 <= notifications.lag(session) < 360
        session.execute(update(Notification).values(state="dead"))
        assert notifications.lag(session) == 0


def test_what_is_over_is_forgotten_after_two_weeks_and_what_is_due_is_not(
    sessions: Sessions,
) -> None:
    for _ in range(3):
        ended(sessions, "https://example.com/hook")
    with transaction(sessions) as session:
        old, fresh, due = session.scalars(select(Notification).order_by(Notification.id))
        old.state = fresh.state = "dead"
        old.created_at = due.created_at = old.created_at - notifications.RETENTION
    with transaction(sessions) as session:
        notifications.prune(session)
    assert [row.id for row in outbox(sessions)] == [fresh.id, due.id]
