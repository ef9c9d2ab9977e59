"""The command line: ``gala``."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line; an error of GALA's becomes its message, its hint and exit status 1.

    So does a file that cannot be read or written.
    """
    from gala.cli.app import app  # noqa: PLC0415 - importing this package does no work
    from gala.cli.console import tell_error, tell_file_error  # noqa: PLC0415
    from gala.errors import GalaError  # noqa: PLC0415

    # As Ctrl-C does, SIGTERM leaves through every `finally`: nothing is left running.
    signal.signal(signal.SIGTERM, lambda signum, _: sys.exit(128 + signum))
    try:
        app(prog_name="gala")
    except GalaError as error:
        tell_error(error)
        sys.exit(1)
    except OSError as error:
        tell_file_error(error)
        sys.exit(1)
