"""The one event loop that the tasks of all factories of a process run on, in its own thread."""

from __future__ import annotations

import asyncio
import os
import threading

_making = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}
"""By process: a fork has no thread of its parent's."""


def factory_loop() -> asyncio.AbstractEventLoop:
    """The loop, running; made at the first call. It ends with the program."""
    with _making:
        found = _loops.get(os.getpid())
        if found is None:
            found = asyncio.new_event_loop()
            threading.Thread(target=found.run_forever, name="gala-factory", daemon=True).start()
            _loops.clear()
            _loops[os.getpid()] = found
        return found
