"""The supervisor, tested with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from gala.supervisor import Process, Program, ServiceFailed, Supervisor
from tests.support.processes import runs
from tests.support.wait import wait_until

Lines = list[tuple[str, str]]


def python(name: str, code: str, **options: object) -> Program:
    return Program(name=name, argv=(sys.executable, "-c", textwrap.dedent(code)), **options)  # type: ignore[arg-type]


def sleeper(name: str, **options: object) -> Program:
    return python(name, "import time; print('here', flush=True); time.sleep(600)", **options)


@pytest.fixture
def lines() -> Lines:
    return []


@pytest.fixture
def running(lines: Lines) -> Iterator[list[Supervisor]]:
    supervisors: list[Supervisor] = []
    yield supervisors
    for supervisor in supervisors:
        supervisor.stop()


def start(running: list[Supervisor], lines: Lines, *stages: list[Program]) -> Supervisor:
    supervisor = Supervisor(stages, sink=lambda name, line: lines.append((name, line)))
    running.append(supervisor)
    supervisor.start(20)
    return supervisor


def is_gone(pid: int) -> bool:
    try:
        return not runs(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return True


def test_a_program_that_ends_is_started_again(running: list[Supervisor], lines: Lines) -> None:
    supervisor = start(running, lines, [sleeper("one")])
    first = supervisor.process("one").pid
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: supervisor.process("one").pid != first, 5)
    assert any(name == "gala" and "one ended (SIGKILL)" in line for name, line in lines)


def test_a_program_that_cannot_be_started_again_at_first_ends_no_other(
    running: list[Supervisor], lines: Lines, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    supervisor = start(running, lines, [sleeper("one"), sleeper("two", cwd=folder)])
    first, other = supervisor.process("two").pid, supervisor.process("one").pid
    folder.rmdir()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: any("two cannot be started" in line for _, line in lines), 5)
    assert not is_gone(other)
    folder.mkdir()
    wait_until(lambda: supervisor.process("two").running, 5)
    assert supervisor.process("one").pid == other


def test_every_line_comes_with_the_name_of_its_service(
    running: list[Supervisor], lines: Lines
) -> None:
    start(running, lines, [sleeper("one"), sleeper("two")])
    wait_until(lambda: {("one", "here"), ("two", "here")} <= set(lines), 5)


def test_a_later_stage_waits_until_the_one_before_is_ready(
    running: list[Supervisor], lines: Lines, tmp_path: Path
) -> None:
    marker = tmp_path / "ready"
    slow = python(
        "slow",
        f"import time, pathlib; time.sleep(0.5); pathlib.Path({str(marker)!r}).touch(); "
        "time.sleep(600)",
        is_ready=marker.exists,
    )
    check = python(
        "check",
        f"import os, time; print(os.path.exists({str(marker)!r}), flush=True); time.sleep(600)",
    )
    start(running, lines, [slow], [check])
    wait_until(lambda: ("check", "True") in lines, 5)


def test_the_last_stage_is_stopped_first(running: list[Supervisor], lines: Lines) -> None:
    code = """
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print("up", flush=True)
        try:
            time.sleep(600)
        finally:
            print("down", flush=True)
    """
    supervisor = start(running, lines, [python("base", code)], [python("top", code)])
    wait_until(lambda: lines.count(("top", "up")) + lines.count(("base", "up")) == 2, 5)
    supervisor.stop()
    assert [name for name, line in lines if line == "down"] == ["top", "base"]


def test_a_program_that_ends_before_it_is_ready_fails_the_start_with_its_words() -> None:
    broken = python("broken", "print('no such table'); raise SystemExit(3)", is_ready=lambda: False)
    with pytest.raises(ServiceFailed, match=r"broken ended \(exit code 3\)") as failure:
        Supervisor([[broken]]).start(20)
    assert "no such table" in failure.value.details["log"]


def test_nothing_is_left_when_the_start_fails(lines: Lines) -> None:
    broken = python("broken", "raise SystemExit(1)", is_ready=lambda: False)
    supervisor = Supervisor([[sleeper("base")], [broken]])
    with pytest.raises(ServiceFailed):
        supervisor.start(20)
    assert is_gone(supervisor.process("base").pid)


@pytest.mark.timeout(30)
def test_a_program_that_is_never_ready_fails_the_start_in_time() -> None:
    with pytest.raises(ServiceFailed, match="was not ready"):
        Supervisor([[sleeper("mute", is_ready=lambda: False)]]).start(0.5)


def test_a_program_that_ignores_sigterm_is_killed_after_its_grace(lines: Lines) -> None:
    stubborn = python(
        "stubborn",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('up', flush=True); time.sleep(600)",
        grace_seconds=0.3,
    )
    process = Process(stubborn)
    process.start()
    wait_until(lambda: "up" in process.tail, 5)
    process.stop()
    assert process.ending() == "SIGKILL"


PARENT = """
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
                             start_new_session=True)
    print(child.pid, flush=True)
    time.sleep(600)
"""


def test_stopping_a_program_takes_its_children_along_even_from_another_session() -> None:
    process = Process(python("parent", PARENT))
    process.start()
    wait_until(lambda: process.tail, 5)
    child = int(process.tail[0])
    process.stop()
    assert is_gone(child)


def test_a_program_is_asked_to_stop_only_once() -> None:
    code = """
        import signal, sys, time
        def term(*_):
            print("term", flush=True)
            time.sleep(0.3)
            sys.exit()
        signal.signal(signal.SIGTERM, term)
        print("up", flush=True)
        time.sleep(600)
    """
    process = Process(python("polite", code))
    process.start()
    wait_until(lambda: "up" in process.tail, 5)
    process.stop()
    assert list(process.tail).count("term") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_when_the_supervisor_is_killed_its_programs_die_too() -> None:
    code = """
        import sys, time
        from gala.supervisor import Program, Supervisor
        sleep = (sys.executable, "-c", "import time; time.sleep(600)")
        supervisor = Supervisor([[Program(name="one", argv=sleep)]])
        supervisor.start()
        print(supervisor.process("one").pid, flush=True)
        time.sleep(600)
    """
    supervisor = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout is not None
    with supervisor.stdout:
        child = int(supervisor.stdout.readline())
    assert psutil.pid_exists(child)
    supervisor.kill()
    supervisor.wait()
    wait_until(lambda: is_gone(child), 5)
