"""Which processes run, and which were started since a point in time."""

from __future__ import annotations

from collections.abc import Callable

import psutil


def runs(process: psutil.Process) -> bool:
    """Return True if the process runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command_of(process: psutil.Process) -> str:
    """Return the process's command line; empty if it has ended, or is a zombie."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def started_since() -> Callable[[], list[psutil.Process]]:
    """Return a function that lists the descendants of this process started since this call.

    Servers that other tests share are children of the same process.
    """
    before = set(psutil.Process().children(recursive=True))

    def started() -> list[psutil.Process]:
        now = psutil.Process().children(recursive=True)
        # The interpreter's helper process outlives its user.
        new = [one for one in now if one not in before]
        return [one for one in new if "resource_tracker" not in command_of(one) and runs(one)]

    return started
