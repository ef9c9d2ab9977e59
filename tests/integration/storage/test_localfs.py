"""Files in a folder: full disks, killed processes, links to other places."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gala_storage import (
    InvalidObjectName,
    LocalStorage,
    ObjectNotFound,
    StorageConfigError,
    StorageFull,
    SupportsLocalPath,
)
from tests.fakes.storage_rigs import MIB, StorageRig, file_of, files_under, new_name, noise

WITH_LITTLE_ROOM = """
import resource, sys
from pathlib import Path
from gala_storage import LocalStorage, StorageFull
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    LocalStorage(Path(sys.argv[1])).put(sys.argv[3], Path(sys.argv[2]), "video/mp4", name="x")
except StorageFull as full:
    print(full)
"""

SLOWLY = """
import sys, time
from pathlib import Path
from gala_storage import LocalStorage
def on_progress(sent):
    print(sent, flush=True)
    time.sleep(60)
storage = LocalStorage(Path(sys.argv[1]))
storage.put(sys.argv[3], Path(sys.argv[2]), "video/mp4", name="x", on_progress=on_progress)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "assets"


@pytest.fixture
def rig(root: Path) -> StorageRig:
    return StorageRig(LocalStorage(root), lambda: 0)


def test_a_full_disk_is_told_and_leaves_nothing(
    root: Path, rig: StorageRig, tmp_path: Path
) -> None:
    path = file_of(tmp_path, noise(2 * MIB))
    run = subprocess.run(
        [sys.executable, "-c", WITH_LITTLE_ROOM, root, path, new_name()],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "no space left" in run.stdout
    assert list(files_under(root)) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting needs root")
def test_a_full_file_system_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    root = tmp_path / "tiny"
    root.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(root)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted on this machine")
    try:
        rig = StorageRig(LocalStorage(root), lambda: 0)
        with pytest.raises(StorageFull):
            rig.put(file_of(tmp_path, noise(2 * MIB)))
        assert list(files_under(root)) == []
        key = rig.put(file_of(tmp_path, b"something small still fits")).object_key
        assert rig.read(key) == b"something small still fits"
    finally:
        subprocess.run(["umount", root], check=True)


def test_a_killed_upload_leaves_no_object_and_is_swept_later(
    root: Path, rig: StorageRig, tmp_path: Path
) -> None:
    path, key = file_of(tmp_path, noise(2 * MIB)), new_name()
    command = [sys.executable, "-c", SLOWLY, str(root), str(path), key]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    with pytest.raises(ObjectNotFound):
        rig.storage.stat(key)

    (leftover,) = files_under(root)
    rig.put(path, key)
    assert leftover.exists()
    long_ago = time.time() - 25 * 3600
    os.utime(leftover, (long_ago, long_ago))
    rig.put(path)
    assert not leftover.exists()
    assert rig.read(key) == path.read_bytes()


def test_files_can_be_read_by_the_group_as_the_umask_says(root: Path, tmp_path: Path) -> None:
    write = (
        "import os, sys; from pathlib import Path; from gala_storage import LocalStorage;"
        "os.umask(0o027);"
        "LocalStorage(Path(sys.argv[1])).put('a/b', Path(sys.argv[2]), 'x/y', name='x')"
    )
    subprocess.run([sys.executable, "-c", write, root, file_of(tmp_path, b"x")], check=True)
    assert stat.S_IMODE((root / "a" / "b").stat().st_mode) == 0o640


@pytest.mark.parametrize("link", ["out", "out/secret", "dangling"])
def test_a_link_never_leads_out_of_the_folder(
    root: Path, rig: StorageRig, tmp_path: Path, link: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    root.mkdir()
    target = {"out": outside, "out/secret": outside / "secret", "dangling": outside / "new"}[link]
    (root / link).parent.mkdir(exist_ok=True)
    (root / link).symlink_to(target)
    key = "out/secret" if link == "out" else link
    assert isinstance(rig.storage, SupportsLocalPath)
    for use in (
        rig.storage.open,
        rig.storage.stat,
        rig.storage.delete,
        rig.storage.local_path,
    ):
        with pytest.raises(InvalidObjectName):
            use(key)
    with pytest.raises(InvalidObjectName):
        rig.put(file_of(tmp_path, b"overwritten"), key)
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_bytes() == b"secret"


def test_a_folder_is_no_object(root: Path, rig: StorageRig, tmp_path: Path) -> None:
    rig.put(file_of(tmp_path, b"x"), "renders/job/video.mp4")
    for use in (rig.storage.open, rig.storage.stat):
        with pytest.raises(ObjectNotFound):
            use("renders/job")


def test_the_local_path_is_the_very_file(root: Path, rig: StorageRig, tmp_path: Path) -> None:
    key = rig.put(file_of(tmp_path, b"content")).object_key
    assert isinstance(rig.storage, SupportsLocalPath)
    path = rig.storage.local_path(key)
    assert path.is_absolute()
    assert path.read_bytes() == b"content"
    with pytest.raises(ObjectNotFound):
        rig.storage.local_path("renders/nothing.mp4")


def test_a_root_that_cannot_be_made_names_the_variable(tmp_path: Path) -> None:
    in_the_way = file_of(tmp_path, b"a file")
    with pytest.raises(StorageConfigError, match="STORAGE_LOCAL_ROOT"):
        LocalStorage(in_the_way / "below").check()


def test_the_stream_of_a_deleted_object_goes_on_to_its_end(rig: StorageRig, tmp_path: Path) -> None:
    key = rig.put(file_of(tmp_path, noise(MIB))).object_key
    with rig.storage.open(key) as stream:
        begin = next(stream)
        rig.storage.delete(key)
        assert begin + b"".join(stream) == noise(MIB)


def test_the_folder_of_a_job_goes_with_its_last_object(root: Path, rig: StorageRig) -> None:
    first, second, other = "renders/job_1/a.mp4", "renders/job_1/b.mp4", "renders/job_2/a.mp4"
    source = file_of(root.parent, b"film")
    for key in (first, second, other):
        rig.storage.put(key, source, "video/mp4", name=key)
    rig.storage.delete(first)
    assert rig.storage.stat(second).size == 4
    rig.storage.delete(second)
    assert [path.name for path in (root / "renders").iterdir()] == ["job_2"]
    rig.storage.delete(other)
    assert not (root / "renders").exists()
    rig.storage.delete(other)
    rig.storage.put(first, source, "video/mp4", name=first)
    assert rig.storage.stat(first).size == 4


def test_objects_are_stored_while_others_of_their_folder_are_deleted(
    root: Path, rig: StorageRig
) -> None:
    source = file_of(root.parent, b"film")

    def store_and_delete(number: int) -> None:
        key = f"renders/job_1/{number}.mp4"
        for _ in range(100):
            rig.storage.put(key, source, "video/mp4", name=key)
            rig.storage.delete(key)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(store_and_delete, number) for number in range(4)]:
            done.result()
