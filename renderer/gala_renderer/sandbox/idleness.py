"""Whether a program, and all that it started, is deadlocked.

The threads of some versions of FFmpeg deadlock on a busy machine: it then neither ends nor uses the
processor. Seen from outside, a program that works has a thread that runs, that is ready to, or that
waits for a disk.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_EACH_SECONDS: Final = 1.0
_SLEEPS: Final = "S"
_IDLE_SHARE: Final = 0.02
"""Of one processor. FFmpeg's first thread reports the progress five times a second."""
_STATE, _USER, _SYSTEM = 0, 11, 12
"""Fields of ``/proc/<pid>/stat`` after the name."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What programs have used of the processor, in seconds, and whether all threads sleep."""

    seconds: float
    sleeps: bool


def activity(pids: Sequence[int]) -> Activity | None:
    """Return the activity of programs and their descendants; None where it cannot be known."""
    ticks, sleeps = 0, True
    try:
        for pid in (one for root in pids for one in _with_descendants(root)):
            used = _stat(Path(f"/proc/{pid}/stat"))
            ticks += int(used[_USER]) + int(used[_SYSTEM])
            threads = [_stat(thread / "stat") for thread in Path(f"/proc/{pid}/task").iterdir()]
            sleeps = sleeps and all(thread[_STATE] == _SLEEPS for thread in threads)
    except OSError:
        return None
    return Activity(ticks / os.sysconf("SC_CLK_TCK"), sleeps)


def _with_descendants(pid: int) -> Iterator[int]:
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from _with_descendants(int(child))


def _stat(path: Path) -> list[str]:
    """Return the fields after the name, which may contain spaces and brackets."""
    return path.read_text().rpartition(")")[2].split()


async def until_idle(pids: Sequence[int], seconds: float) -> None:
    """Return once programs have done nothing for that long.

    It never returns where ``/proc`` does not say what they do, as on macOS.
    """
    loop = asyncio.get_running_loop()
    since, used = loop.time(), 0.0
    while True:
        await asyncio.sleep(min(_EACH_SECONDS, seconds / 4))
        now = await asyncio.to_thread(activity, pids)
        if now is None or not now.sleeps or now.seconds - used > _IDLE_SHARE * seconds:
            since, used = loop.time(), 0.0 if now is None else now.seconds
        elif loop.time() - since >= seconds:
            return
