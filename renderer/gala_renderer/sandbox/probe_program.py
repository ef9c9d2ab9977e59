"""Run confined, to find out whether it is: exits with 0, or says what it could do.

The argument is a file that it must not be able to read. Standard library only.
"""

# pathlib costs more than all the rest of a start.
# ruff: noqa: PTH123

from __future__ import annotations

import ctypes  # noqa: F401 - it loads libffi, which must be there for our programs, too
import errno
import socket
import sys

_REFUSED = {errno.EACCES, errno.EPERM, errno.ENETUNREACH}


def main(secret: str) -> None:
    """Look around."""
    with open("own", "w", encoding="ascii") as file:
        file.write("mine")
    try:
        with open(secret, encoding="ascii"):
            sys.exit("it reads files of others")
    except OSError:
        pass
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(type=kind) as calling:
                calling.connect(("127.0.0.1", 9))
        except OSError as error:
            if error.errno in _REFUSED:
                continue
        sys.exit("it has a network")


if __name__ == "__main__":
    main(sys.argv[1])
