"""How a program ended: by itself, by a limit of ours, or killed from outside."""

from __future__ import annotations

import signal

import pytest

from gala_renderer.sandbox.program_end import ProgramEnd, program_end

TRACEBACK = 'Traceback (most recent call last):\n  File "x.py", line 1\nMemoryError\n'
KILLED_FFMPEG = "Exiting normally, received signal 15.\n"


@pytest.mark.parametrize(
    ("status", "stderr", "end"),
    [
        (0, "", ProgramEnd.SUCCEEDED),
        (1, "Invalid data found when processing input", ProgramEnd.FAILED),
        (234, "Error opening output files: Invalid argument", ProgramEnd.FAILED),
        (-signal.SIGSEGV, "", ProgramEnd.FAILED),
        (-signal.SIGABRT, "assertion failed", ProgramEnd.FAILED),
        (-signal.SIGILL, "", ProgramEnd.FAILED),
        (-signal.SIGFPE, "", ProgramEnd.FAILED),
        (-signal.SIGBUS, "", ProgramEnd.FAILED),
        (-signal.SIGSYS, "", ProgramEnd.FAILED),
        (-signal.SIGPIPE, "", ProgramEnd.FAILED),
        (139, "", ProgramEnd.FAILED),
        (-signal.SIGXFSZ, "", ProgramEnd.FILE_LIMIT),
        (-signal.SIGXCPU, "", ProgramEnd.CPU_LIMIT),
        (1, TRACEBACK, ProgramEnd.MEMORY_LIMIT),
        (-signal.SIGABRT, "what():  std::bad_alloc", ProgramEnd.MEMORY_LIMIT),
        (244, "Error while decoding: Cannot allocate memory", ProgramEnd.MEMORY_LIMIT),
        (-signal.SIGKILL, "", ProgramEnd.KILLED),
        (-signal.SIGKILL, "MemoryError, a warning long before", ProgramEnd.KILLED),
        (-signal.SIGTERM, "", ProgramEnd.KILLED),
        (-signal.SIGHUP, "", ProgramEnd.KILLED),
        (-signal.SIGINT, "KeyboardInterrupt", ProgramEnd.KILLED),
        (-signal.SIGUSR1, "", ProgramEnd.KILLED),
        (-signal.SIGRTMIN - 3, "", ProgramEnd.KILLED),
        (137, "Killed", ProgramEnd.KILLED),
        (143, "", ProgramEnd.KILLED),
        (255, "", ProgramEnd.KILLED),
        (255, KILLED_FFMPEG, ProgramEnd.KILLED),
        (123, "Received > 3 system signals, hard exiting\n", ProgramEnd.KILLED),
        (255, "Operation not permitted", ProgramEnd.FAILED),
    ],
)
def test_a_program_is_blamed_only_for_what_it_did_itself(
    status: int, stderr: str, end: ProgramEnd
) -> None:
    assert program_end(status, stderr, cpu_limit_reached=False) is end


def test_the_kernel_s_kill_for_computing_time_is_no_kill_from_outside() -> None:
    killed = -signal.SIGKILL
    assert program_end(killed, "", cpu_limit_reached=True) is ProgramEnd.CPU_LIMIT
    terminated = -signal.SIGTERM
    assert program_end(terminated, "", cpu_limit_reached=True) is ProgramEnd.KILLED
