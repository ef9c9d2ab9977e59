"""Confines this process by its spec, then replaces it with the given program."""

from __future__ import annotations

import os
import sys

from gala_renderer.sandbox import rlimits, syscalls
from gala_renderer.sandbox.spec import SandboxSpec, parse_spec

_NAMESPACES, _LANDLOCK = "namespaces", "landlock"
_NOT_CONFINED = 125


def main(arguments: list[str]) -> None:
    """Apply the spec of the arguments and ``exec`` the program; never returns."""
    spec = parse_spec(arguments)
    confine_or_exit(spec)
    execute(spec)


def confine_or_exit(spec: SandboxSpec) -> None:
    """Confine this process by the spec.

    A program is never run with less confinement than its spec demands: if that fails, exit.
    """
    try:
        _confine(spec)
    except OSError as error:
        sys.stderr.write(f"sandbox: {error}\n")
        sys.stderr.flush()
        os._exit(_NOT_CONFINED)


def execute(spec: SandboxSpec) -> None:
    """Replace this process with the program of the spec; never returns."""
    try:
        os.execv(spec.program[0], spec.program)  # noqa: S606 - an argument list, no shell
    except OSError as error:
        sys.exit(f"{spec.program[0]}: {error.strerror}")


def _confine(spec: SandboxSpec) -> None:
    linux = sys.platform == "linux"
    if linux:
        _die_with(spec.parent)
    rlimits.lower_priority(spec.niceness)
    if spec.uid >= 0:
        _change_owner(spec)
    if spec.level == _NAMESPACES:
        from gala_renderer.sandbox import namespaces  # noqa: PLC0415 - only where it is used

        namespaces.run(spec)
    elif spec.level == _LANDLOCK:
        _restrict(spec)
    elif linux:
        syscalls.forbid_new_privileges()
    rlimits.apply(spec)


def _die_with(parent: int) -> None:
    syscalls.die_with_parent()
    if os.getppid() != parent:
        # The parent died before the kernel was asked to kill this process with it.
        sys.exit(1)


def _change_owner(spec: SandboxSpec) -> None:
    """Give the program's folders and their contents to the user that it will run as.

    Other programs may be working in them, so no name that could be a link by now is followed.
    """
    for root in (*spec.job_read, *spec.write):
        for _, folders, files, at in os.fwalk(root):
            os.fchown(at, spec.uid, spec.uid)
            for name in [*folders, *files]:
                try:
                    os.chown(name, spec.uid, spec.uid, dir_fd=at, follow_symlinks=False)
                except FileNotFoundError:
                    continue


def _restrict(spec: SandboxSpec) -> None:
    from gala_renderer.sandbox import landlock, seccomp  # noqa: PLC0415 - only where it is used

    syscalls.drop_privileges(spec.uid)
    # A change of user resets the setting.
    _die_with(spec.parent)
    syscalls.forbid_new_privileges()
    landlock.restrict(
        [
            *((path, landlock.READ) for path in (*spec.read, *spec.job_read)),
            *((path, landlock.OWN) for path in spec.write),
            *((path, landlock.DEVICE) for path in spec.devices),
            *((path, landlock.READ) for path in _PROC),
        ]
    )
    # Landlock restricts only TCP, and that only since Linux 6.7.
    seccomp.restrict()


_PROC = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems")
