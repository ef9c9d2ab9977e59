"""Memory that was freed, but which the C library keeps for this process."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def return_free_memory() -> None:
    """Give it back to the system, where the C library can do that (glibc).

    Call it once what takes much memory for a short time is done: what glibc keeps would add to
    that of all programs of a job. It takes some milliseconds.
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
