"""Sender of notifications: signed webhooks, delivered at least once, always with the same id."""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from gala.db.engine import DATABASE_ERRORS, Sessions, driver_message, transaction
from gala.errors import GalaError, UrlRefused
from gala.job import JobStatus
from gala.job_queue import outbox
from gala.job_queue.outbox import DueNotification
from gala.render_types import find_type
from gala.signing import Keyring

log = logging.getLogger(__name__)

Post = Callable[[str, bytes, Mapping[str, str], float], int]
"""``post(url, body, headers, seconds)`` returns the HTTP status. Raises UrlRefused, FetchFailed."""

PAUSES: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Pause after the first attempt, the second, …: in total three days and some hours."""
MAX_ATTEMPTS: Final = len(PAUSES) + 1

_RESPONSE_SECONDS: Final = 15.0
_HOLD: Final = timedelta(seconds=60)
_POLL_SECONDS: Final = 1.0
"""Interval of polls for notifications of other processes, such as a cancel in the API."""
_MAX_CONCURRENT: Final = 16
_MAX_CONCURRENT_PER_OWNER: Final = 4
"""Lower, so that one owner's slow receiver does not block the notifications of others."""
_STOP_SECONDS: Final = 2.0
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Links:
    """Base URL of links to results, and how long a link is valid after each attempt to send it."""

    base_url: str
    seconds: int


class Notifier:
    """Sends due notifications in background threads until stopped. Every worker runs one."""

    def __init__(self, sessions: Sessions, keyring: Keyring | None, links: Links, post: Post):
        """Without a keyring nothing is sent: due notifications wait for a worker that has one."""
        self._sessions = sessions
        self._keyring = keyring
        self._links = links
        self._post = post
        self._ended = threading.Event()
        self._wake = threading.Event()
        self._changed = threading.Condition()
        self._running: Counter[str] = Counter()
        """Number of deliveries in progress by owner."""
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)

    def start(self) -> None:
        """Start sending, and poll every second for more."""
        if self._keyring is None:
            log.warning(
                "GALA_SECRET_KEY is not set: notifications (callback_url) are not sent by this"
                " worker; set it, the same for every API and worker"
            )
        self._thread.start()

    def wake(self) -> None:
        """Poll now, because a job has ended."""
        self._wake.set()

    def stop(self) -> None:
        """Start no delivery and wait up to 2 seconds for those in progress; others are resumed
        by another worker."""
        self._ended.set()
        self._wake.set()
        self._thread.join(_STOP_SECONDS)
        with self._changed:
            self._changed.wait_for(lambda: not self._running.total(), _STOP_SECONDS)

    def _run(self) -> None:
        warned = False
        while not self._ended.is_set():
            try:
                if self._keyring is None:
                    warned = warned or self._warn_if_waiting()
                else:
                    self._send_due(self._keyring)
            except DATABASE_ERRORS as error:
                log.warning("notifications: database away: %s", driver_message(error))
            except Exception:
                # The thread's outer edge: without further polls, nothing would ever be sent.
                log.exception("notifications: failed because of a defect of the worker")
            self._wake.wait(_POLL_SECONDS)
            self._wake.clear()

    def _warn_if_waiting(self) -> bool:
        with transaction(self._sessions) as session:
            waiting = outbox.lag(session) > 0
        if waiting:
            log.warning(
                "notifications wait because they cannot be signed: set GALA_SECRET_KEY, the same"
                " for every API and worker"
            )
        return waiting

    def _send_due(self, keyring: Keyring) -> None:
        while not self._ended.is_set() and (at_limit := self._owners_at_limit()) is not None:
            with transaction(self._sessions) as session:
                due = outbox.take(
                    session, hold=_HOLD, max_attempts=MAX_ATTEMPTS, except_owners=at_limit
                )
            if due is None:
                return
            with self._changed:
                self._running[due.owner_id] += 1
            name = f"notifier-{due.id}"
            threading.Thread(
                target=self._deliver, args=(keyring, due), name=name, daemon=True
            ).start()

    def _owners_at_limit(self) -> list[str] | None:
        """Return the owners at their limit, or None if the limit of all deliveries is reached."""
        with self._changed:
            if self._running.total() >= _MAX_CONCURRENT:
                return None
            return [owner for owner, n in self._running.items() if n >= _MAX_CONCURRENT_PER_OWNER]

    def _deliver(self, keyring: Keyring, due: DueNotification) -> None:
        try:
            self._attempt(keyring, due)
        except DATABASE_ERRORS as error:
            log.warning("notification %s will be sent again: %s", due.id, driver_message(error))
        finally:
            with self._changed:
                self._running -= Counter([due.owner_id])
                self._changed.notify_all()
            self.wake()

    def _attempt(self, keyring: Keyring, due: DueNotification) -> None:
        body = self._message(keyring, due)
        headers = _headers(keyring.webhook_secret(due.owner_id), due.id, body)
        try:
            status = self._post(due.target, body.encode(), headers, _RESPONSE_SECONDS)
        except UrlRefused as error:
            self._record_failure(due, f"{error.code}: {error}", permanent=True)
        except GalaError as error:
            self._record_failure(due, f"{error.code}: {error}")
        else:
            self._record_status(due, status)

    def _record_status(self, due: DueNotification, status: int) -> None:
        if 200 <= status < 300:
            with transaction(self._sessions) as session:
                outbox.mark_sent(session, due)
            log.info(
                "notification sent id=%s job_id=%s attempt=%d", due.id, due.job_id, due.attempt
            )
        elif status == _GONE:
            with transaction(self._sessions) as session:
                outbox.give_up_target(session, due, "HTTP 410: the receiver wants no notifications")
            log.warning("notification given up id=%s: HTTP 410", due.id)
        else:
            self._record_failure(due, f"HTTP {status}")

    def _record_failure(self, due: DueNotification, error: str, *, permanent: bool = False) -> None:
        """Record a failed attempt and schedule the next one, if there is to be one."""
        final = permanent or due.attempt > len(PAUSES)
        with transaction(self._sessions) as session:
            if final:
                outbox.give_up(session, due, error)
            else:
                pause = PAUSES[due.attempt - 1] * random.uniform(1, 1.2)  # noqa: S311 - no secret
                outbox.postpone(session, due, error, pause)
        log.warning(
            "notification not sent id=%s job_id=%s host=%s attempt=%d %s: %s",
            *(due.id, due.job_id, urlsplit(due.target).hostname, due.attempt),
            *("given up" if final else "tried again later", error),
        )

    def _message(self, keyring: Keyring, due: DueNotification) -> str:
        """Return the body, with the outputs and a link whose validity starts now."""
        body, data = dict(due.body), dict(due.body["data"])
        with transaction(self._sessions) as session:
            outputs = _in_order(data["type"], outbox.outputs(session, due.job_id))
        if data["status"] != JobStatus.DONE:
            outputs = []
        data["outputs"] = outputs
        if outputs:
            expires = int(time.time()) + self._links.seconds
            link = keyring.content_url(self._links.base_url, outputs[0], expires)
            body["asset_url"] = data["asset_url"] = link
        body["data"] = data
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _in_order(type_name: str, assets: Mapping[str, str]) -> list[str]:
    """Return the asset ids in the order of the render type's outputs, the main one first."""
    known = find_type(type_name)
    roles = [] if known is None else [spec.role for spec in known.outputs if spec.role in assets]
    return [assets[role] for role in (*roles, *(role for role in assets if role not in roles))]


def _headers(secret: str, message_id: str, body: str) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, body),
    }
