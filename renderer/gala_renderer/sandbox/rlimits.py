"""What a program may use, whatever else holds: memory, time, file sizes, processes."""

# pathlib costs more than all the rest of a start.
# ruff: noqa: PTH123

from __future__ import annotations

import os
import resource
import sys

from gala_renderer.sandbox import syscalls
from gala_renderer.sandbox.spec import SandboxSpec

_SIGPIPE, _SIGXFSZ = 13, 25
_FIRST_TO_GO = "1000"


def put_last(niceness: int) -> None:
    """Behind others for the CPU, before all others when memory runs out; it leaves no core."""
    os.nice(niceness)
    _limit(resource.RLIMIT_CORE, 0)
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write(_FIRST_TO_GO)
    except OSError:
        # There is none on macOS; where it may not be written, the kernel chooses by size.
        return


def apply(order: SandboxSpec) -> None:
    """Limit this process; it cannot undo that."""
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, order.memory)
    _limit(resource.RLIMIT_CPU, order.cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, order.file_bytes)
    # Threads count; so does, outside of a user namespace, everything else of this user. The
    # host's root is exempt.
    _limit(resource.RLIMIT_NPROC, order.processes)
    # Python ignores these two; a program that writes past its limit must die of it.
    syscalls.default_signal(_SIGXFSZ)
    syscalls.default_signal(_SIGPIPE)


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (bound, bound))
