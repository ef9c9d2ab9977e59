"""Kills a program of a renderer as soon as it starts."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import psutil

from tests.support.processes import command_of


@contextmanager
def killing_first(
    renderer: psutil.Process, marker: str, *, signum: signal.Signals = signal.SIGKILL
) -> Iterator[list[int]]:
    """Send the first program with ``marker`` in its command a signal; yield the killed ids.

    Programs that run before the block starts are left alone.
    """
    before = {process.pid for process in renderer.children(recursive=True)}
    killed: list[int] = []
    done = Event()

    def watch() -> None:
        while not (killed or done.is_set()):
            for process in renderer.children(recursive=True):
                if process.pid not in before and marker in command_of(process):
                    with suppress(psutil.NoSuchProcess):
                        process.send_signal(signum)
                        killed.append(process.pid)
                        return
            time.sleep(0.002)

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield killed
    finally:
        done.set()
        watcher.join()
