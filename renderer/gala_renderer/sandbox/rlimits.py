"""Resource limits of a program at every level: memory, CPU time, file sizes, processes."""

# Importing pathlib takes longer than the rest of a start.
# ruff: noqa: PTH123

from __future__ import annotations

import os
import resource
import sys

from gala_renderer.sandbox import syscalls
from gala_renderer.sandbox.spec import SandboxSpec

_SIGPIPE, _SIGXFSZ = 13, 25
_KILL_FIRST = "1000"


def lower_priority(niceness: int) -> None:
    """Lower the CPU priority, be the first to be killed if memory runs out, and dump no core."""
    os.nice(niceness)
    _limit(resource.RLIMIT_CORE, 0)
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write(_KILL_FIRST)
    except OSError:
        # Missing on macOS; if it is not writable, the kernel chooses by size.
        return


def apply(spec: SandboxSpec) -> None:
    """Limit this process irrevocably."""
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, spec.memory)
        if spec.data:
            _limit(resource.RLIMIT_DATA, spec.data)
    _limit(resource.RLIMIT_CPU, spec.cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, spec.file_bytes)
    # Threads count, and outside of a user namespace so do all other processes of this user. The
    # host's root is exempt.
    _limit(resource.RLIMIT_NPROC, spec.processes)
    # Python ignores these two signals; a program that exceeds its file size must be killed.
    syscalls.default_signal(_SIGXFSZ)
    syscalls.default_signal(_SIGPIPE)


def _limit(resource_id: int, value: int) -> None:
    hard = resource.getrlimit(resource_id)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(resource_id, (bound, bound))
