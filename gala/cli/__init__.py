"""The command line: ``gala``.

Exit statuses: 0 done, 1 the work failed, 2 wrong usage (of an option, a setting, or a field of a
request), 130 stopped by Ctrl-C, 143 by SIGTERM, 129 because the terminal was closed.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Final

FAILED: Final = 1
WRONG_USAGE: Final = 2
STOPPED: Final = 128 + signal.SIGINT


def main() -> None:
    """Run the command line; an error becomes a message with a hint, and an exit status.

    With ``--json``, errors are printed as JSON to standard output.
    """
    from gala.cli.stdio import durable_streams  # noqa: PLC0415 - importing this does no work

    stopped: list[int] = []
    _exit_on_signals(stopped)
    with durable_streams():
        try:
            status = _run(as_json=_wants_json(sys.argv[1:]))
        except KeyboardInterrupt:
            status = STOPPED
        except OSError:
            # The error message itself could not be written.
            status = FAILED
    # A signal is the reason for the exit, whatever failed afterwards.
    sys.exit(stopped[0] if stopped else status)


def _exit_on_signals(stopped: list[int]) -> None:
    """Make signals raise ``SystemExit``, so that every ``finally`` stops what is running.

    The exit status of the signal is appended to ``stopped``.
    """

    def leave(number: int, _: FrameType | None) -> None:
        stopped.append(128 + number)
        sys.exit(stopped[0])

    for name in ("SIGTERM", "SIGHUP"):
        # Windows does not have both; under `nohup`, SIGHUP stays ignored.
        signum = getattr(signal, name, None)
        if signum is not None and signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, leave)


def _run(*, as_json: bool) -> int:
    from gala.garbage_collection import paused  # noqa: PLC0415 - importing this does no work
    from gala.installation import leave_out_httpx_program  # noqa: PLC0415

    leave_out_httpx_program()
    with paused():
        import typer  # noqa: PLC0415

        from gala.cli.app import app  # noqa: PLC0415
        from gala.errors import GalaError  # noqa: PLC0415

    # The base class of usage errors has different names in different versions of typer.
    usage_error: type[Exception] = typer.BadParameter.__bases__[0]
    try:
        # In standalone mode, typer prints usage errors itself, for people.
        status = app(prog_name="gala", standalone_mode=not as_json)
    except (GalaError, OSError, ModuleNotFoundError, usage_error) as error:
        return _report(error, as_json=as_json)
    return status if isinstance(status, int) else 0


def _report(error: Exception, *, as_json: bool) -> int:
    """Print an error and return the exit status."""
    from gala.cli import console  # noqa: PLC0415 - only for errors
    from gala.errors import GalaError, InvalidRequest  # noqa: PLC0415

    match error:
        case GalaError():
            console.print_error(error, as_json=as_json)
            return WRONG_USAGE if isinstance(error, InvalidRequest) else FAILED
        case OSError():
            console.print_file_error(error, as_json=as_json)
            return FAILED
        case ModuleNotFoundError():
            from gala.cli.missing_packages import missing_package  # noqa: PLC0415

            console.print_error(missing_package(error), as_json=as_json)
            return FAILED
    console.print_usage_error(error)
    return WRONG_USAGE


def _wants_json(arguments: list[str]) -> bool:
    """Return True if ``--json`` is among the options, which end at ``--``."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return "--json" in arguments[:end]
