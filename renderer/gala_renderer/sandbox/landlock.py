"""Landlock: the kernel denies files, TCP and signals that are not listed, without namespaces.

An unprivileged process can restrict itself, also in containers that allow no namespaces. Names and
sizes of files are not hidden, and processes are not counted; ``seccomp`` blocks other sockets.
"""

from __future__ import annotations

import ctypes
import os
import stat

from gala_renderer.sandbox import syscalls

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_ALL_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_ALL = (1 << 16) - 1
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

READ = _EXECUTE | _READ_FILE | _READ_DIR
# No links, pipes or sockets: the renderer reads this folder too and must not be misled.
OWN = (
    _READ_FILE | _READ_DIR | _WRITE_FILE | _TRUNCATE | _REFER
    | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG
)  # fmt: skip
DEVICE = _READ_FILE | _READ_DIR | _WRITE_FILE | _IOCTL_DEV

_TCP = 3  # bind and connect
_SCOPES = 3  # abstract sockets and signals
_WITH_TCP, _WITH_SCOPES = 4, 6
_VERSION = 1
_BENEATH = 1


def version() -> int:
    """Return the version of the kernel's Landlock ABI; 0 if it is missing or disabled."""
    try:
        return syscalls.call(
            syscalls.LANDLOCK_CREATE,
            None,
            ctypes.c_size_t(0),
            ctypes.c_uint(_VERSION),
            name="landlock",
        )
    except OSError:
        return 0


def restrict(allowed: list[tuple[str, int]]) -> None:
    """Limit this process and its children to ``allowed``, pairs of path and rights.

    Missing paths are skipped. Raises ``OSError`` if the kernel has no Landlock.
    """
    abi = version()
    handled = _ALL_BY_ABI.get(abi, _ALL)
    rules = [handled]
    if abi >= _WITH_TCP:
        rules.append(_TCP)
    if abi >= _WITH_SCOPES:
        rules.append(_SCOPES)
    request = (ctypes.c_uint64 * len(rules))(*rules)
    size = ctypes.c_size_t(ctypes.sizeof(request))
    ruleset = syscalls.call(
        syscalls.LANDLOCK_CREATE,
        ctypes.byref(request),
        size,
        ctypes.c_uint(0),
        name="landlock_create_ruleset",
    )
    for path, rights in allowed:
        _allow(ruleset, path, rights & handled)
    syscalls.call(
        syscalls.LANDLOCK_RESTRICT,
        ctypes.c_int(ruleset),
        ctypes.c_uint(0),
        name="landlock_restrict_self",
    )
    os.close(ruleset)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("rights", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(folder).st_mode):
            rights &= _OF_FILES
        syscalls.call(
            syscalls.LANDLOCK_ADD,
            ctypes.c_int(ruleset),
            ctypes.c_int(_BENEATH),
            ctypes.byref(_Beneath(rights, folder)),
            ctypes.c_uint(0),
            name=f"landlock_add_rule {path}",
        )
    finally:
        os.close(folder)
