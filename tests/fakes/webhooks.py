"""Whoever wants to hear of a job's end: a real HTTP server that checks signatures as users do."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from typing import Any

from standardwebhooks import Webhook

from tests.fakes.http import Handler, served


class Receiver:
    """A real HTTP server that takes webhooks; its answers can be chosen."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        """Answers to come; 204 once they are used up."""
        self.doors = threading.Event()
        """Closed: every request waits."""
        self.doors.set()
        self.arrived = threading.Semaphore(0)

    def serve(self) -> AbstractContextManager[str]:
        """Listen; gives its URL."""
        receiver = self

        class Hook(Handler):
            def do_POST(self) -> None:  # noqa: N802
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.heard.append((dict(self.headers.items()), body))
                receiver.arrived.release()
                assert receiver.doors.wait(20)
                self.answer(receiver.statuses.pop(0) if receiver.statuses else 204)

        return served(Hook)

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """The bodies whose signatures are right; raises if any is not."""
        hook = Webhook(secret)
        return [hook.verify(body, headers) for headers, body in self.heard]

    @property
    def message_ids(self) -> list[str]:
        """What each request called itself."""
        return [headers["webhook-id"] for headers, _ in self.heard]
