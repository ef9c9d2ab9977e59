"""A system call filter: no sockets, and no calls that expose much of the kernel.

The programs need none of them. ``socketpair`` is allowed, as it connects to nothing else.
"""

from __future__ import annotations

import ctypes
import os

from gala_renderer.sandbox import syscalls

# The kernel's constant for the architecture, then: socket, io_uring_setup (which can open sockets),
# ptrace, unshare, add_key, request_key, keyctl, perf_event_open, bpf, userfaultfd.
_REFUSED = {
    "x86_64": (0xC000003E, (41, 425, 101, 272, 248, 249, 250, 298, 321, 323)),
    "aarch64": (0xC00000B7, (198, 425, 117, 97, 217, 218, 219, 241, 280, 282)),
}
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1  # the latter with EPERM
_X32 = 0x40000000  # a second set of numbers for the same calls


class _Instruction(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_uint16),
        ("yes", ctypes.c_uint8),
        ("no", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    ]


class _Program(ctypes.Structure):
    _fields_ = [
        ("length", ctypes.c_uint16),
        ("instructions", ctypes.POINTER(_Instruction)),
    ]


def supported() -> bool:
    """Return True if the system call numbers of this architecture are known."""
    return os.uname().machine in _REFUSED


def restrict() -> None:
    """Apply the filter to this process and its children; needs ``forbid_new_privileges`` first."""
    if not supported():
        raise OSError(f"the system calls of {os.uname().machine} are not known")
    architecture, refused = _REFUSED[os.uname().machine]
    last = len(refused) + 1  # the jump from the first comparison to the refusal at the end
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_IF_AT_LEAST, last, 0, _X32),
        *((_IF_EQUAL, last - at, 0, number) for at, number in enumerate(refused, start=1)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    instructions = (_Instruction * len(lines))(*(_Instruction(*line) for line in lines))
    syscalls.filter_calls(_Program(len(lines), instructions))
