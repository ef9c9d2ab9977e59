"""The event loop that runs the tasks of all factories of a process, in a thread of its own."""

from __future__ import annotations

import os
import threading

from gala.event_loop import LoopThread

_lock = threading.Lock()
_threads: dict[int, LoopThread] = {}
"""Keyed by process id: a forked process does not have its parent's threads."""


def factory_loop() -> LoopThread:
    """Return the running loop, created at the first call. It ends with the program."""
    with _lock:
        thread = _threads.get(os.getpid())
        if thread is None:
            thread = LoopThread("gala-factory")
            _threads.clear()
            _threads[os.getpid()] = thread
        return thread
