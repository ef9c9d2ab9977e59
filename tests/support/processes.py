"""Which processes run, and which were started since a point in time."""

from __future__ import annotations

from collections.abc import Callable

import psutil

_FORK_SERVER = "gala_renderer.sandbox.fork_server"


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

    Servers that other tests share are children of the same process, and an engine keeps the process
    that it forks programs from until it is closed: both are left out.
    """
    before = set(psutil.Process().children(recursive=True))

    def started() -> list[psutil.Process]:
        now = psutil.Process().children(recursive=True)
        new = [one for one in now if one not in before]
        return [one for one in new if not _is_kept(one) and runs(one)]

    return started


def is_fork_server(process: psutil.Process) -> bool:
    """Return True for a process that an engine keeps, to fork programs from."""
    return _FORK_SERVER in command_of(process)


def fork_servers() -> list[psutil.Process]:
    """Return the processes that this one forks programs from."""
    descendants = psutil.Process().children(recursive=True)
    return [one for one in descendants if is_fork_server(one) and runs(one)]


def _is_kept(process: psutil.Process) -> bool:
    # The interpreter's helper process outlives its user.
    return "resource_tracker" in command_of(process) or is_fork_server(process)
