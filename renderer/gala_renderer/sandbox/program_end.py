"""How a program ended, and who is to blame: itself, a limit that we set, or a signal from outside.

A program that is killed from outside says nothing about the files that it read. Most often the
kernel killed it because memory ran out: programs offer themselves for that before the renderer
(:mod:`gala_renderer.sandbox.rlimits`). The attempt can be repeated.
"""

from __future__ import annotations

import re
import resource
import signal
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from typing import Final

from gala.errors import RendererLost

_SHELL_OFFSET: Final = 128
"""A wrapper, such as a shell script, exits with 128 + N if its program died by signal N."""
_WRAPPED: Final = frozenset({signal.SIGKILL, signal.SIGTERM})
_OWN_SIGNALS: Final = frozenset(
    {
        *(signal.SIGSEGV, signal.SIGABRT, signal.SIGILL, signal.SIGFPE, signal.SIGBUS),
        *(signal.SIGSYS, signal.SIGTRAP, signal.SIGPIPE),
    }
)
"""Signals that a program receives for what it did itself; SIGSYS for a forbidden system call."""
_FFMPEG_AFTER_SIGNAL: Final = 255
_FFMPEG_AFTER_SIGNALS: Final = 123
_FFMPEG_SIGNALLED: Final = re.compile(
    r"\A\s*\Z|^Exiting normally, received signal|^Received > 3 system signals", re.MULTILINE
)
"""FFmpeg catches signals and exits with these statuses, without an error message."""
_OUT_OF_ADDRESS_SPACE: Final = re.compile(
    r"MemoryError|std::bad_alloc|Cannot allocate memory|Unable to allocate"
)
_CPU_MARGIN: Final = 0.7
"""Measured on a busy virtual machine: a program is killed after 0.84 to 1.02 of its seconds."""
_MEMORY_IS_SHORT: Final = 0.05
_CGROUPS: Final = Path("/sys/fs/cgroup")


class ProgramKilled(RendererLost):
    """A program of the renderer was killed from outside; another attempt may succeed."""


class ProgramEnd(Enum):
    """How a program ended."""

    SUCCEEDED = auto()
    FAILED = auto()
    """By itself: with an exit status, or by a signal that its own defect caused."""
    MEMORY_LIMIT = auto()
    CPU_LIMIT = auto()
    FILE_LIMIT = auto()
    KILLED = auto()
    """By a signal from outside. Check first whether it was ours."""


def program_end(status: int, stderr: str, *, cpu_limit_reached: bool) -> ProgramEnd:
    """Return how a program ended, by its exit status (negative for a signal) and error output.

    ``cpu_limit_reached`` is True if it may have used up its computing time: Linux sends SIGKILL.
    """
    if status == 0:
        return ProgramEnd.SUCCEEDED
    signum = signal_of(status)
    if signum is signal.SIGXFSZ:
        return ProgramEnd.FILE_LIMIT
    if signum is signal.SIGXCPU or (signum is signal.SIGKILL and cpu_limit_reached):
        return ProgramEnd.CPU_LIMIT
    if signum is None or signum in _OWN_SIGNALS:
        reported = _OUT_OF_ADDRESS_SPACE.search(stderr)
        return ProgramEnd.MEMORY_LIMIT if reported else _own_end(status, stderr)
    return ProgramEnd.KILLED


def signal_of(status: int) -> signal.Signals | None:
    """Return the signal that ended a program, or ``None`` if it exited by itself."""
    number = -status if status < 0 else status - _SHELL_OFFSET
    try:
        signum = signal.Signals(number)
    except ValueError:
        # Real-time signals have no name; nothing here sends them, nor is their default to ignore.
        return signal.SIGKILL if status < 0 else None
    return signum if status < 0 or signum in _WRAPPED else None


def _own_end(status: int, stderr: str) -> ProgramEnd:
    if status in {_FFMPEG_AFTER_SIGNAL, _FFMPEG_AFTER_SIGNALS} and _FFMPEG_SIGNALLED.search(stderr):
        return ProgramEnd.KILLED
    return ProgramEnd.FAILED


class ResourceBaseline:
    """Counters at the start of a program, to find out at its end what it ran out of."""

    def __init__(self) -> None:
        self._cpu = _children_cpu_seconds()
        self._oom_kills = _oom_kills()

    def may_have_used(self, cpu_seconds: int, forked: float) -> bool:
        """Return True if all programs that have ended since used that much computing time.

        ``forked`` is that of a program that is no child of this process.

        With a margin: the kernel counts ticks for the limit, but precise times here.
        """
        return forked + _children_cpu_seconds() - self._cpu >= cpu_seconds * _CPU_MARGIN

    def killed_error(self, status: int) -> ProgramKilled:
        """Return the error of a program that was killed from outside; it says if memory ran out."""
        if _oom_kills() > self._oom_kills or _memory_is_short():
            return ProgramKilled(
                "A program of the renderer was killed because this server ran out of memory.",
                hint="Give the renderer more memory, or let it do less at once (RENDERER_SLOTS).",
            )
        signum = signal_of(status)
        name = signum.name if signum else "a signal"
        return ProgramKilled(f"A program of the renderer was killed from outside ({name}).")


def _children_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _oom_kills() -> int:
    """Return how many processes the kernel has killed for lack of memory, here or on the machine.

    Control groups count their own, the kernel counts all. Missing counters (macOS) count as 0.
    """
    return sum(_counter(path, "oom_kill") for path in (*_cgroup_files(), Path("/proc/vmstat")))


def _cgroup_files() -> list[Path]:
    """Return the files of this process's control group that may have a counter: version 2, or 1."""
    files: list[Path] = []
    for line in _lines(Path("/proc/self/cgroup")):
        _, controllers, path = line.split(":", 2)
        inside = path.strip("/")
        if not controllers:
            files.append(_CGROUPS / inside / "memory.events")
        elif "memory" in controllers.split(","):
            files.append(_CGROUPS / "memory" / inside / "memory.oom_control")
    return files


def _memory_is_short() -> bool:
    meminfo = Path("/proc/meminfo")
    total, available = _counter(meminfo, "MemTotal:"), _counter(meminfo, "MemAvailable:")
    return available < total * _MEMORY_IS_SHORT


def _counter(path: Path, name: str) -> int:
    fields = (line.split() for line in _lines(path))
    return next((int(words[1]) for words in fields if len(words) > 1 and words[0] == name), 0)


def _lines(path: Path) -> list[str]:
    with suppress(OSError):
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    return []
