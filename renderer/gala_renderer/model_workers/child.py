"""The inside of a warm process: ``python -m gala_renderer.model_workers.child <module> <options as JSON>``.

Requests come as lines on stdin and answers go as lines to what was stdout; whatever libraries
print goes to stderr. The process ends when stdin does.
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
    """The request was called off."""


class RequestChannel:
    """How a handler speaks to who asked."""

    def __init__(self, say: Callable[[Mapping[str, Any]], None]):
        self._say = say
        self.cancelled = threading.Event()

    def send_event(self, event: Mapping[str, Any]) -> None:
        """Something to know before the answer."""
        self._say({"event": event})

    def raise_if_cancelled(self) -> None:
        """Raise ``Cancelled`` if the request was called off; ask this between pieces of work."""
        if self.cancelled.is_set():
            raise Cancelled


Handler: TypeAlias = Callable[[Mapping[str, Any], RequestChannel], Mapping[str, Any]]


class _Line:
    """Our side of the two pipes."""

    def __init__(self, incoming: IO[str], outgoing: IO[str]):
        self._incoming = incoming
        self._outgoing = outgoing
        self.requests: queue.SimpleQueue[tuple[Mapping[str, Any], RequestChannel]] = (
            queue.SimpleQueue()
        )

    def say(self, message: Mapping[str, Any]) -> None:
        self._outgoing.write(json.dumps(message) + "\n")
        self._outgoing.flush()

    def listen(self) -> None:
        """Take requests, and calls to stop the last of them, until nobody is there any more."""
        channel = RequestChannel(self.say)
        for line in self._incoming:
            message = json.loads(line)
            if "cancel" in message:
                channel.cancelled.set()
                continue
            channel = RequestChannel(self.say)
            self.requests.put((message["request"], channel))
        os._exit(0)

    def answer(self, work: Callable[[], Mapping[str, Any]]) -> bool:
        """Say what the work gives, or how it failed; whether it did not fail."""
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
        self.say({"done": done})
        return True

    def _fail(self, error: GalaError) -> None:
        details = dict(error.details) | ({"hint": error.hint} if error.hint else {})
        kind = type(error).__name__
        self.say({"failed": {"kind": kind, "message": error.message, "details": details}})


def _pipes() -> tuple[IO[str], IO[str]]:
    """stdin and the true stdout, out of reach of libraries that print."""
    outgoing = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    incoming = os.fdopen(os.dup(0), encoding="utf-8")
    with open(os.devnull) as nothing:  # noqa: PTH123 - a device, not a path of ours
        os.dup2(nothing.fileno(), 0)
    return incoming, outgoing


def main(module: str, options: str) -> None:
    """Load, say ``ready``, then answer one request after the other."""
    line = _Line(*_pipes())
    threading.Thread(target=line.listen, daemon=True).start()
    handlers: list[Handler] = []

    def load() -> Mapping[str, Any]:
        handler = import_module(module).serve(json.loads(options))
        handlers.append(handler)
        about: Mapping[str, Any] = getattr(handler, "about", {})
        return about

    if not line.answer(load):
        return
    while True:
        request, channel = line.requests.get()
        line.answer(partial(handlers[0], request, channel))


if __name__ == "__main__":
    main(*sys.argv[1:])
