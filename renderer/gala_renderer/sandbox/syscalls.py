"""Linux system calls that Python does not offer; each raises ``OSError`` naming the call."""

from __future__ import annotations

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)

# Equal on every architecture, unlike those of older calls.
_MOUNT_SETATTR = 442
LANDLOCK_CREATE = 444
LANDLOCK_ADD = 445
LANDLOCK_RESTRICT = 446
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41}

NEW_NAMESPACES = (
    0x00020000  # mounts
    | 0x02000000  # cgroups
    | 0x04000000  # host name
    | 0x08000000  # System V IPC
    | 0x10000000  # users
    | 0x20000000  # processes
    | 0x40000000  # network
)

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 1, 2, 4
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITIES_3 = 0x20080522
_SIGKILL = 9


def call(number: int, *arguments: object, name: str) -> int:
    """Make the system call of that number."""
    return _checked(LIBC.syscall(ctypes.c_long(number), *arguments), name)


def unshare(flags: int) -> None:
    """Move this process into new namespaces."""
    _checked(LIBC.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Mount a filesystem, or bind a path of one, at ``target``."""
    result = LIBC.mount(
        os.fsencode(source),
        os.fsencode(target),
        kind and kind.encode(),
        ctypes.c_ulong(flags),
        data and data.encode(),
    )
    _checked(result, f"mount {target}")


def restrict_mount(target: str, attributes: int) -> None:
    """Add attributes (``ATTR_…``) to a mount and to everything mounted below it."""
    request = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    call(
        _MOUNT_SETATTR,
        ctypes.c_int(_AT_FDCWD),
        os.fsencode(target),
        ctypes.c_uint(_AT_RECURSIVE),
        ctypes.byref(request),
        ctypes.c_size_t(ctypes.sizeof(request)),
        name=f"mount_setattr {target}",
    )


def unmount(target: str) -> None:
    """Detach a mount and everything below it; it is freed once it is no longer in use."""
    _checked(LIBC.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def pivot_root(root: str, old: str) -> None:
    """Make ``root`` the root directory, and move the old one to ``old``."""
    number = _PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(f"pivot_root is not known for {os.uname().machine}")
    call(number, os.fsencode(root), os.fsencode(old), name=f"pivot_root {root}")


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends; a change of user resets this."""
    _checked(LIBC.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0), "prctl")


def forbid_new_privileges() -> None:
    """Set ``no_new_privs``: no program that is started later gains privileges."""
    _checked(LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def filter_calls(program: ctypes.Structure) -> None:
    """Install a BPF program that decides about every system call."""
    result = LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    _checked(result, "seccomp")


def drop_privileges(uid: int) -> None:
    """Drop all capabilities of this process and its children; run as ``uid``, if not -1."""
    capability = 0
    while LIBC.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    if uid >= 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(LIBC.capset(ctypes.byref(header), ctypes.byref(nothing)), "capset")


def default_signal(number: int) -> None:
    """Restore the default action of a signal."""
    LIBC.signal(ctypes.c_int(number), ctypes.c_void_p(0))


def _checked(result: int, name: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
    return result
