"""The command line: ``gala``.

It ends with 0 when all is done, 1 when the work failed, 2 when it was asked wrongly (an option, a
setting, a field of a request), 130 when it was stopped by Ctrl-C, 143 by SIGTERM, 129 when its
terminal was closed.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Final

FAILED: Final = 1
ASKED_WRONGLY: Final = 2
STOPPED: Final = 128 + signal.SIGINT


def main() -> None:
    """Run the command line; what goes wrong becomes a message with its hint, and an exit status.

    With ``--json`` it is told as JSON on standard output.
    """
    from gala.cli.stdio import lasting_streams  # noqa: PLC0415 - importing this does no work

    stopped: list[int] = []
    _leave_when_told(stopped)
    with lasting_streams():
        try:
            status = _run(as_json=_wants_json(sys.argv[1:]))
        except KeyboardInterrupt:
            status = STOPPED
        except OSError:
            # Even what went wrong could not be told.
            status = FAILED
    # Whatever failed on the way out: that somebody wanted it to end is the reason.
    sys.exit(stopped[0] if stopped else status)


def _leave_when_told(stopped: list[int]) -> None:
    """As Ctrl-C does, these signals leave through every `finally`: nothing is left running.

    The status that belongs to the signal is kept in ``stopped``.
    """

    def leave(number: int, _: FrameType | None) -> None:
        stopped.append(128 + number)
        sys.exit(stopped[0])

    for name in ("SIGTERM", "SIGHUP"):
        # Windows has not both, and `nohup` wants the second ignored.
        signum = getattr(signal, name, None)
        if signum is not None and signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, leave)


def _run(*, as_json: bool) -> int:
    import typer  # noqa: PLC0415 - importing this package does no work

    from gala.cli.app import app  # noqa: PLC0415
    from gala.cli.console import print_error, print_file_error, print_usage_error  # noqa: PLC0415
    from gala.errors import GalaError, InvalidRequest  # noqa: PLC0415

    # The name of what is raised for any wrong option differs between typer's versions.
    usage_error: type[Exception] = typer.BadParameter.__bases__[0]
    try:
        # By itself, typer prints what is wrong with an option for people.
        ended = app(prog_name="gala", standalone_mode=not as_json)
    except GalaError as error:
        print_error(error, as_json=as_json)
        return ASKED_WRONGLY if isinstance(error, InvalidRequest) else FAILED
    except OSError as error:
        print_file_error(error, as_json=as_json)
        return FAILED
    except usage_error as error:
        print_usage_error(error)
        return ASKED_WRONGLY
    return ended if isinstance(ended, int) else 0


def _wants_json(arguments: list[str]) -> bool:
    """Whether ``--json`` is among the options; after ``--`` come none."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return "--json" in arguments[:end]
