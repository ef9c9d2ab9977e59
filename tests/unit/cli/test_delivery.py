"""Atomic outputs: files appear complete and all at once, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.cli.rendering.output_files import AtomicOutputs
from gala.cli.rendering.output_paths import STDOUT
from gala.errors import InvalidRequest


def make(outputs: AtomicOutputs, *targets: Path) -> None:
    outputs.check_writable(targets)
    for target in targets:
        outputs.path(target).write_text(target.name)


def test_what_is_settled_is_there_and_nothing_else(tmp_path: Path) -> None:
    target, deep = tmp_path / "a.txt", tmp_path / "new" / "deep" / "b.txt"
    with AtomicOutputs(force=False) as outputs:
        make(outputs, target, deep)
        assert not target.exists()
        outputs.commit([target, deep])
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == [target, deep]
    assert target.read_text() == "a.txt"


def test_what_is_not_settled_leaves_nothing(tmp_path: Path) -> None:
    with AtomicOutputs(force=False) as outputs:
        make(outputs, tmp_path / "a.txt", tmp_path / "new" / "b.txt")
    assert list(tmp_path.iterdir()) == []


def test_what_came_meanwhile_is_never_replaced_and_all_or_none_is_delivered(
    tmp_path: Path,
) -> None:
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    with AtomicOutputs(force=False) as outputs:
        make(outputs, first, second)
        second.write_text("somebody else's")
        with pytest.raises(InvalidRequest, match="already exists"):
            outputs.commit([first, second])
    assert second.read_text() == "somebody else's"
    assert not first.exists()


@pytest.mark.parametrize("target", ["here.txt", "dangling.txt", "folder"])
def test_what_is_there_is_refused_before_any_work(target: str, tmp_path: Path) -> None:
    (tmp_path / "here.txt").write_text("mine")
    (tmp_path / "dangling.txt").symlink_to("nowhere")
    (tmp_path / "folder").mkdir()
    with AtomicOutputs(force=False) as outputs, pytest.raises(InvalidRequest):
        outputs.check_writable([tmp_path / target])


def test_force_replaces_a_file_but_no_folder(tmp_path: Path) -> None:
    here = tmp_path / "here.txt"
    here.write_text("mine")
    with AtomicOutputs(force=True) as outputs:
        make(outputs, here)
        outputs.commit([here])
        with pytest.raises(InvalidRequest, match="is a folder"):
            outputs.check_writable([tmp_path])
    assert here.read_text() == "here.txt"


def test_whatever_fails_takes_back_what_was_delivered_before(tmp_path: Path) -> None:
    first, second = tmp_path / "a.txt", tmp_path / "deep" / "b.txt"
    with AtomicOutputs(force=False) as outputs:
        make(outputs, first, second)
        (tmp_path / "deep").write_text("a file now")
        with pytest.raises(OSError, match="exists"):
            outputs.commit([first, second])
    assert not first.exists()


def test_standard_output_gets_whichever_was_made(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with AtomicOutputs(force=False) as outputs:
        outputs.path(STDOUT, "video")
        outputs.path(STDOUT, "audio").write_bytes(b"sound")
        outputs.commit([STDOUT])
    assert capfdbinary.readouterr().out == b"sound"


def test_a_name_that_no_file_can_have_is_refused_before_any_work(tmp_path: Path) -> None:
    with AtomicOutputs(force=False) as outputs, pytest.raises(InvalidRequest, match="too long"):
        outputs.check_writable([tmp_path / f"{'a' * 300}.mp4"])
