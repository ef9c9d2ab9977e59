"""Checks its own confinement: exits with 0, or prints what it was able to do.

The argument is a file that it must not be able to read. Standard library only.
"""

# Importing pathlib takes longer than the rest of a start.
# ruff: noqa: PTH123

from __future__ import annotations

import ctypes  # noqa: F401 - loads libffi, which GALA's programs need too
import errno
import socket
import sys

_REFUSED = {errno.EACCES, errno.EPERM, errno.ENETUNREACH}


def main(secret: str) -> None:
    """Write a file, and try to read a foreign one and to use the network."""
    with open("own", "w", encoding="ascii") as file:
        file.write("mine")
    try:
        with open(secret, encoding="ascii"):
            sys.exit("it can read foreign files")
    except OSError:
        pass
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(type=kind) as connection:
                connection.connect(("127.0.0.1", 9))
        except OSError as error:
            if error.errno in _REFUSED:
                continue
        sys.exit("it has network access")


if __name__ == "__main__":
    main(sys.argv[1])
