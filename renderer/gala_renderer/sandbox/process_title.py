"""The command of a forked program, as ``ps`` and ``/proc/<pid>/cmdline`` show it (Linux)."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Final

ROOM: Final = 4096
"""How many bytes of a command can be shown, if the process was started with ``PADDING``."""
PADDING: Final = " " * ROOM
"""An argument that makes room: the kernel shows the memory of the first command."""
_ENDS: Final = 2
_AFTER_NAME: Final = 2
_ARGUMENTS_START, _ARGUMENTS_END = 48 - _AFTER_NAME - 1, 49 - _AFTER_NAME - 1


def show_command(arguments: list[str]) -> None:
    """Show these arguments as the command of this process, as many bytes as there is room for."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
    # The name is in parentheses and may contain anything.
    numbers = fields.rpartition(")")[2].split()
    start, end = int(numbers[_ARGUMENTS_START]), int(numbers[_ARGUMENTS_END])
    room = end - start
    if start == 0 or room < _ENDS:
        return
    text = " ".join(arguments).encode()[: room - _ENDS]
    # A last byte that is not 0 tells the kernel that one text has replaced the arguments.
    ctypes.memmove(start, text.ljust(room - 1, b"\0") + b"\1", room)
