"""Confines this process as it was ordered, then becomes the given program."""

from __future__ import annotations

import os
import sys

from gala_renderer.sandbox import rlimits, syscalls
from gala_renderer.sandbox.spec import SandboxSpec, parse_spec

_NAMESPACES, _LANDLOCK = "namespaces", "landlock"
_NOT_CONFINED = 125


def main(words: list[str]) -> None:
    """Apply the order and ``exec``; never returns."""
    order = parse_spec(words)
    try:
        _confine(order)
    except OSError as error:
        # A program is never run with less than what was ordered.
        sys.stderr.write(f"sandbox: {error}\n")
        sys.stderr.flush()
        os._exit(_NOT_CONFINED)
    try:
        os.execv(order.program[0], order.program)  # noqa: S606 - an argument list, no shell
    except OSError as error:
        sys.exit(f"{order.program[0]}: {error.strerror}")


def _confine(order: SandboxSpec) -> None:
    linux = sys.platform == "linux"
    if linux:
        _die_with(order.parent)
    rlimits.put_last(order.niceness)
    if order.uid >= 0:
        _hand_over(order)
    if order.level == _NAMESPACES:
        from gala_renderer.sandbox import namespaces  # noqa: PLC0415 - only where it is used

        namespaces.run(order)
    elif order.level == _LANDLOCK:
        _lock(order)
    elif linux:
        syscalls.gain_nothing()
    rlimits.apply(order)


def _die_with(parent: int) -> None:
    syscalls.die_with_parent()
    if os.getppid() != parent:
        # The parent died before the kernel knew that we follow it.
        sys.exit(1)


def _hand_over(order: SandboxSpec) -> None:
    """Give the program's folders, and what lies in them, to the user that it becomes.

    Programs may be at work in them: no name is followed that could have become a link.
    """
    for root in (*order.given, *order.write):
        for _, folders, files, at in os.fwalk(root):
            os.fchown(at, order.uid, order.uid)
            for name in [*folders, *files]:
                try:
                    os.chown(name, order.uid, order.uid, dir_fd=at, follow_symlinks=False)
                except FileNotFoundError:
                    continue


def _lock(order: SandboxSpec) -> None:
    from gala_renderer.sandbox import landlock, seccomp  # noqa: PLC0415 - only where it is used

    syscalls.become(order.uid)
    # The kernel forgets it when the user changes.
    _die_with(order.parent)
    syscalls.gain_nothing()
    landlock.restrict(
        [
            *((path, landlock.READ) for path in (*order.read, *order.given)),
            *((path, landlock.OWN) for path in order.write),
            *((path, landlock.DEVICE) for path in order.devices),
            *((path, landlock.READ) for path in _PROC),
        ]
    )
    # Landlock alone knows of TCP only, and that only since Linux 6.7.
    seccomp.restrict()


_PROC = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems")
