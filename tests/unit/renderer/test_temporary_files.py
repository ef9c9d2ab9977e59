"""Temporary files of a renderer are gone after its end, however it ended."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from gala_renderer.temporary_files import temporary_folder


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_temporary_files_are_made_in_a_folder_that_is_removed(parent: Path) -> None:
    with temporary_folder() as folder, tempfile.TemporaryDirectory() as inside:
        assert Path(inside).parent == folder
        assert folder.stat().st_mode & 0o777 == 0o711
    assert list(parent.iterdir()) == []


def test_a_renderer_removes_what_a_killed_one_left_and_nothing_else(parent: Path) -> None:
    killed, foreign = parent / "gala-renderer-killed", parent / "gala-renderer-starting"
    (killed / "gala-warm-1").mkdir(parents=True)
    (killed / ".lock").touch()
    foreign.mkdir()
    with temporary_folder() as running:
        first = tempfile.tempdir
        tempfile.tempdir = None
        with temporary_folder() as second:
            assert {running, second, foreign} == set(parent.iterdir())
        tempfile.tempdir = first
        assert not killed.exists()
