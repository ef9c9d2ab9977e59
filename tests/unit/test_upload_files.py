"""Files of uploads belong to the process that receives them, and to nobody after its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gala import uploads
from gala.uploads import create_upload, remove_abandoned_uploads

HOLD = """
import sys, time
from pathlib import Path
from gala.uploads import create_upload
print(create_upload(Path(sys.argv[1]))[1].name, flush=True)
time.sleep(60)
"""


def test_what_a_killed_process_was_receiving_is_removed_and_not_before(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        (tmp_path / "other").touch()
        assert remove_abandoned_uploads(tmp_path) == 0
        assert (tmp_path / name).exists()
        process.kill()
    assert remove_abandoned_uploads(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_an_upload_of_this_process_is_protected_until_its_file_is_closed(tmp_path: Path) -> None:
    descriptor, path = create_upload(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert remove_abandoned_uploads(tmp_path) == 0
    os.close(descriptor)
    assert remove_abandoned_uploads(tmp_path) == 1
    assert remove_abandoned_uploads(tmp_path / "missing") == 0


def test_a_file_that_is_taken_for_abandoned_before_it_is_locked_is_created_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = uploads._lock
    removed: list[int] = []

    def lock_late(descriptor: int, *, wait: bool) -> None:
        if wait and not removed:
            removed.append(remove_abandoned_uploads(tmp_path))
        lock(descriptor, wait=wait)

    monkeypatch.setattr(uploads, "_lock", lock_late)
    descriptor, path = create_upload(tmp_path)
    assert removed == [1]
    assert path.exists()
    os.close(descriptor)


def test_where_there_are_no_locks_only_old_files_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object, **__: object) -> None:
        raise OSError("no locks")

    monkeypatch.setattr(uploads, "_lock", no_locks)
    for name, age in (("upload-old", uploads.UNLOCKABLE_SECONDS + 60), ("upload-new", 0.0)):
        (tmp_path / name).touch()
        modified = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (modified, modified))
    descriptor, path = create_upload(tmp_path)
    assert remove_abandoned_uploads(tmp_path) == 1
    assert {one.name for one in tmp_path.iterdir()} == {"upload-new", path.name}
    os.close(descriptor)
