"""Programs that are forked from one process are confined and killed as those that are executed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import psutil
import pytest

import gala
import gala_renderer
from gala_renderer.captions.reading import program as reading
from gala_renderer.probe import program as probe
from gala_renderer.sandbox import runner
from gala_renderer.sandbox.filesystem_view import Confinement
from gala_renderer.sandbox.forked_process import can_fork, forked_program
from gala_renderer.sandbox.level_probe import choose, failure_reason
from gala_renderer.sandbox.levels import SandboxLevel, SandboxMode
from gala_renderer.sandbox.program_end import ProgramKilled
from gala_renderer.sandbox.runner import ProcessLimits, RunningProcess, Sandbox
from tests.support.processes import command_of, fork_servers, runs
from tests.support.wait import wait_until

pytestmark = pytest.mark.skipif(not can_fork(), reason="programs are forked on Linux only")

READING: Final = str(reading.__file__)
LIMITS: Final = ProcessLimits(memory_bytes=3 * 1024**3, cpu_seconds=77, file_bytes=5 * 1024**2)
STATUS: Final = (
    *("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"),
    *("NoNewPrivs", "Seccomp", "Seccomp_filters", "Threads", "SigBlk", "SigIgn", "SigCgt"),
)


@asynccontextmanager
async def waiting(
    sandbox: Sandbox, folder: Path, program: Sequence[str] = (READING,)
) -> AsyncIterator[RunningProcess]:
    """Run a program that waits for the content of its file, a named pipe."""
    pipe = folder / "captions.srt"
    if not pipe.exists():
        os.mkfifo(pipe, 0o666)
    command = [sys.executable, "-I", *program, str(pipe), "10"]
    async with asyncio.timeout(30), sandbox.start(command, cwd=folder) as running:
        await asyncio.to_thread(wait_until, lambda: _reader_of(running), 20, what="the program")
        yield running


def _reader_of(running: RunningProcess) -> psutil.Process | None:
    """Return the process of a running program that waits for its file to be opened."""
    family = [psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)]
    # The processes above it wait for its end.
    waits = "wait_for_partner"
    found = (one for one in family if waits in Path(f"/proc/{one.pid}/wchan").read_text())
    return next(found, None)


def _confined(process: psutil.Process) -> dict[str, object]:
    """Return what the kernel says of a process's confinement."""
    folder = Path(f"/proc/{process.pid}")
    lines = (folder / "status").read_text().splitlines()
    status = {key: value.split() for key, _, value in (line.partition(":") for line in lines)}
    own = Path("/proc/self/ns")
    return {
        **{name: status.get(name) for name in STATUS},
        "limits": (folder / "limits").read_text(),
        "oom": (folder / "oom_score_adj").read_text(),
        "nice": process.nice(),
        "namespaces": {
            name.name: (folder / "ns" / name.name).readlink() == name.readlink()
            for name in own.iterdir()
            if not name.name.endswith("_for_children")
        },
        "mounts": [line.split()[4:6] for line in (folder / "mountinfo").read_text().splitlines()],
        "open": sorted(int(one.name) for one in (folder / "fd").iterdir()),
        "folder": (folder / "cwd").readlink(),
        "command": command_of(process),
    }


def _confinement(level: SandboxLevel) -> Confinement:
    seen = choose(SandboxMode.OFF, readable=(), jobs=None)
    root = os.geteuid() == 0 and level is SandboxLevel.NAMESPACES
    confinement = replace(seen, level=level, uid=65533 if root else None)
    if level is SandboxLevel.LIMITS:
        return confinement
    if level is SandboxLevel.LANDLOCK:
        # In a clone, a program that is executed can only find packages in folders that it can list.
        clone = tuple(Path(str(package.__file__)).parents[1] for package in (gala, gala_renderer))
        confinement = replace(confinement, readable=(*confinement.readable, *clone))
    if reason := failure_reason(confinement):
        pytest.skip(f"this host does not allow {level}: {reason}")
    return confinement


@pytest.mark.parametrize("level", list(SandboxLevel))
@pytest.mark.parametrize(
    "program",
    [(READING,), ("-S", "-c", "import sys; open(sys.argv[1]).read()")],
    ids=["a module", "another program"],
)
def test_a_program_by_the_server_is_confined_as_one_by_the_launcher(
    level: SandboxLevel, program: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    confinement = _confinement(level)

    async def look() -> dict[str, object]:
        sandbox = Sandbox(LIMITS, confinement)
        async with waiting(sandbox, tmp_path, program) as running:
            reader = _reader_of(running)
            assert reader is not None
            found = _confined(reader)
        sandbox.close()
        return found

    servers = len(fork_servers())
    forked = asyncio.run(look())
    monkeypatch.setattr(runner, "can_fork", lambda: False)
    executed = asyncio.run(look())
    assert forked == executed
    assert len(fork_servers()) == servers


def test_a_forked_program_has_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GDRIVE_REFRESH_TOKEN", "secret")

    async def environments() -> list[dict[str, str]]:
        sandbox = Sandbox(LIMITS)
        async with waiting(sandbox, tmp_path) as running:
            found = [one.environ() for one in (psutil.Process(running.pid), *fork_servers())]
        sandbox.close()
        return found

    program, *servers = asyncio.run(environments())
    assert "GDRIVE_REFRESH_TOKEN" not in program
    assert not any("GDRIVE_REFRESH_TOKEN" in one for one in servers)


@pytest.mark.parametrize("spoilt", ["the server is killed", "the program is killed"])
def test_a_program_that_is_killed_from_outside_is_not_blamed_and_the_next_one_runs(
    spoilt: str, tmp_path: Path
) -> None:
    captions = tmp_path / "good.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")

    async def scenario() -> Sequence[str]:
        sandbox = Sandbox(LIMITS)
        before = set(fork_servers())
        async with waiting(sandbox, tmp_path) as running:
            (server,) = set(fork_servers()) - before
            program = psutil.Process(running.pid)
            (server if spoilt == "the server is killed" else program).kill()
            with pytest.raises(ProgramKilled):
                await running.finish()
            # The kernel kills it with its server, at the same time as the pipes are closed.
            await asyncio.to_thread(wait_until, lambda: not runs(program), 5, what="its end")
        lines: list[str] = []
        command = [sys.executable, "-I", READING, str(captions), "10"]
        again = await sandbox.run(command, cwd=tmp_path, seconds=20, on_line=lines.append)
        assert again.ok, again.stderr
        sandbox.close()
        return lines

    assert asyncio.run(scenario()) == ['{"start": 1.0, "end": 2.0, "text": "Hello"}']


OWNER = """
import asyncio, sys
from pathlib import Path
from gala_renderer.sandbox.runner import Sandbox

async def main():
    command = [sys.executable, "-I", sys.argv[1], sys.argv[2], "10"]
    async with Sandbox().start(command, cwd=Path(sys.argv[2]).parent) as running:
        print(running.pid, flush=True)
        await running.finish()

asyncio.run(main())
"""


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_a_forked_program_and_its_server_die_with_their_owner(
    sent: signal.Signals, tmp_path: Path
) -> None:
    pipe = tmp_path / "captions.srt"
    os.mkfifo(pipe)
    command = [sys.executable, "-c", OWNER, READING, str(pipe)]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner.stdout:
        program = psutil.Process(int(owner.stdout.readline()))
        server = program.parent()
        assert server is not None
        assert "fork_server" in command_of(server)
        owner.send_signal(sent)
        owner.wait(5)
    wait_until(lambda: not runs(program) and not runs(server), 5, what="the end of both")


DYING_SERVER = """
import json, os, signal, socket, sys, time
from pathlib import Path
from gala_renderer.sandbox import fork_server
from gala_renderer.sandbox.runner import Sandbox

def die(command):
    server = os.getppid()
    os.kill(server, signal.SIGKILL)
    while os.getppid() == server:
        time.sleep(0.01)

# The program calls it first; then its server is gone, before anything binds the two.
fork_server.show_command = die
folder = Path(sys.argv[1])
command = ["/bin/sh", "-c", f"echo ran > {folder}/ran"]
wrapped = Sandbox().wrap(command, folder)
spec = wrapped[wrapped.index(fork_server.__file__.replace("fork_server", "launcher")) + 1:]
request = folder / "request.json"
request.write_text(json.dumps({
    "module": None, "arguments": [], "command": command, "spec": spec,
    "folder": str(folder), "environment": {},
}))
ours, its = socket.socketpair()
report = os.open(folder / "report", os.O_WRONLY | os.O_CREAT)
with request.open() as file:
    socket.send_fds(ours, [b"1"], [file.fileno(), 0, 1, 2, report])
fork_server.ForkServer(its).serve()
"""


def test_a_program_whose_server_dies_before_it_is_confined_does_not_run(tmp_path: Path) -> None:
    # It holds the other end of the pipe until it has ended.
    command = [sys.executable, "-c", DYING_SERVER, str(tmp_path)]
    server = subprocess.run(
        command, check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=20
    )
    assert server.returncode == -signal.SIGKILL, server.stderr
    assert (tmp_path / "report").read_text().startswith("started ")
    assert not (tmp_path / "ran").exists()


def test_cancelling_a_start_leaves_no_program(tmp_path: Path) -> None:
    # Programs that stay, such as models, may be of servers of other tests.
    others = set(fork_servers())

    def forked() -> list[psutil.Process]:
        servers = set(fork_servers()) - others
        return [one for server in servers for one in server.children() if runs(one)]

    async def scenario() -> None:
        sandbox = Sandbox(LIMITS)
        opened = psutil.Process().num_fds()
        for turns in range(12):

            async def work() -> None:
                async with waiting(sandbox, tmp_path):
                    await asyncio.sleep(60)

            task = asyncio.create_task(work())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
            assert not forked()
        assert psutil.Process().num_fds() <= opened + 2  # the server's socket
        sandbox.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("words", [1, 3000])
def test_arguments_may_be_longer_than_a_message(words: int, tmp_path: Path) -> None:
    async def scenario() -> int:
        sandbox = Sandbox(LIMITS)
        lines: list[str] = []
        paths = [f"{tmp_path}/{'x' * 200}"] * words
        command = [sys.executable, "-I", str(probe.__file__), "1", "1", "mp3", *paths]
        await sandbox.run(command, cwd=tmp_path, seconds=30, on_line=lines.append)
        sandbox.close()
        return len(lines)

    # A file that does not exist ends the probe.
    assert asyncio.run(scenario()) == 0


def test_the_error_of_a_forked_program_is_told(tmp_path: Path) -> None:
    async def scenario() -> tuple[int, str]:
        sandbox = Sandbox(LIMITS)
        command = [sys.executable, "-I", READING, str(tmp_path / "missing.srt"), "10"]
        ended = await sandbox.run(command, cwd=tmp_path, seconds=20, on_line=lambda _: None)
        sandbox.close()
        return ended.returncode, ended.last_error

    returncode, error = asyncio.run(scenario())
    assert returncode == 1
    assert error.startswith("FileNotFoundError")


@pytest.mark.parametrize(
    "command",
    [
        ["/usr/bin/ffmpeg", "-version"],
        [sys.executable],
        [sys.executable, "-I", "/elsewhere/probe/program.py"],
        [sys.executable, "-I", "-c", "pass"],
        [sys.executable, "-m", "gala_renderer.model_workers.child"],
        ["/usr/bin/python3", "-I", READING],
    ],
)
def test_other_programs_are_executed(command: list[str]) -> None:
    assert forked_program(command) is None


def test_a_server_that_cannot_start_is_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captions = tmp_path / "good.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    monkeypatch.setattr("gala_renderer.sandbox.forked_process._SERVER", "gala_renderer.missing")
    lines: list[str] = []
    command = [sys.executable, "-I", READING, str(captions), "10"]
    read: Callable[[str], None] = lines.append
    ended = asyncio.run(Sandbox(LIMITS).run(command, cwd=tmp_path, seconds=20, on_line=read))
    assert ended.ok
    assert len(lines) == 1
