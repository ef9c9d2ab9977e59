"""`gala doctor` and `gala up` name folders with too little free space."""

from __future__ import annotations

from pathlib import Path

from gala.cli.commands.doctor import _disk
from gala.cli.disk_check import disk_spaces
from gala.cli.settings import MachineSettings


def settings(home: Path, **values: object) -> MachineSettings:
    return MachineSettings.model_validate({"gala_home": home, **values})


def test_doctor_finds_too_little_space_before_anything_was_started(tmp_path: Path) -> None:
    finding = _disk(settings(tmp_path / "new", renderer_min_free_bytes=1 << 60))
    assert not finding.ok
    for folder, variable in (("data", "DATA_ROOT"), ("storage", "STORAGE_LOCAL_ROOT")):
        assert f"are free in {variable}" in finding.detail
        assert f"({tmp_path / 'new' / folder})" in finding.detail
    assert "RENDERER_MIN_FREE_BYTES" in finding.detail


def test_doctor_tells_the_free_space_of_both_folders(tmp_path: Path) -> None:
    finding = _disk(settings(tmp_path, renderer_min_free_bytes=1))
    assert finding.ok
    assert finding.detail.count("bytes free in") == 2


def test_the_storage_folder_counts_only_if_objects_are_stored_there(tmp_path: Path) -> None:
    roots = {"data_root": tmp_path / "data", "storage_root": tmp_path / "storage"}
    assert set(disk_spaces(settings(tmp_path), **roots)) == set(roots.values())
    elsewhere = settings(tmp_path, storage_provider="s3", data_root=tmp_path / "other")
    assert set(disk_spaces(elsewhere, **roots)) == {tmp_path / "other"}
