"""Namespaces: the program gets its own root directory, processes, users and network.

Paths that are not listed do not exist for it. There are three processes: this one, which the
renderer waits for; the init process of the new namespaces, with whose exit the kernel kills all
processes in them; and the program.
"""

# Importing pathlib takes longer than the rest of a start.
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

_BASE = "/tmp"  # noqa: S108 - the mount point of the new root, invisible to other processes
_OLD, _NEW = "/old", "/new"
_ROOT_BYTES = 1 << 20
_SHARED_MEMORY_BYTES = 256 << 20
_STREAMS = (
    ("/proc/self/fd", "fd"), ("fd/0", "stdin"), ("fd/1", "stdout"), ("fd/2", "stderr"),
)  # fmt: skip
_ID_FILES = ("uid_map", "gid_map")


def run(spec: SandboxSpec) -> None:
    """Fork a process in new namespaces that will become the program.

    Returns only in that process, which is confined, except for its resource limits.
    """
    status_reader, status_writer = os.pipe()
    parent_alive, parent_end = os.pipe()
    cwd = os.getcwd()
    ids = (os.geteuid(), os.getegid())
    helper = _start_id_helper(spec.uid) if spec.uid >= 0 else None
    syscalls.unshare(syscalls.NEW_NAMESPACES)
    if helper:
        _map_ids_by_helper(helper)
    else:
        _map_own_ids(*ids)
    # The change of user that has just happened resets the setting.
    syscalls.die_with_parent()
    if os.getppid() != spec.parent:
        os._exit(1)
    init = os.fork()
    if init:
        os.close(status_writer)
        _exit_like_program(init, status_reader)
    os.close(parent_end)
    _build_root(spec, cwd)
    syscalls.drop_privileges(spec.uid)
    syscalls.die_with_parent()
    _exit_if_orphaned(parent_alive)
    syscalls.forbid_new_privileges()
    if landlock.version():
        landlock.restrict(_allowed(spec))
    if seccomp.supported():
        seccomp.restrict()
    program = os.fork()
    if program:
        _run_as_init(program, status_writer)


def _map_own_ids(uid: int, gid: int) -> None:
    """Map one user, the current one, to itself."""
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")


def _start_id_helper(uid: int) -> tuple[int, int]:
    """Start a process that stays outside and maps two users; return its id and a pipe.

    It maps root, which may be the only user that can read Python and the inputs, and ``uid``, which
    the program runs as once they are mounted. Closing the pipe starts its work.
    """
    reader, writer = os.pipe()
    parent = os.getpid()
    helper = os.fork()
    if helper:
        os.close(reader)
        return helper, writer
    os.close(writer)
    os.read(reader, 1)
    try:
        for name in _ID_FILES:
            _write(f"/proc/{parent}/{name}", f"0 0 1\n{uid} {uid} 1")
    except OSError:
        os._exit(1)
    os._exit(0)


def _map_ids_by_helper(helper: tuple[int, int]) -> None:
    pid, writer = helper
    os.close(writer)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        _die_by(os.WTERMSIG(status))
    if status:
        raise OSError("the user could not be changed")


def _build_root(spec: SandboxSpec, cwd: str) -> None:
    """Mount the root directory that the program sees, and change to ``cwd`` in it."""
    syscalls.mount("none", "/", None, MS_REC | MS_PRIVATE)
    _tmpfs(_BASE, _ROOT_BYTES)
    os.mkdir(_BASE + _OLD)
    os.mkdir(_BASE + _NEW)
    syscalls.pivot_root(_BASE, _BASE + _OLD)
    os.chdir("/")
    _tmpfs(_NEW, _ROOT_BYTES)
    for path, attributes in _mounts(spec):
        _bind(path, attributes)
    for link in spec.links:
        os.symlink(os.readlink(_OLD + link), _NEW + link)
    _mount_devices(spec.devices)
    # The kernel allows this mount only while another /proc is visible: before the old root goes.
    os.mkdir(f"{_NEW}/proc")
    syscalls.mount("proc", f"{_NEW}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    _write(f"{_NEW}/proc/sys/user/max_user_namespaces", "0")
    _read_only(f"{_NEW}/proc", MS_NOEXEC)
    os.makedirs(_NEW + cwd, exist_ok=True)
    _read_only(_NEW, 0)
    syscalls.unmount(_OLD)
    os.chdir(_NEW)
    syscalls.pivot_root(".", ".")
    syscalls.unmount(".")
    os.chdir(cwd)


def _mounts(spec: SandboxSpec) -> list[tuple[str, int]]:
    """Return each path with the attributes of its mount, outer ones first."""
    safe = ATTR_NOSUID | ATTR_NODEV
    read = [(path, safe | ATTR_RDONLY) for path in (*spec.read, *spec.job_read)]
    return sorted([*read, *((path, safe) for path in spec.write)])


def _bind(path: str, attributes: int) -> None:
    source, target = _OLD + path, _NEW + path
    if not os.path.exists(source):
        raise OSError(f"{path} does not exist")
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        _empty_file(target)
    syscalls.mount(source, target, None, MS_BIND | MS_REC)
    if attributes:
        syscalls.restrict_mount(target, attributes)


def _mount_devices(paths: list[str]) -> None:
    folder = f"{_NEW}/dev"
    os.mkdir(folder)
    for path in paths:
        _bind(path, 0)
    for target, name in _STREAMS:
        os.symlink(target, f"{folder}/{name}")
    os.mkdir(f"{folder}/shm")
    _tmpfs(f"{folder}/shm", _SHARED_MEMORY_BYTES, mode="1777", more=MS_NOEXEC)


def _allowed(spec: SandboxSpec) -> list[tuple[str, int]]:
    return [
        ("/", landlock.READ),
        ("/dev", landlock.DEVICE),
        ("/dev/shm", landlock.OWN),  # noqa: S108 - a filesystem of this program alone
        *((path, landlock.OWN) for path in spec.write),
    ]


def _exit_if_orphaned(parent_alive: int) -> None:
    """Exit if the parent ended before the kernel was asked to kill this process with it."""
    os.set_blocking(parent_alive, False)
    try:
        os.read(parent_alive, 1)
    except BlockingIOError:
        return
    os._exit(1)


def _run_as_init(program: int, status_writer: int) -> None:
    """Reap all processes until the program ends, write its status, and exit."""
    while True:
        pid, status = os.wait()
        if pid == program:
            os.write(status_writer, status.to_bytes(4, "little"))
            os._exit(0)


def _exit_like_program(init: int, status_reader: int) -> None:
    """Wait, and exit as the program did (as the init process did, if it started no program)."""
    reported = os.read(status_reader, 4)
    status = os.waitpid(init, 0)[1]
    if reported:
        status = int.from_bytes(reported, "little")
    if os.WIFSIGNALED(status):
        _die_by(os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))


def _die_by(signum: int) -> None:
    """End by the signal that ended a process of this program, so that the renderer sees it."""
    syscalls.default_signal(signum)
    os.kill(os.getpid(), signum)


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
