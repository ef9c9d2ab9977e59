"""A receiver of webhooks: an HTTP server that verifies signatures as users do."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from typing import Any

from standardwebhooks import Webhook

from tests.fakes.http import Handler, served


class Receiver:
    """An HTTP server that receives webhooks; its answers can be set."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        """The next answers; 204 when they are used up."""
        self.doors = threading.Event()
        """While cleared, every request waits."""
        self.doors.set()
        self.arrived = threading.Semaphore(0)

    def serve(self) -> AbstractContextManager[str]:
        """Listen and return the URL."""
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
        """Return the bodies; raise if a signature is wrong."""
        hook = Webhook(secret)
        return [hook.verify(body, headers) for headers, body in self.heard]

    @property
    def message_ids(self) -> list[str]:
        """Return the id of each request."""
        return [headers["webhook-id"] for headers, _ in self.heard]
