"""A hostile program in the sandbox: it reaches nothing, and other renders go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gala.render_protocol import Done
from tests.integration.renderer.sandbox.outside import CANARY, Outside, outside
from tests.integration.renderer.service import Attempt, RendererProcess, Result
from tests.support.wait import wait_until

pytestmark = pytest.mark.slow

MIB = 1024**2
ATTACKS = (
    *("tcp", "udp", "dns", "unix", "abstract"),
    *("passwd", "secret", "listing", "environ", "outside", "inputs", "link", "device"),
    *("kill", "ptrace", "root", "mount", "unshare", "memory", "fork_bomb"),
)


@pytest.fixture(scope="module")
def confining(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RendererProcess]:
    """A renderer with a secret in its environment and small limits for each render."""
    renderer = RendererProcess(
        tmp_path_factory.mktemp("confining"),
        RENDERER_SLOTS="3",
        RENDERER_OUTPUT_BYTES=str(4 * MIB),
        GALA_SANDBOX="auto",
        SPEECH_OPENAI_KEY=CANARY,
    )
    yield renderer
    renderer.stop()


@pytest.fixture
def namespaces(confining: RendererProcess) -> RendererProcess:
    """The same renderer, on hosts that allow namespaces."""
    sandbox = confining.client.get("/health", params={"deep": True}).json()["checks"]["sandbox"]
    if sandbox["level"] != "namespaces":
        pytest.skip(f"this host allows no namespaces: {sandbox.get('why')}")
    return confining


@pytest.fixture
def world(confining: RendererProcess, tmp_path: Path) -> Iterator[Outside]:
    with outside(confining.data_root, tmp_path, renderer=confining.process.pid) as around:
        yield around


def attack(
    renderer: RendererProcess, *attacks: str, known: dict[str, str] | None = None
) -> tuple[Attempt, Result]:
    attempt = renderer.attempt()
    (attempt.inputs / "given").write_text("as it was")
    params: dict[str, Any] = {"attacks": attacks, "known": known or {}}
    return attempt, renderer.render(attempt.request("test_hostile", params=params, inputs={}))


def film(renderer: RendererProcess) -> Result:
    return renderer.render(renderer.attempt().request("test_film", params={"seconds": 2}))


def test_nothing_that_it_tries_works_and_other_renders_go_on(
    namespaces: RendererProcess, world: Outside
) -> None:
    with ThreadPoolExecutor() as pool:
        filming = pool.submit(film, namespaces)
        attempt, made = attack(namespaces, *ATTACKS, known=dict(world.known))
    report = json.loads((attempt.folder / made.outputs["report"].path).read_text())
    own = attempt.job_id
    assert report.pop("listing") == own
    assert {name: said for name, said in report.items() if not said.startswith("stopped")} == {}
    assert len(report) == len(ATTACKS) - 1
    assert 100 < int(report["fork_bomb"].removeprefix("stopped: ")) <= 2048
    assert world.callers() == 0
    assert world.touched() == []
    assert (attempt.inputs / "given").read_text() == "as it was"
    assert isinstance(filming.result().last, Done)
    assert namespaces.client.get("/readyz").is_success


def test_files_that_are_each_small_enough_do_not_fill_the_disk(
    confining: RendererProcess,
) -> None:
    with ThreadPoolExecutor() as pool:
        filming = pool.submit(film, confining)
        attempt, made = attack(confining, "disk")
    assert made.error.code == "RENDER_FAILED"
    assert "larger than this server allows" in made.error.message
    assert attempt.left() == set()
    assert isinstance(filming.result().last, Done)


def test_who_is_left_behind_ends_with_the_program(namespaces: RendererProcess) -> None:
    """Including one that left the process group: the kernel ends the whole namespace."""
    before = {process.pid for process in namespaces.process.children(recursive=True)}
    _, made = attack(namespaces, "linger")
    assert made.outputs
    wait_until(
        lambda: {p.pid for p in namespaces.process.children(recursive=True)} <= before,
        10,
        what="the end of all programs",
    )
