"""A process that has Python's modules loaded, and forks the renderer's programs.

Loading Python and the libraries of a program takes much longer than most programs run. This process
does it once. It reads no file of a job: each program is confined after the fork, before it opens
one, exactly as :mod:`gala_renderer.sandbox.launcher` confines it. A program that is not one of its
modules is then executed.

Run by :mod:`gala_renderer.sandbox.forked_process` with a Unix socket as standard input. A message
is one byte with five file descriptors: a file with the request, the program's standard streams, and
the pipe for its report. The report is a line ``started <pid>`` and a line ``ended <status> <CPU
seconds>``, or ``refused <error number>``.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from typing import Any, NoReturn

from gala_renderer.sandbox import apply, syscalls
from gala_renderer.sandbox.process_title import show_command
from gala_renderer.sandbox.spec import parse_spec

_LIKELY = ("gala_renderer.probe.program",)
"""Modules of programs that most jobs run: loaded as soon as there is nothing else to do."""
_DESCRIPTORS = 5
_FIRST_OTHER = 3
_NOT_STARTED = 125


class ForkServer:
    """Starts a program for each message, and reports its end."""

    def __init__(self, control: socket.socket):
        self._control = control
        self._reports: dict[int, tuple[int, int]] = {}
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._likely = list(_LIKELY)

    def serve(self) -> None:
        """Serve until the renderer closes its end; the kernel then kills what still runs."""
        while True:
            ready = self._poll.poll(0 if self._likely else None)
            if not ready:
                _load(self._likely.pop())
            for descriptor, _ in ready:
                if descriptor in self._reports:
                    self._report_end(descriptor)
                elif not self._serve_one():
                    return

    def _serve_one(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, 1, _DESCRIPTORS)
        if not message:
            return False
        request, *streams, report = descriptors
        try:
            self._start(_read_json(request), streams, report)
        except OSError as error:
            _write_line(report, f"refused {error.errno}")
            os.close(report)
        for descriptor in streams:
            os.close(descriptor)
        return True

    def _start(self, request: dict[str, Any], streams: list[int], report: int) -> None:
        if request["module"] is not None:
            _load(request["module"])
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            _become(request, streams, report, server)
        try:
            ended = os.pidfd_open(pid)
        except OSError:
            # Without it, the end of the program would go unnoticed.
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise
        self._reports[ended] = (pid, report)
        self._poll.register(ended, select.POLLIN)

    def _report_end(self, ended: int) -> None:
        pid, report = self._reports.pop(ended)
        self._poll.unregister(ended)
        os.close(ended)
        _, status, used = os.wait4(pid, 0)
        _write_line(report, f"ended {status} {used.ru_utime + used.ru_stime}")
        os.close(report)


def _load(module: str) -> None:
    """Import the module before the fork; what it cannot import, the program reports."""
    if module in sys.modules:
        return
    try:
        importlib.import_module(module)
    except ImportError:
        return
    # Else a search for garbage in a program would copy the memory that it shares.
    gc.freeze()


def _read_json(descriptor: int) -> dict[str, Any]:
    with open(descriptor, encoding="utf-8") as file:
        file.seek(0)
        request: dict[str, Any] = json.load(file)
        return request


def _write_line(descriptor: int, line: str) -> None:
    try:
        os.write(descriptor, f"{line}\n".encode())
    except BrokenPipeError:
        # The renderer no longer waits for this program.
        return


def _become(request: dict[str, Any], streams: list[int], report: int, server: int) -> NoReturn:
    """Run the program in this process, which the process ``server`` has forked for it."""
    status = _NOT_STARTED
    try:
        # The renderer kills the group as soon as it knows its id.
        os.setsid()
        show_command(request["command"])
        os.write(report, f"started {os.getpid()}\n".encode())
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
        _close_others()
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        spec = parse_spec(request["spec"])
        # Not the parent of now: if the server has died meanwhile, the program must not start.
        spec.parent = server
        apply.confine_or_exit(spec)
        _close_others()
        _ignore_signals()
        if request["module"] is None:
            apply.execute(spec)
        _run_module(request["module"], request["arguments"])
        status = 0
    except SystemExit as ending:
        status = _status_of(ending)
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end
        traceback.print_exc()
        status = 1
    finally:
        _end(status)


def _close_others() -> None:
    # As `exec` does: what the server has open, and what the confinement needed.
    os.closerange(_FIRST_OTHER, os.sysconf("SC_OPEN_MAX"))


def _ignore_signals() -> None:
    # As Python does when it starts.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _run_module(module: str, arguments: list[str]) -> None:
    loaded = importlib.import_module(module)
    sys.argv = [str(loaded.__file__), *arguments]
    loaded.main(*arguments)


def _status_of(ending: SystemExit) -> int:
    if ending.code is None or isinstance(ending.code, int):
        return ending.code or 0
    sys.stderr.write(f"{ending.code}\n")
    return 1


def _end(status: int) -> NoReturn:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        status = status or 1
    os._exit(status)


def main(parent: str, _room: str) -> None:
    """Serve the socket that is the standard input, while the process ``parent`` runs.

    The second argument only makes room for the commands of programs.
    """
    show_command(sys.orig_argv[:-1])
    syscalls.die_with_parent()
    if os.getppid() != int(parent):
        return
    with socket.socket(fileno=os.dup(0)) as control:
        ForkServer(control).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
