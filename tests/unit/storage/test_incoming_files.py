"""Files of a folder that are still written: those of ended processes are removed, no others."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gala_storage.incoming_files import incoming_file, remove_abandoned

KILLED = """
import os, signal, sys
from pathlib import Path
from gala_storage.incoming_files import incoming_file
with incoming_file(Path(sys.argv[1])) as (file, path):
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".incoming"


def age(path: Path, seconds: float) -> None:
    """Set when a file was written to last."""
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_the_file_of_a_killed_writer_is_removed_after_a_minute(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False)
    assert done.returncode < 0
    (left,) = folder.iterdir()
    remove_abandoned(folder)
    assert left.exists()
    age(left, 61)
    remove_abandoned(folder)
    assert not left.exists()


def test_a_file_that_is_still_written_stays_however_old(folder: Path) -> None:
    with incoming_file(folder) as (file, path):
        file.write(b"slow")
        age(path, 3 * 24 * 3600)
        remove_abandoned(folder)
        assert path.exists()
    assert list(folder.iterdir()) == []


def test_a_folder_that_does_not_exist_is_as_good_as_an_empty_one(folder: Path) -> None:
    remove_abandoned(folder)
    assert not folder.exists()
