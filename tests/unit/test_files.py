"""Atomic files and full disks."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from gala.errors import OutOfDisk
from gala.files import atomic_file, disk_errors


def test_a_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file.txt"
    with atomic_file(target) as temporary:
        temporary.write_text("complete")
        assert not target.exists()
    assert target.read_text() == "complete"
    assert list(target.parent.iterdir()) == [target]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "file.txt"
    target.write_text("earlier")
    with pytest.raises(FileNotFoundError), atomic_file(target) as temporary:
        temporary.write_bytes((tmp_path / "missing").read_bytes())
    assert target.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [target]


def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    target = tmp_path / ("\N{SNOWMAN}" * 85)
    with atomic_file(target) as temporary:
        temporary.write_text("cold")
    assert target.read_text() == "cold"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_named(number: int) -> None:
    with pytest.raises(OutOfDisk, match="No room") as caught, disk_errors("No room", hint="Free."):
        raise OSError(number, "full")
    assert caught.value.hint == "Free."


def test_other_errors_pass() -> None:
    with pytest.raises(PermissionError), disk_errors():
        raise PermissionError(errno.EACCES, "denied")
