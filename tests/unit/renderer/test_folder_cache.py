"""Folders that are cached, fetched and removed, also by several processes at the same time."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from gala_renderer.engine.folder_cache import FolderCache

OLD, NEW = "0" * 64, "1" * 64


def folder(path: Path, size: int) -> Path:
    """Return a new folder with two files of a size each."""
    path.mkdir()
    for name in ("a", "b"):
        (path / name).write_bytes(b"x" * size)
    return path


def test_a_folder_that_is_being_removed_is_not_fetched_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FolderCache(tmp_path / "cache", limit_bytes=300)
    cache.store(OLD, folder(tmp_path / "old", 100))
    os.utime(cache.folder(OLD), (0, 0))
    fetched: list[bool] = []

    def remove_one_file(path: Path, **_: Any) -> None:
        # As if another process fetched now, or this one was killed.
        files = sorted(Path(path).glob("?"))
        if files:
            files[0].unlink()
            fetched.append(cache.fetch(OLD, tmp_path / "fetched"))

    source = folder(tmp_path / "new", 100)
    monkeypatch.setattr(shutil, "rmtree", remove_one_file)
    cache.store(NEW, source)
    monkeypatch.undo()
    assert fetched == [False]
    assert not (tmp_path / "fetched").exists()
    assert cache.fetch(NEW, tmp_path / "other")


def test_an_empty_folder_that_an_interrupted_removal_left_is_filled_again(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path / "cache", limit_bytes=300)
    cache.folder(OLD).mkdir(parents=True)
    assert not cache.fetch(OLD, tmp_path / "nothing")
    cache.store(OLD, folder(tmp_path / "source", 100))
    assert cache.fetch(OLD, tmp_path / "fetched")
    assert sorted(one.name for one in (tmp_path / "fetched").iterdir()) == ["a", "b"]


def test_what_programs_write_to_files_of_an_attempt_does_not_change_cached_ones(
    tmp_path: Path,
) -> None:
    cache = FolderCache(tmp_path / "cache", limit_bytes=300)
    source = folder(tmp_path / "source", 100)
    cache.store(OLD, source)
    assert cache.fetch(OLD, tmp_path / "first")
    for attempt in (source, tmp_path / "first"):
        with (attempt / "a").open("r+b") as written:
            written.write(b"changed")
    assert cache.fetch(OLD, tmp_path / "second")
    assert (tmp_path / "second" / "a").read_bytes() == b"x" * 100
