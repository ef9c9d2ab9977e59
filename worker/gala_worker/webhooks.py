"""Sends notifications: signed webhooks, at least once, with the same id on every attempt."""

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

from sqlalchemy.exc import DBAPIError
from standardwebhooks import Webhook

from gala.db.engine import Sessions, driver_message, transaction
from gala.errors import GalaError, UrlRefused
from gala.job import JobStatus
from gala.job_queue import outbox
from gala.job_queue.outbox import DueNotification
from gala.render_types import find_type
from gala.signing import Keyring

log = logging.getLogger(__name__)

Post = Callable[[str, bytes, Mapping[str, str], float], int]
"""``post(url, body, headers, seconds)`` gives the status. Raises UrlRefused, FetchFailed."""

PAUSES: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""After the first attempt, the second, …: three days and some hours in all."""
MAX_ATTEMPTS: Final = len(PAUSES) + 1

_ANSWER_SECONDS: Final = 15.0
_HOLD: Final = timedelta(seconds=60)
_LOOK_SECONDS: Final = 1.0
"""Between two looks for what others left: a cancel of the API's, a dead worker's."""
_AT_ONCE: Final = 16
_AT_ONCE_FOR_ONE: Final = 4
"""So that one owner's slow receiver leaves room for the others'."""
_STOP_SECONDS: Final = 2.0
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Links:
    """Where results are found, and for how long, from each attempt to send on."""

    base_url: str
    seconds: int


class Notifier:
    """Sends what is due from threads of its own, until stopped. Every worker has one."""

    def __init__(self, sessions: Sessions, keyring: Keyring | None, links: Links, post: Post):
        """Without a keyring nothing is sent, and what is due waits for a worker that has one."""
        self._sessions = sessions
        self._keyring = keyring
        self._links = links
        self._post = post
        self._ended = threading.Event()
        self._news = threading.Event()
        self._changed = threading.Condition()
        self._under_way: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._watch, name="notifier", daemon=True)

    def start(self) -> None:
        """Begin to send, and look every second for more."""
        self._thread.start()

    def wake(self) -> None:
        """Look now: a job has ended."""
        self._news.set()

    def stop(self) -> None:
        """Begin nothing new, and give what is under way a moment; others send the rest."""
        self._ended.set()
        self._news.set()
        self._thread.join(_STOP_SECONDS)
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way.total(), _STOP_SECONDS)

    def _watch(self) -> None:
        warned = False
        while not self._ended.is_set():
            try:
                if self._keyring is None:
                    warned = warned or self._warn()
                else:
                    self._send_due(self._keyring)
            except DBAPIError as error:
                log.warning("notifications: database away: %s", driver_message(error))
            except Exception:
                # The thread's outer edge: without a next look, no news would ever be sent.
                log.exception("notifications: an error of the worker's own")
            self._news.wait(_LOOK_SECONDS)
            self._news.clear()

    def _warn(self) -> bool:
        with transaction(self._sessions) as session:
            waiting = outbox.lag(session) > 0
        if waiting:
            log.warning(
                "notifications wait to be signed: set GALA_SECRET_KEY, the same for every API and"
                " worker"
            )
        return waiting

    def _send_due(self, keyring: Keyring) -> None:
        while not self._ended.is_set() and (at_limit := self._at_limit()) is not None:
            with transaction(self._sessions) as session:
                due = outbox.take(
                    session, hold=_HOLD, max_attempts=MAX_ATTEMPTS, except_owners=at_limit
                )
            if due is None:
                return
            with self._changed:
                self._under_way[due.owner_id] += 1
            name = f"notifier-{due.id}"
            threading.Thread(
                target=self._deliver, args=(keyring, due), name=name, daemon=True
            ).start()

    def _at_limit(self) -> list[str] | None:
        """The owners who have to wait for one of theirs to end; ``None`` if all have to."""
        with self._changed:
            if self._under_way.total() >= _AT_ONCE:
                return None
            return [owner for owner, n in self._under_way.items() if n >= _AT_ONCE_FOR_ONE]

    def _deliver(self, keyring: Keyring, due: DueNotification) -> None:
        try:
            self._attempt(keyring, due)
        except DBAPIError as error:
            log.warning("notification %s is sent again: %s", due.id, driver_message(error))
        finally:
            with self._changed:
                self._under_way -= Counter([due.owner_id])
                self._changed.notify_all()
            self.wake()

    def _attempt(self, keyring: Keyring, due: DueNotification) -> None:
        body = self._message(keyring, due)
        headers = _headers(keyring.webhook_secret(due.owner_id), due.id, body)
        try:
            status = self._post(due.target, body.encode(), headers, _ANSWER_SECONDS)
        except UrlRefused as error:
            self._settle(due, f"{error.code}: {error}", hopeless=True)
        except GalaError as error:
            self._settle(due, f"{error.code}: {error}")
        else:
            self._answered(due, status)

    def _answered(self, due: DueNotification, status: int) -> None:
        if 200 <= status < 300:
            with transaction(self._sessions) as session:
                outbox.mark_sent(session, due)
            log.info(
                "notification sent id=%s job_id=%s attempt=%d", due.id, due.job_id, due.attempt
            )
        elif status == _GONE:
            with transaction(self._sessions) as session:
                outbox.give_up_target(session, due, "HTTP 410: the receiver wants no more")
            log.warning("notification given up id=%s: HTTP 410", due.id)
        else:
            self._settle(due, f"HTTP {status}")

    def _settle(self, due: DueNotification, error: str, *, hopeless: bool = False) -> None:
        """Note a failed attempt: it is made again later, or never."""
        final = hopeless or due.attempt > len(PAUSES)
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
        """The body, with the results and a link that holds from now on."""
        body, data = dict(due.body), dict(due.body["data"])
        with transaction(self._sessions) as session:
            made = _in_order(data["type"], outbox.outputs(session, due.job_id))
        if data["status"] != JobStatus.DONE:
            made = []
        data["outputs"] = made
        if made:
            expires = int(time.time()) + self._links.seconds
            link = keyring.content_url(self._links.base_url, made[0], expires)
            body["asset_url"] = data["asset_url"] = link
        body["data"] = data
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _in_order(type_name: str, made: Mapping[str, str]) -> list[str]:
    """The assets as their type lists its outputs, the main one first."""
    known = find_type(type_name)
    roles = [] if known is None else [spec.role for spec in known.outputs if spec.role in made]
    return [made[role] for role in (*roles, *(role for role in made if role not in roles))]


def _headers(secret: str, message_id: str, body: str) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, body),
    }
