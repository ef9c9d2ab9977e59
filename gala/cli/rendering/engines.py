"""Who makes an order: the engine in this process, or a server. What they make is the same."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from gala.cli.api_connection import connect
from gala.cli.rendering.work import Work
from gala.client.remote_engine import RemoteEngine
from gala.engine import LocalEngine, MediaOrder, OnProgress, local_engine
from gala.errors import EngineMissing, InvalidRequest
from gala.settings import settings_errors


class Maker(Protocol):
    """Makes orders, one after the other. Errors are those of :mod:`gala.errors`."""

    def make(self, order: MediaOrder, on_progress: OnProgress) -> Work:
        """Make it and wait; being stopped (Ctrl-C, too) ends the work."""

    @property
    def may_go_on(self) -> bool:
        """Whether something may still be at work elsewhere that was not seen to end."""


@contextmanager
def maker(remote: str | None) -> Iterator[Maker]:
    """The one that does the work: the server at that URL, or this machine for ``None``."""
    if remote is None:
        yield LocalMaker()
        return
    with connect(remote, option="--remote") as client:
        yield RemoteEngine(client)


@dataclass(frozen=True, slots=True)
class LocalMaker:
    """The engine in this process."""

    @property
    def may_go_on(self) -> bool:
        """Nothing outlives this process."""
        return False

    def make(self, order: MediaOrder, on_progress: OnProgress) -> Work:
        """Make it here. Raises ``EngineMissing``, with a server as the other way."""
        try:
            return Work(engine().make(order, on_progress))
        except EngineMissing as error:
            other = "or let a server that has it do it: --remote URL"
            hint = f"{error.hint}; {other}" if error.hint else other
            raise EngineMissing(error.message, hint=hint) from error


def engine() -> LocalEngine:
    """The engine of this process. Raises ``InvalidRequest`` naming a setting that is wrong."""
    # Its warnings come with what it makes; nobody needs to read them twice.
    logging.getLogger("gala_renderer").setLevel(logging.ERROR)
    try:
        return local_engine()
    except ValidationError as error:
        raise InvalidRequest(settings_errors(error)) from error
