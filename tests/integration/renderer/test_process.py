"""The sandbox's runner: limits of programs, and how they end."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from gala_renderer.sandbox import runner
from gala_renderer.sandbox.forked_process import can_fork
from gala_renderer.sandbox.program_end import ProgramEnd, ProgramKilled
from gala_renderer.sandbox.runner import ProcessLimits, ProcessResult, Sandbox
from tests.support.processes import fork_servers
from tests.support.wait import wait_until

MIB = 1024**2
TELL = """
import json, os, resource, signal
limits = {n: resource.getrlimit(getattr(resource, "RLIMIT_" + n))[0]
          for n in ("AS", "CPU", "FSIZE", "CORE")}
print(json.dumps({"limits": limits, "nice": os.nice(0), "env": dict(os.environ),
                  "cwd": os.getcwd(), "session": os.getsid(0) == os.getpid(),
                  "stdin": os.readlink("/proc/self/fd/0")}))
"""


def run(
    code: str, cwd: Path, limits: ProcessLimits | None = None, seconds: float = 20
) -> tuple[ProcessResult, list[str]]:
    lines: list[str] = []
    finished = asyncio.run(
        Sandbox(limits or ProcessLimits()).run(
            [sys.executable, "-I", "-c", code], cwd=cwd, seconds=seconds, on_line=lines.append
        )
    )
    return finished, lines


def test_a_program_gets_its_limits_and_nothing_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GDRIVE_REFRESH_TOKEN", "secret")
    limits = ProcessLimits(memory_bytes=900 * MIB, cpu_seconds=77, file_bytes=5 * MIB)
    finished, (line,) = run(TELL, tmp_path, limits)
    info = json.loads(line)
    assert finished.ok
    assert info["limits"] == {"AS": 900 * MIB, "CPU": 77, "FSIZE": 5 * MIB, "CORE": 0}
    assert info["nice"] >= min(19, os.nice(0) + 10)
    assert "secret" not in line
    assert info["cwd"] == str(tmp_path)
    assert info["session"]
    assert info["stdin"] == "/dev/null"


def test_memory_is_limited(tmp_path: Path) -> None:
    finished, _ = run("b = bytearray(1 << 30)", tmp_path, ProcessLimits(memory_bytes=500 * MIB))
    assert finished.end is ProgramEnd.MEMORY_LIMIT


def test_memory_is_limited_of_a_program_that_reserves_more(tmp_path: Path) -> None:
    limits = ProcessLimits(memory_bytes=1 << 46, data_bytes=500 * MIB)
    reserved = "import mmap; a = mmap.mmap(-1, 1 << 34, prot=mmap.PROT_READ); print('reserved')"
    finished, lines = run(f"{reserved}; b = bytearray(1 << 30)", tmp_path, limits)
    assert lines == ["reserved"]
    assert finished.end is ProgramEnd.MEMORY_LIMIT


def test_a_file_that_grows_too_large_ends_the_program(tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
    code += "with open('f', 'wb') as f: f.write(bytes(1 << 21))"
    finished, _ = run(code, tmp_path, ProcessLimits(file_bytes=MIB))
    assert finished.end is ProgramEnd.FILE_LIMIT
    assert (tmp_path / "f").stat().st_size <= MIB


def test_computing_time_is_limited(tmp_path: Path) -> None:
    finished, _ = run("while True: pass", tmp_path, ProcessLimits(cpu_seconds=1))
    assert finished.end is ProgramEnd.CPU_LIMIT


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1])
def test_a_program_killed_from_outside_is_told_apart(
    tmp_path: Path, signum: signal.Signals
) -> None:
    code = f"import os; os.kill(os.getpid(), {int(signum)})"
    with pytest.raises(ProgramKilled, match=f"killed from outside .{signum.name}") as caught:
        run(code, tmp_path)
    assert caught.value.retryable


def test_a_kill_behind_a_wrapper_is_one_too(tmp_path: Path) -> None:
    # As of an FFMPEG_PATH that is a shell script: it exits with 128 + 9.
    command = ["/bin/sh", "-c", "/bin/sh -c 'kill -9 $$'; exit $?"]
    with pytest.raises(ProgramKilled, match="SIGKILL"):
        asyncio.run(Sandbox().run(command, cwd=tmp_path, seconds=20, on_line=print))


def test_a_program_that_crashes_is_not_said_to_be_killed(tmp_path: Path) -> None:
    finished, _ = run("import os; os.kill(os.getpid(), 11)", tmp_path)
    assert finished.end is ProgramEnd.FAILED
    assert finished.killed_by is signal.SIGSEGV


def test_a_last_line_that_was_cut_short_is_not_passed_on(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import os; os.write(1, b'whole\\nhal'); os.kill(os.getpid(), 9)"
    command = [sys.executable, "-I", "-c", code]
    with pytest.raises(ProgramKilled):
        asyncio.run(Sandbox().run(command, cwd=tmp_path, seconds=20, on_line=lines.append))
    assert lines == ["whole"]


OUT_OF_MEMORY = """
import asyncio, pathlib, sys
from gala_renderer.sandbox.runner import Sandbox

code = "b = bytearray(1 << 28); print(sum(b[::4096]))"
command = [sys.executable, "-I", "-c", code]
work = Sandbox().run(command, cwd=pathlib.Path("/"), seconds=20, on_line=print)
print(asyncio.run(work))
"""


@pytest.fixture
def small_memory_group() -> Iterator[Path]:
    """A control group with 100 MiB of memory; skips the test where none can be made."""
    own = next(
        (line for line in Path("/proc/self/cgroup").read_text().split() if ":memory:" in line), ""
    )
    group = Path("/sys/fs/cgroup/memory") / own.rpartition(":")[2].strip("/") / "gala-test"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(100 * MIB))
    except OSError:
        pytest.skip("needs root and control groups of version 1")
    yield group
    group.rmdir()


def test_the_kernel_s_kill_for_lack_of_memory_is_said_to_be_one(small_memory_group: Path) -> None:
    enter = f'echo $$ > {small_memory_group}/cgroup.procs; exec "$@"'
    ended = subprocess.run(
        ["sh", "-c", enter, "sh", sys.executable, "-c", OUT_OF_MEMORY],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "ProgramKilled" in ended.stderr
    assert "ran out of memory" in ended.stderr


def test_the_tail_of_what_it_complained_about_is_kept(tmp_path: Path) -> None:
    code = "import sys; sys.stderr.write('x' * 10_000_000 + 'the end'); sys.exit(3)"
    finished, _ = run(code, tmp_path)
    assert finished.returncode == 3
    assert finished.stderr.endswith("the end")
    assert len(finished.stderr) < 20_000


def test_a_program_that_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('pids', 'w').write(f'{child.pid}')\n"
        "time.sleep(60)"
    )
    with pytest.raises(TimeoutError):
        run(code, tmp_path, seconds=1.5)
    child = int((tmp_path / "pids").read_text())
    wait_until(lambda: _gone(child), 2)


def test_cancelling_the_wait_kills_the_program(tmp_path: Path) -> None:
    async def scenario() -> int:
        sandbox = Sandbox(ProcessLimits())
        command = [
            sys.executable,
            "-I",
            "-c",
            "print('up', flush=True); import time; time.sleep(60)",
        ]
        up = asyncio.Event()
        pids: list[int] = []

        async def work() -> None:
            async with sandbox.start(command, cwd=tmp_path) as running:
                pids.append(running.pid)
                await running.stdout.readline()
                up.set()
                await running.finish()

        task = asyncio.create_task(work())
        async with asyncio.timeout(10):
            await up.wait()
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        return pids[0]

    assert _gone(asyncio.run(scenario()))


def test_cancelling_twice_still_waits_for_the_end(tmp_path: Path) -> None:
    async def scenario() -> bool:
        command = [sys.executable, "-I", "-c", "import time; time.sleep(60)"]
        started: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def work() -> None:
            async with Sandbox(ProcessLimits()).start(command, cwd=tmp_path) as running:
                started.set_result(running.pid)
                await running.finish()

        task = asyncio.create_task(work())
        pid = await started
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        return psutil.pid_exists(pid)

    assert not asyncio.run(scenario())


OWNER = """
import asyncio, pathlib, sys
from gala_renderer.sandbox import runner
from gala_renderer.sandbox.forked_process import can_fork
from gala_renderer.sandbox.program_end import ProgramEnd, ProgramKilled
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox

async def main():
    sandbox = Sandbox(ProcessLimits())
    async with sandbox.start(["/bin/sleep", "60"], cwd=pathlib.Path("/")) as running:
        print(running.pid, flush=True)
        await running.finish()

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux follows a parent into death")
def test_a_silent_program_dies_when_its_owner_is_killed() -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner.stdout:
        program = psutil.Process(int(owner.stdout.readline()))
        # The limits apply once the launcher has been replaced by the program.
        wait_until(lambda: program.name() == "sleep", 5)
        owner.kill()
        owner.wait(5)
        wait_until(lambda: _gone(program.pid), 2)


def test_a_program_that_is_not_there_fails_plainly(tmp_path: Path) -> None:
    lines: list[str] = []
    finished = asyncio.run(
        Sandbox(ProcessLimits()).run(
            ["/nowhere/ffmpeg"], cwd=tmp_path, seconds=10, on_line=lines.append
        )
    )
    assert not finished.ok
    assert "/nowhere/ffmpeg: No such file" in finished.stderr


@pytest.mark.skipif(not can_fork(), reason="programs are forked on Linux only")
def test_a_start_costs_little(tmp_path: Path) -> None:
    async def scenario() -> float:
        sandbox = Sandbox(ProcessLimits())
        others = set(fork_servers())

        async def start() -> None:
            await sandbox.run(["/bin/true"], cwd=tmp_path, seconds=10, on_line=lambda _: None)

        await start()
        (server,) = set(fork_servers()) - others
        before = sum(server.cpu_times()[:4])
        for _ in range(5):
            await start()
        spent = sum(server.cpu_times()[:4]) - before
        sandbox.close()
        return spent / 5

    assert 0 < asyncio.run(scenario()) < 0.1


def test_a_start_by_the_launcher_costs_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "can_fork", lambda: False)
    sandbox = Sandbox(ProcessLimits())
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(5):
        asyncio.run(sandbox.run(["/bin/true"], cwd=tmp_path, seconds=10, on_line=lambda _: None))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert 0 < spent / 5 < 0.15


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_program_whose_output_nobody_reads_can_be_ended(tmp_path: Path) -> None:
    code = (
        "import os\nfor target in (2, 1):\n  for _ in range(1000): os.write(target, b'x' * 10_000)"
    )

    async def leave() -> psutil.Process:
        sandbox = Sandbox(ProcessLimits())
        async with sandbox.start([sys.executable, "-I", "-c", code], cwd=tmp_path) as running:
            process = psutil.Process(running.pid)
            await asyncio.to_thread(
                wait_until, lambda: process.io_counters().write_chars > 11 * MIB, 20
            )
        return process

    async def in_time() -> psutil.Process:
        async with asyncio.timeout(30):
            return await leave()

    assert not asyncio.run(in_time()).is_running()
