"""The free space of folders: measured, and told with numbers, setting and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gala.disk_space import DiskSpace, disk_space
from gala.errors import OutOfDisk


def test_a_folder_that_does_not_exist_yet_has_the_space_of_its_parent(tmp_path: Path) -> None:
    space = disk_space(tmp_path / "not" / "yet", "DATA_ROOT", 1)
    assert space.free_bytes == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.2)
    assert not space.low
    space.require()


def test_too_little_space_names_the_folder_the_setting_and_the_remedy(tmp_path: Path) -> None:
    space = disk_space(tmp_path, "DATA_ROOT", 1 << 60)
    with pytest.raises(OutOfDisk, match="1,152,921,504,606,846,976 are needed") as caught:
        space.require()
    assert "free in DATA_ROOT" in caught.value.message
    assert "RENDERER_MIN_FREE_BYTES" in caught.value.message
    assert str(tmp_path) not in caught.value.message
    assert caught.value.hint == space.remedy
    assert caught.value.retryable


@pytest.mark.parametrize(("free", "low"), [(9, True), (10, False), (11, False)])
def test_exactly_what_is_needed_is_enough(free: int, low: bool) -> None:
    assert DiskSpace(variable="DATA_ROOT", free_bytes=free, needed_bytes=10).low is low
