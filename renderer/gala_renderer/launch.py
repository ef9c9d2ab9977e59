"""Limits itself, then becomes the given program.

Run as a script by :mod:`gala_renderer.process`, with the standard library only and nothing
imported from GALA, because it stands between every render and its start. It exists because
``preexec_fn`` is unsafe in a process with threads, and ``prlimit`` and ``setpriv`` are not on every
machine. Arguments: parent's pid, address space, CPU seconds, file size, processes, niceness, and
then the program with its own arguments.
"""

from __future__ import annotations

import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (bound, bound))


def _die_with(parent: int) -> None:
    import ctypes  # noqa: PLC0415 - only Linux needs it, and it costs milliseconds

    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        # The parent died before the kernel knew that we follow it.
        sys.exit(1)


def main(arguments: list[str]) -> None:
    """Apply the limits and ``exec``; never returns."""
    parent, memory, cpu_seconds, file_bytes, processes, niceness = map(int, arguments[:6])
    program = arguments[6:]
    if sys.platform == "linux":
        _die_with(parent)
        _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    if os.geteuid() != 0:
        # Root is exempt from this limit, and the count is per user, threads included.
        _limit(resource.RLIMIT_NPROC, processes)
    os.nice(niceness)
    # Python ignores these two; a program that writes past its limit must die of it.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execv(program[0], program)  # noqa: S606 - an argument list, no shell
    except OSError as error:
        sys.exit(f"{program[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
