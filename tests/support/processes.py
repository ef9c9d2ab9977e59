"""Whether processes still run."""

from __future__ import annotations

import psutil


def runs(process: psutil.Process) -> bool:
    """Whether it still does anything; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
