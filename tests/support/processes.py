"""Whether processes still run, and which ones somebody started."""

from __future__ import annotations

from collections.abc import Callable

import psutil


def runs(process: psutil.Process) -> bool:
    """Whether it still does anything; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def started_since() -> Callable[[], list[psutil.Process]]:
    """Ask now, and later what it gives tells which processes of this one were started since.

    Servers that other tests share are children of the same process.
    """
    before = set(psutil.Process().children(recursive=True))

    def started() -> list[psutil.Process]:
        now = psutil.Process().children(recursive=True)
        # The interpreter's own helper outlives what needed it.
        return [one for one in now if one not in before and runs(one) and not _is_tracker(one)]

    return started


def _is_tracker(process: psutil.Process) -> bool:
    try:
        return "resource_tracker" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return True
