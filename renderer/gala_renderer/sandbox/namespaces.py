"""Namespaces: the program has a root, processes, users and a network of its own.

What is not named is not refused but simply not there. Three processes stand in a row: this one,
which the renderer waits for; the first of the new namespaces, whose end the kernel makes the end
of all that is in them; and the program.
"""

# pathlib costs more than all the rest of a start.
# ruff: noqa: PTH102, PTH103, PTH109, PTH110, PTH112, PTH115, PTH120, PTH123, PTH211

from __future__ import annotations

import os

from gala_renderer.sandbox import landlock, seccomp, syscalls
from gala_renderer.sandbox.spec import SandboxSpec
from gala_renderer.sandbox.syscalls import (  # fmt: skip
    ATTR_NODEV,
    ATTR_NOSUID,
    ATTR_RDONLY,
    MS_BIND,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
)

_BASE = "/tmp"  # noqa: S108 - only a place to hang the new root from, seen by nobody else
_OLD, _NEW = "/old", "/new"
_ROOT_BYTES = 1 << 20
_SHARED_MEMORY_BYTES = 256 << 20
_STREAMS = (
    ("/proc/self/fd", "fd"), ("fd/0", "stdin"), ("fd/1", "stdout"), ("fd/2", "stderr"),
)  # fmt: skip
_ID_FILES = ("uid_map", "gid_map")


def run(order: SandboxSpec) -> None:
    """Have a program run in new namespaces.

    Returns only in the process that is to become the program: it is confined, but for its limits.
    """
    told, tell = os.pipe()
    alive, life = os.pipe()
    where = os.getcwd()
    mine = (os.geteuid(), os.getegid())
    helper = _helper(order.uid) if order.uid >= 0 else None
    syscalls.unshare(syscalls.NEW_NAMESPACES)
    if helper:
        _ids_of(helper)
    else:
        _ids_of_mine(*mine)
    # The kernel forgets it when the user changes, as has just happened.
    syscalls.die_with_parent()
    if os.getppid() != order.parent:
        os._exit(1)
    first = os.fork()
    if first:
        os.close(tell)
        _end_like(first, told)
    os.close(life)
    _furnish(order, where)
    syscalls.become(order.uid)
    syscalls.die_with_parent()
    _gone_if_alone(alive)
    syscalls.gain_nothing()
    if landlock.version():
        landlock.restrict(_allowed(order))
    if seccomp.known():
        seccomp.restrict()
    program = os.fork()
    if program:
        _reap_until(program, tell)


def _ids_of_mine(uid: int, gid: int) -> None:
    """The namespace knows one user, the one who asks; he is the same inside and outside."""
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")


def _helper(uid: int) -> tuple[int, int]:
    """A process that stays outside, where it may give this one two users, and its pipe.

    As root, Python and the inputs may be for root's eyes only; once they are opened for the
    program, it becomes ``uid``.
    """
    go, gone = os.pipe()
    parent = os.getpid()
    helper = os.fork()
    if helper:
        os.close(go)
        return helper, gone
    os.close(gone)
    os.read(go, 1)
    try:
        for name in _ID_FILES:
            _write(f"/proc/{parent}/{name}", f"0 0 1\n{uid} {uid} 1")
    except OSError:
        os._exit(1)
    os._exit(0)


def _ids_of(helper: tuple[int, int]) -> None:
    pid, gone = helper
    os.close(gone)
    if os.waitpid(pid, 0)[1]:
        raise OSError("the user could not be changed")


def _furnish(order: SandboxSpec, where: str) -> None:
    """Make the root that the program sees, and go there."""
    syscalls.mount("none", "/", None, MS_REC | MS_PRIVATE)
    _tmpfs(_BASE, _ROOT_BYTES)
    os.mkdir(_BASE + _OLD)
    os.mkdir(_BASE + _NEW)
    syscalls.pivot_root(_BASE, _BASE + _OLD)
    os.chdir("/")
    _tmpfs(_NEW, _ROOT_BYTES)
    for path, attributes in _folders(order):
        _bind(path, attributes)
    for link in order.links:
        os.symlink(os.readlink(_OLD + link), _NEW + link)
    _devices(order.devices)
    # The kernel lets this be mounted only where it is to be seen already: before the old root goes.
    os.mkdir(f"{_NEW}/proc")
    syscalls.mount("proc", f"{_NEW}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    _write(f"{_NEW}/proc/sys/user/max_user_namespaces", "0")
    _read_only(f"{_NEW}/proc", MS_NOEXEC)
    os.makedirs(_NEW + where, exist_ok=True)
    _read_only(_NEW, 0)
    syscalls.unmount(_OLD)
    os.chdir(_NEW)
    syscalls.pivot_root(".", ".")
    syscalls.unmount(".")
    os.chdir(where)


def _folders(order: SandboxSpec) -> list[tuple[str, int]]:
    """Each folder with its mount's attributes, outer ones first."""
    safe = ATTR_NOSUID | ATTR_NODEV
    read = [(path, safe | ATTR_RDONLY) for path in (*order.read, *order.given)]
    return sorted([*read, *((path, safe) for path in order.write)])


def _bind(path: str, attributes: int) -> None:
    source, target = _OLD + path, _NEW + path
    if not os.path.exists(source):
        raise OSError(f"{path} is not there")
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        _empty_file(target)
    syscalls.mount(source, target, None, MS_BIND | MS_REC)
    if attributes:
        syscalls.restrict_mount(target, attributes)


def _devices(paths: list[str]) -> None:
    folder = f"{_NEW}/dev"
    os.mkdir(folder)
    for path in paths:
        _bind(path, 0)
    for target, name in _STREAMS:
        os.symlink(target, f"{folder}/{name}")
    os.mkdir(f"{folder}/shm")
    _tmpfs(f"{folder}/shm", _SHARED_MEMORY_BYTES, mode="1777", more=MS_NOEXEC)


def _allowed(order: SandboxSpec) -> list[tuple[str, int]]:
    return [
        ("/", landlock.READ),
        ("/dev", landlock.DEVICE),
        ("/dev/shm", landlock.OWN),  # noqa: S108 - a filesystem of the program's own
        *((path, landlock.OWN) for path in order.write),
    ]


def _gone_if_alone(alive: int) -> None:
    """End if the parent ended before the kernel knew that we follow it."""
    os.set_blocking(alive, False)
    try:
        os.read(alive, 1)
    except BlockingIOError:
        return
    os._exit(1)


def _reap_until(program: int, tell: int) -> None:
    """Be the first process: bury everybody, tell how the program ended, and end."""
    while True:
        pid, status = os.wait()
        if pid == program:
            os.write(tell, status.to_bytes(4, "little"))
            os._exit(0)


def _end_like(first: int, told: int) -> None:
    """Wait, and end as the program ended (as its first process did, if that got nowhere)."""
    said = os.read(told, 4)
    status = os.waitpid(first, 0)[1]
    if said:
        status = int.from_bytes(said, "little")
    if os.WIFSIGNALED(status):
        syscalls.default_signal(os.WTERMSIG(status))
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))


def _tmpfs(target: str, size: int, mode: str = "755", more: int = 0) -> None:
    syscalls.mount("none", target, "tmpfs", MS_NOSUID | MS_NODEV | more, f"mode={mode},size={size}")


def _read_only(target: str, more: int) -> None:
    flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | more
    syscalls.mount("none", target, None, flags)


def _empty_file(path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.exists(path):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o444))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
