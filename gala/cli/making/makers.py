"""Who makes an order: the engine in this process, or a server. What they make is the same."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from gala.cli.calling import connect
from gala.cli.making.remote import RemoteMaker
from gala.cli.making.work import Work
from gala.engine import LocalEngine, MediaOrder, OnProgress, local_engine
from gala.errors import EngineMissing, InvalidRequest
from gala.settings import settings_errors


class Maker(Protocol):
    """Makes orders, one after the other. Errors are those of :mod:`gala.errors`."""

    def make(self, order: MediaOrder, on_progress: OnProgress) -> Work:
        """Make it and wait; whatever ends the waiting (Ctrl-C, too) ends the work."""


@contextmanager
def maker(remote: str | None) -> Iterator[Maker]:
    """The one that does the work: the server at that URL, or this machine for ``None``."""
    if remote is None:
        yield LocalMaker()
        return
    with connect(remote) as client:
        yield RemoteMaker(client)


@dataclass(frozen=True, slots=True)
class LocalMaker:
    """The engine in this process."""

    def make(self, order: MediaOrder, on_progress: OnProgress) -> Work:
        """Make it here. Raises ``EngineMissing``, with a server as the other way."""
        try:
            return Work(_engine().make(order, on_progress))
        except EngineMissing as error:
            other = "or let a server that has it do it: --remote URL"
            hint = f"{error.hint}; {other}" if error.hint else other
            raise EngineMissing(error.message, hint=hint) from error


def _engine() -> LocalEngine:
    # Its warnings come with what it makes; nobody needs to read them twice.
    logging.getLogger("gala_renderer").setLevel(logging.ERROR)
    try:
        return local_engine()
    except ValidationError as error:
        raise InvalidRequest(settings_errors(error)) from error
