"""The worker's side: ``python -m gala_renderer.model_workers.child <module> <options as JSON>``.

Requests are lines on stdin, responses are lines on the original stdout; what libraries print goes
to stderr. The process exits when stdin is closed.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import IO, Any, TypeAlias

from gala.errors import EngineMissing, GalaError
from gala.files import disk_errors


class Cancelled(Exception):
    """The request was cancelled."""


class RequestChannel:
    """How a handler sends events for its request, and learns that it was cancelled."""

    def __init__(self, send: Callable[[Mapping[str, Any]], None]):
        self._send = send
        self.cancelled = threading.Event()

    def send_event(self, event: Mapping[str, Any]) -> None:
        """Send an event before the response."""
        self._send({"event": event})

    def raise_if_cancelled(self) -> None:
        """Raise ``Cancelled`` if the request was cancelled; call this between pieces of work."""
        if self.cancelled.is_set():
            raise Cancelled


Handler: TypeAlias = Callable[[Mapping[str, Any], RequestChannel], Mapping[str, Any]]


class _Connection:
    """The worker's end of the two pipes."""

    def __init__(self, incoming: IO[str], outgoing: IO[str]):
        self._incoming = incoming
        self._outgoing = outgoing
        self.requests: queue.SimpleQueue[tuple[Mapping[str, Any], RequestChannel]] = (
            queue.SimpleQueue()
        )

    def send(self, message: Mapping[str, Any]) -> None:
        self._outgoing.write(json.dumps(message) + "\n")
        self._outgoing.flush()

    def read_requests(self) -> None:
        """Queue requests, and pass on cancellations, until stdin is closed; then exit."""
        channel = RequestChannel(self.send)
        for line in self._incoming:
            message = json.loads(line)
            if "cancel" in message:
                channel.cancelled.set()
                continue
            channel = RequestChannel(self.send)
            self.requests.put((message["request"], channel))
        os._exit(0)

    def respond(self, work: Callable[[], Mapping[str, Any]]) -> bool:
        """Send the result of ``work``, or its error; return False if it failed."""
        try:
            with disk_errors():
                done = work()
        except Cancelled:
            done = {}
        except GalaError as error:
            self._fail(error)
            return False
        except ModuleNotFoundError as error:
            self._fail(EngineMissing(f"The Python package {error.name!r} is not installed here."))
            return False
        self.send({"done": done})
        return True

    def _fail(self, error: GalaError) -> None:
        details = dict(error.details) | ({"hint": error.hint} if error.hint else {})
        kind = type(error).__name__
        self.send({"failed": {"kind": kind, "message": error.message, "details": details}})


def _pipes() -> tuple[IO[str], IO[str]]:
    """Return stdin and the original stdout, out of reach of libraries that print."""
    outgoing = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    incoming = os.fdopen(os.dup(0), encoding="utf-8")
    with open(os.devnull) as empty:  # noqa: PTH123 - a device, not a file
        os.dup2(empty.fileno(), 0)
    return incoming, outgoing


def main(module: str, options: str) -> None:
    """Load the model, report that it is ready, then respond to one request at a time."""
    connection = _Connection(*_pipes())
    threading.Thread(target=connection.read_requests, daemon=True).start()
    handlers: list[Handler] = []

    def load() -> Mapping[str, Any]:
        handler = import_module(module).serve(json.loads(options))
        handlers.append(handler)
        about: Mapping[str, Any] = getattr(handler, "about", {})
        return about

    if not connection.respond(load):
        return
    while True:
        request, channel = connection.requests.get()
        connection.respond(partial(handlers[0], request, channel))


if __name__ == "__main__":
    main(*sys.argv[1:])
