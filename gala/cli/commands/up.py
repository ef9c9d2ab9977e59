"""``gala up``: runs all services on this machine until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from gala.cli.console import LogPrinter, out, print_status
from gala.cli.missing_packages import require_standalone
from gala.cli.settings import environment, read_settings


def up() -> None:
    """Start GALA on this machine and keep it running until Ctrl-C.

    PostgreSQL and Redis are embedded unless DATABASE_URL and REDIS_URL are set.

    GALA_HOME is the folder of all data.
    """
    settings = read_settings()
    require_standalone("gala up", settings)
    from gala.cli.local_stack import LocalStack  # noqa: PLC0415 - needs the extra `standalone`

    stop_requested = threading.Event()

    def stop(_signum: int, _frame: FrameType | None) -> None:
        stop_requested.set()
        # A second Ctrl-C stops without waiting.
        signal.signal(signal.SIGINT, signal.default_int_handler)

    machine = LocalStack(settings, environment(), sink=LogPrinter())
    with machine:
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, stop)
        services = machine.services
        out().print(f"[bold green]GALA is up[/]  API {services.api_url}", soft_wrap=True)
        out().print(f"            Swagger {services.swagger_url}   data {machine.home.root}")
        while not stop_requested.wait(1.0):
            pass
        print_status("stopping …")
