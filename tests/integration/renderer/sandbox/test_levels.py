"""The level that a host allows, the operator's setting, and what Landlock alone prevents."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from gala_renderer.sandbox.filesystem_view import Confinement
from gala_renderer.sandbox.level_probe import choose, failure_reason
from gala_renderer.sandbox.levels import SandboxLevel, SandboxMode
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from tests.integration.renderer.sandbox.outside import Outside, outside
from tests.integration.renderer.service import PLUGINS

PROGRAM: Final = PLUGINS / "gala_test_types" / "hostile_program.py"
WITHOUT_A_NETWORK: Final = ("tcp", "udp", "dns", "unix", "abstract")
AMONG_FILES: Final = (
    *("passwd", "secret", "listing", "environ", "outside", "inputs", "link", "device"),
)
OTHERWISE: Final = ("kill", "ptrace", "mount", "unshare", "memory")
# Imitates a host that allows no namespaces: none can be created inside.
REFUSING: Final = (
    *("unshare", "--user", "--map-root-user", "sh", "-c"),
    'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"',
    "sh",
)


def _landlocked(data_root: Path) -> Confinement:
    seen = choose(SandboxMode.OFF, readable=(PROGRAM.parent,), jobs=data_root / "jobs")
    confinement = replace(seen, level=SandboxLevel.LANDLOCK)
    if reason := failure_reason(confinement):
        pytest.skip(f"this host has no Landlock: {reason}")
    return confinement


@contextmanager
def _victim() -> Iterator[subprocess.Popen[bytes]]:
    """A process that imitates the renderer, which here is the test process itself."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _attacked(
    sandbox: Sandbox, root: Path, folder: Path, attacks: tuple[str, ...]
) -> tuple[dict[str, str], Outside]:
    """Run the hostile program; return its report and the canaries afterwards."""
    attempt = root / "jobs" / "job_own" / "1"
    for name in ("in", "out", "tmp"):
        (attempt / name).mkdir(parents=True)
    report: dict[str, str] = {}
    with _victim() as victim, outside(root, folder, renderer=victim.pid) as world:
        words = [str(PROGRAM), json.dumps(dict(world.known)), *attacks]
        ended = asyncio.run(
            sandbox.run(
                [sys.executable, "-I", "-S", *words],
                cwd=attempt / "tmp",
                seconds=30,
                on_line=lambda line: report.update(json.loads(line)),
            )
        )
        assert ended.ok, ended.stderr
        assert set(report) == set(attacks)
        assert victim.poll() is None
        return report, replace(world, called=world.callers())


def _not_stopped(report: dict[str, str]) -> set[str]:
    return {name for name, said in report.items() if not said.startswith("stopped")}


def test_landlock_alone_stops_networks_strange_files_and_signals(tmp_path: Path) -> None:
    root = tmp_path / "data"
    attacks = (*WITHOUT_A_NETWORK, *AMONG_FILES, *OTHERWISE)
    report, world = _attacked(Sandbox(ProcessLimits(), _landlocked(root)), root, tmp_path, attacks)
    assert _not_stopped(report) == set()
    assert world.called == 0
    assert world.touched() == []


def test_without_confinement_the_same_attacks_work(tmp_path: Path) -> None:
    """If the attacks themselves failed, the other tests would prove nothing."""
    attacks = ("tcp", "udp", "unix", "abstract", "passwd", "secret", "listing", "link")
    report, world = _attacked(Sandbox(ProcessLimits()), tmp_path / "data", tmp_path, attacks)
    assert _not_stopped(report) == {*attacks}
    assert world.called == 4


def test_landlock_alone_lets_modules_of_ours_run_from_a_clone(tmp_path: Path) -> None:
    captions = tmp_path / "jobs" / "job_own" / "1" / "in" / "captions.srt"
    captions.parent.mkdir(parents=True)
    captions.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    scratch = captions.parents[1] / "tmp"
    scratch.mkdir()
    # Not of the programs that are forked with their modules loaded.
    command = [sys.executable, "-I", "-m", "gala_renderer.avatars.frame_program", str(captions)]
    sandbox = Sandbox(ProcessLimits(), _landlocked(tmp_path))
    ended = asyncio.run(sandbox.run(command, cwd=scratch, seconds=30, on_line=lambda _: None))
    assert "frame_program" in ended.stderr
    assert "ModuleNotFoundError" not in ended.stderr


def test_a_program_is_found_by_a_path_through_a_folder_that_it_cannot_see(tmp_path: Path) -> None:
    confinement = choose(SandboxMode.AUTO, readable=(), jobs=None)
    if confinement.level is SandboxLevel.LIMITS:
        pytest.skip(f"this host allows no confinement: {confinement.why}")
    roundabout = os.path.relpath(sys.executable, tmp_path)
    report: list[str] = []
    ended = asyncio.run(
        Sandbox(ProcessLimits(), confinement).run(
            [f"{tmp_path}/{roundabout}", "-I", "-c", "import sys; print(sys.prefix)"],
            cwd=Path("/"),
            seconds=20,
            on_line=report.append,
        )
    )
    assert ended.ok, ended.stderr
    assert report == [sys.prefix]


def _refusing(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
    if not shutil.which("unshare") or subprocess.run([*REFUSING, "true"], check=False).returncode:
        pytest.skip("this host allows no user namespace in which to refuse others")
    return subprocess.run(
        [*REFUSING, sys.executable, *command],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | more,
    )


def test_strict_does_not_start_where_namespaces_are_refused(tmp_path: Path) -> None:
    ended = _refusing("-m", "gala_renderer", GALA_SANDBOX="strict", DATA_ROOT=str(tmp_path))
    assert ended.returncode == 1
    assert "GALA_SANDBOX is strict, but this host allows no more than" in ended.stdout
    assert "docs/security.md" in ended.stdout


def test_auto_takes_what_is_left_and_says_why() -> None:
    code = (
        "from gala_renderer.sandbox.level_probe import choose;"
        "from gala_renderer.sandbox.levels import SandboxMode;"
        "chosen = choose(SandboxMode.AUTO, readable=(), jobs=None);"
        "print(chosen.level, chosen.why, sep='|')"
    )
    level, _, why = _refusing("-c", code).stdout.strip().partition("|")
    assert level in {"landlock", "limits"}
    assert "namespaces: sandbox: " in why


def test_off_is_limits_only() -> None:
    chosen = choose(SandboxMode.OFF, readable=(), jobs=None)
    assert (chosen.level, chosen.why) == (SandboxLevel.LIMITS, "GALA_SANDBOX is off")


def test_a_program_is_not_run_with_less_than_was_ordered(tmp_path: Path) -> None:
    """A folder that it must see is missing: the sandbox cannot be set up."""
    seen = choose(SandboxMode.OFF, readable=(), jobs=None)
    confinement = replace(
        choose(SandboxMode.AUTO, readable=(), jobs=None),
        readable=(*seen.readable, tmp_path / "missing"),
    )
    if confinement.level is not SandboxLevel.NAMESPACES:
        pytest.skip(f"this host allows no namespaces: {confinement.why}")
    report: list[str] = []
    ended = asyncio.run(
        Sandbox(ProcessLimits(), confinement).run(
            ["/bin/echo", "run"], cwd=tmp_path, seconds=20, on_line=report.append
        )
    )
    assert not ended.ok
    assert report == []
    assert "sandbox: " in ended.stderr
