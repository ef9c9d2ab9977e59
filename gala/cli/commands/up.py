"""``gala up``: everything on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from gala.cli.console import LogPrinter, out, print_status
from gala.cli.settings import environment, read_settings


def up() -> None:
    """Start GALA on this machine and keep it running until Ctrl-C.

    PostgreSQL and Redis are embedded unless DATABASE_URL and REDIS_URL name others.

    GALA_HOME is where the data lies.
    """
    from gala.cli.local_stack import Machine  # noqa: PLC0415 - needs the extra `standalone`

    asked_to_stop = threading.Event()

    def stop(_signum: int, _frame: FrameType | None) -> None:
        asked_to_stop.set()
        # Whoever asks twice does not want to wait.
        signal.signal(signal.SIGINT, signal.default_int_handler)

    machine = Machine(read_settings(), environment(), sink=LogPrinter())
    with machine:
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, stop)
        services = machine.services
        out().print(f"[bold green]GALA is up[/]  API {services.api_url}", soft_wrap=True)
        out().print(f"            Swagger {services.swagger_url}   data {machine.home.root}")
        while not asked_to_stop.wait(1.0):
            pass
        print_status("stopping …")
