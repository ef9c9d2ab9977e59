"""The contract of storage providers, tested with each of them."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from gala_storage import (
    ByteRange,
    InvalidObjectName,
    ObjectExists,
    ObjectNotFound,
    RangeNotSatisfiable,
    Storage,
    StorageUnavailable,
    StoredObject,
)
from tests.fakes.storage_rigs import MIB, StorageRig, file_of, noise
from tests.support.wait import wait_until

PART = 8 * MIB


@pytest.mark.parametrize("size", [0, 1, 700_001, PART, PART + 1, 2 * PART + 3])
def test_what_was_put_comes_back_byte_for_byte(rig: StorageRig, tmp_path: Path, size: int) -> None:
    content = noise(size, seed=size)
    key = rig.new_key()
    stored = rig.put(file_of(tmp_path, content), key)
    digest = sha256(content).hexdigest()
    assert stored == StoredObject(rig.storage.provider, key, "video/mp4", size, digest)
    with rig.storage.open(key) as stream:
        assert stream.size == size
        assert b"".join(stream) == content


def test_any_range_comes_back_byte_for_byte(rig: StorageRig, tmp_path: Path) -> None:
    content = noise(600_000)
    end = len(content) - 1
    key = rig.put(file_of(tmp_path, content)).object_key
    for first, last in [(0, 0), (0, end), (1, 299_999), (262_143, 262_144), (end, end)]:
        with rig.storage.open(key, ByteRange(first, last)) as stream:
            assert stream.size == last - first + 1
            assert b"".join(stream) == content[first : last + 1]


def test_a_range_that_reaches_past_the_end_stops_there(rig: StorageRig, tmp_path: Path) -> None:
    key = rig.put(file_of(tmp_path, b"0123456789")).object_key
    with rig.storage.open(key, ByteRange(7, 10**12)) as stream:
        assert stream.size == 3
        assert b"".join(stream) == b"789"


@pytest.mark.parametrize("content", [b"", b"0123456789"])
def test_a_range_that_begins_past_the_end_is_refused(
    rig: StorageRig, tmp_path: Path, content: bytes
) -> None:
    key = rig.put(file_of(tmp_path, content)).object_key
    with pytest.raises(RangeNotSatisfiable):
        rig.storage.open(key, ByteRange(len(content), len(content) + 5))


def test_the_same_bytes_may_be_put_twice(rig: StorageRig, tmp_path: Path) -> None:
    path = file_of(tmp_path, noise(100_000))
    key = rig.new_key()
    assert rig.put(path, key) == rig.put(path, key)
    assert rig.read(key) == path.read_bytes()


def test_other_bytes_never_replace_what_is_stored(rig: StorageRig, tmp_path: Path) -> None:
    key = rig.put(file_of(tmp_path, b"the first")).object_key
    for other in (b"the other", b"longer than the first"):
        with pytest.raises(ObjectExists):
            rig.put(file_of(tmp_path, other), key)
    assert rig.read(key) == b"the first"


@pytest.mark.parametrize(("size", "writers"), [(300_000, 4), (2 * PART + 1, 2)])
def test_many_writers_of_the_same_bytes_all_succeed(
    rig: StorageRig, tmp_path: Path, size: int, writers: int
) -> None:
    path = file_of(tmp_path, noise(size))
    key = rig.new_key()

    def put(_: int) -> StoredObject:
        try:
            return rig.put(path, key)
        except StorageUnavailable:
            # Retryable, and retried by the worker: moto answers 500 to a part of an upload whose
            # key another writer completes at that moment.
            return rig.put(path, key)

    with ThreadPoolExecutor(writers) as pool:
        stored = list(pool.map(put, range(writers)))
    assert len(set(stored)) == 1
    assert rig.read(key) == path.read_bytes()


def test_of_writers_with_different_bytes_one_wins(rig: StorageRig, tmp_path: Path) -> None:
    contents = [noise(300_000, seed) for seed in range(4)]
    key = rig.new_key()

    def put(content: bytes) -> bytes | None:
        try:
            rig.put(file_of(tmp_path, content), key)
        except ObjectExists:
            return None
        return content

    with ThreadPoolExecutor(4) as pool:
        winners = [content for content in pool.map(put, contents) if content is not None]
    assert winners == [rig.read(key)]


def test_reserving_stores_nothing(rig: StorageRig) -> None:
    key = rig.new_key()
    with pytest.raises(ObjectNotFound):
        rig.storage.stat(key)


def test_stat_tells_what_is_known(rig: StorageRig, tmp_path: Path) -> None:
    content = noise(1000)
    stat = rig.storage.stat(rig.put(file_of(tmp_path, content)).object_key)
    assert stat.size == 1000
    assert stat.sha256 in {None, sha256(content).hexdigest()}
    assert stat.mime in {None, "video/mp4"}
    assert stat.modified is not None
    assert abs(datetime.now(UTC) - stat.modified) < timedelta(minutes=1)


def test_what_is_not_there_is_not_found(rig: StorageRig) -> None:
    key = rig.new_key()
    with pytest.raises(ObjectNotFound):
        rig.storage.open(key)
    with pytest.raises(ObjectNotFound):
        rig.storage.open(key, ByteRange(0, 9))
    with pytest.raises(ObjectNotFound):
        rig.storage.stat(key)


def test_deleting_twice_is_fine_and_leaves_nothing(rig: StorageRig, tmp_path: Path) -> None:
    key = rig.put(file_of(tmp_path, b"something")).object_key
    rig.storage.delete(key)
    rig.storage.delete(key)
    with pytest.raises(ObjectNotFound):
        rig.storage.open(key)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/../b", "/etc/passwd", "a//b", "a/", "a\\b", "a\0b", "a\n", ".x/y",
     "-rf", "C:/x", "a" * 513, "a/" * 300 + "b", "b" * 201],
)  # fmt: skip
def test_a_name_that_could_lead_elsewhere_is_refused(
    rig: StorageRig, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InvalidObjectName):
        rig.storage.reserve(name)


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a\0b", "a\\b", "", "a?b=c", "a b"])
def test_a_key_that_no_name_gives_is_refused(rig: StorageRig, tmp_path: Path, key: str) -> None:
    for use in (rig.storage.open, rig.storage.stat, rig.storage.delete):
        with pytest.raises(InvalidObjectName):
            use(key)
    with pytest.raises(InvalidObjectName):
        rig.put(file_of(tmp_path, b"x"), key)


def test_progress_grows_to_the_whole_size(rig: StorageRig, tmp_path: Path) -> None:
    size = 2 * PART + 5
    reports: list[int] = []
    rig.storage.put(
        rig.new_key(),
        file_of(tmp_path, noise(size)),
        "video/mp4",
        name="renders/x.mp4",
        on_progress=reports.append,
    )
    assert reports == sorted(reports)
    assert reports[-1] == size


def test_an_upload_ended_by_its_listener_leaves_no_object(rig: StorageRig, tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    def cancel(_sent: int) -> None:
        raise Cancelled

    path = file_of(tmp_path, noise(2 * PART))
    key = rig.new_key()
    with pytest.raises(Cancelled):
        rig.storage.put(key, path, "video/mp4", name="renders/x.mp4", on_progress=cancel)
    with pytest.raises(ObjectNotFound):
        rig.storage.stat(key)
    rig.put(path, key)
    assert rig.read(key) == path.read_bytes()


def test_a_file_that_is_not_there_stays_the_callers_own_error(
    rig: StorageRig, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        rig.put(tmp_path / "nothing")


def test_memory_does_not_grow_with_the_object(rig: StorageRig, tmp_path: Path) -> None:
    if rig.in_memory:
        pytest.skip("keeping objects in memory is this provider's purpose")
    size = 64 * MIB
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.writelines(noise(MIB, seed) for seed in range(64))
    tracemalloc.start()
    try:
        key = rig.put(path).object_key
        with rig.storage.open(key) as stream:
            assert sum(map(len, stream)) == size
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    rig.storage.delete(key)
    # A few parts or chunks of 8 MiB at a time, including the memory of the fake server.
    assert peak < 40 * MIB


def test_a_stream_that_is_closed_early_lets_go_at_once(rig: StorageRig, tmp_path: Path) -> None:
    key = rig.put(file_of(tmp_path, noise(4 * MIB))).object_key
    stream = rig.storage.open(key)
    next(stream)
    assert rig.in_memory or rig.handles() > 0
    stream.close()
    stream.close()
    wait_until(lambda: rig.handles() == 0, 2)
    assert list(stream) == []


def test_a_good_place_passes_its_check(rig: StorageRig) -> None:
    rig.storage.check()


def test_every_provider_is_a_storage(rig: StorageRig) -> None:
    assert isinstance(rig.storage, Storage)
