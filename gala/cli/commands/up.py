"""``gala up``: runs all services on this machine until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import typer

from gala.cli import FAILED, WRONG_USAGE
from gala.cli.default_voice import install_voice
from gala.cli.face_models import install_face_models
from gala.cli.missing_packages import require_standalone
from gala.cli.settings import MachineSettings, environment, read_settings
from gala.cli.stack_log import StackLog, stack_log
from gala.errors import GalaError, InvalidRequest
from gala.settings import requested_log_format


def up() -> None:
    """Start GALA on this machine and keep it running until Ctrl-C.

    PostgreSQL and Redis are embedded unless DATABASE_URL and REDIS_URL are set.

    GALA_HOME is the folder of all data.
    """
    log = stack_log(requested_log_format())
    try:
        _run(read_settings(), log)
    except GalaError as error:
        if not log.failure(error):
            raise
        raise typer.Exit(WRONG_USAGE if isinstance(error, InvalidRequest) else FAILED) from error


def _run(settings: MachineSettings, log: StackLog) -> None:
    require_standalone("gala up", settings)
    from gala.cli.local_stack import LocalStack  # noqa: PLC0415 - needs the extra `standalone`

    stop_requested = threading.Event()

    def stop(_signum: int, _frame: FrameType | None) -> None:
        stop_requested.set()
        # A second Ctrl-C stops without waiting.
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def install_models() -> None:
        install_voice(settings, say=log.event)
        install_face_models(settings, say=log.event)

    machine = LocalStack(settings, environment(), sink=log, prepare=install_models)
    with machine:
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, stop)
        services = machine.services
        log.event(
            "GALA is up",
            API=services.api_url,
            Swagger=services.swagger_url,
            data=str(machine.home.root),
        )
        for folder, space in machine.low_disk().items():
            log.event(f"warning: jobs wait: {space.message} {space.remedy} ({folder})")
        while not stop_requested.wait(1.0):
            pass
        log.event("stopping …")
