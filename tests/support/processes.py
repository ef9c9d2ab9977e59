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


def started_since() -> Callable[[], list[psutil.Process]]:
    """Return a function that lists the descendants of this process started since this call.

    Servers that other tests share are children of the same process.
    """
    before = set(psutil.Process().children(recursive=True))

    def started() -> list[psutil.Process]:
        now = psutil.Process().children(recursive=True)
        # The interpreter's helper process outlives its user.
        return [one for one in now if one not in before and runs(one) and not _is_tracker(one)]

    return started


def _is_tracker(process: psutil.Process) -> bool:
    try:
        return "resource_tracker" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return True
