"""How the API's two applications are served: granian, taught to hear every signal."""

from __future__ import annotations

import threading
from typing import Any

from granian.constants import Interfaces
from granian.server.mp import MPServer

KILL_SECONDS = 10
"""How long a worker process may take to end its answers before it is killed."""


class HearingServer(MPServer):
    """Granian's server, which a signal at the wrong moment cannot lock up.

    Granian 2.8 sets an event in its signal handler. Setting takes the event's lock, which the main
    thread, interrupted in waiting for that event, may hold right then: it would wait for itself.
    """

    def signal_handler_interrupt(self, *_args: Any, **_kwargs: Any) -> None:
        """Stop; the event is set by a thread that waits its turn."""
        self.interrupt_signal = True
        threading.Thread(target=self.main_loop_interrupt.set, name="stop", daemon=True).start()


def serve(target: str, *, host: str, port: int) -> None:
    """Serve the application that the factory ``module:function`` makes, until told to stop."""
    HearingServer(
        target,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        log_access=False,
        workers_kill_timeout=KILL_SECONDS,
    ).serve()
