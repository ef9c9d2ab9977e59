"""Serve the API and Swagger UI by granian, with reliable signal handling."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from granian.constants import Interfaces
from granian.server.mp import MPServer

KILL_SECONDS = 10
"""The time for a worker process to finish its responses before it is killed."""


class SignalSafeServer(MPServer):
    """Granian's server without a deadlock in its signal handler.

    Granian 2.8 sets an event in its signal handler. Setting it takes the event's lock, which the
    interrupted main thread may hold while it waits for the event: it would wait for itself.
    """

    def signal_handler_interrupt(self, *_args: Any, **_kwargs: Any) -> None:
        """Stop the server; another thread sets the event, as it can wait for the lock."""
        self.interrupt_signal = True
        threading.Thread(target=self.main_loop_interrupt.set, name="stop", daemon=True).start()


def serve(target: str, *, host: str, port: int, log_config: Mapping[str, Any]) -> None:
    """Serve the application that the factory ``module:function`` returns, until stopped.

    ``log_config`` is :func:`gala.log.dict_config`, for granian's processes.
    """
    SignalSafeServer(
        target,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        log_access=False,
        log_dictconfig=dict(log_config),
        workers_kill_timeout=KILL_SECONDS,
    ).serve()
