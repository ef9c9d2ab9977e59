"""What every storage provider promises, asked of all of them."""

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
    StoredObject,
)
from tests.standins.storages import MIB, Place, file_of, noise
from tests.support.waiting import wait_until

PART = 8 * MIB


@pytest.mark.parametrize("size", [0, 1, 700_001, PART, PART + 1, 2 * PART + 3])
def test_what_was_put_comes_back_byte_for_byte(place: Place, tmp_path: Path, size: int) -> None:
    content = noise(size, seed=size)
    key = place.new_key()
    stored = place.put(file_of(tmp_path, content), key)
    digest = sha256(content).hexdigest()
    assert stored == StoredObject(place.storage.provider, key, "video/mp4", size, digest)
    with place.storage.open(key) as stream:
        assert stream.size == size
        assert b"".join(stream) == content


def test_any_range_comes_back_byte_for_byte(place: Place, tmp_path: Path) -> None:
    content = noise(600_000)
    end = len(content) - 1
    key = place.put(file_of(tmp_path, content)).object_key
    for first, last in [(0, 0), (0, end), (1, 299_999), (262_143, 262_144), (end, end)]:
        with place.storage.open(key, ByteRange(first, last)) as stream:
            assert stream.size == last - first + 1
            assert b"".join(stream) == content[first : last + 1]


def test_a_range_that_reaches_past_the_end_stops_there(place: Place, tmp_path: Path) -> None:
    key = place.put(file_of(tmp_path, b"0123456789")).object_key
    with place.storage.open(key, ByteRange(7, 10**12)) as stream:
        assert stream.size == 3
        assert b"".join(stream) == b"789"


@pytest.mark.parametrize("content", [b"", b"0123456789"])
def test_a_range_that_begins_past_the_end_is_refused(
    place: Place, tmp_path: Path, content: bytes
) -> None:
    key = place.put(file_of(tmp_path, content)).object_key
    with pytest.raises(RangeNotSatisfiable):
        place.storage.open(key, ByteRange(len(content), len(content) + 5))


def test_the_same_bytes_may_be_put_twice(place: Place, tmp_path: Path) -> None:
    path = file_of(tmp_path, noise(100_000))
    key = place.new_key()
    assert place.put(path, key) == place.put(path, key)
    assert place.read(key) == path.read_bytes()


def test_other_bytes_never_replace_what_is_stored(place: Place, tmp_path: Path) -> None:
    key = place.put(file_of(tmp_path, b"the first")).object_key
    for other in (b"the other", b"longer than the first"):
        with pytest.raises(ObjectExists):
            place.put(file_of(tmp_path, other), key)
    assert place.read(key) == b"the first"


@pytest.mark.parametrize(("size", "writers"), [(300_000, 4), (2 * PART + 1, 2)])
def test_many_writers_of_the_same_bytes_all_succeed(
    place: Place, tmp_path: Path, size: int, writers: int
) -> None:
    path = file_of(tmp_path, noise(size))
    key = place.new_key()
    with ThreadPoolExecutor(writers) as pool:
        stored = list(pool.map(lambda _: place.put(path, key), range(writers)))
    assert len(set(stored)) == 1
    assert place.read(key) == path.read_bytes()


def test_of_writers_with_different_bytes_one_wins(place: Place, tmp_path: Path) -> None:
    contents = [noise(300_000, seed) for seed in range(4)]
    key = place.new_key()

    def put(content: bytes) -> bytes | None:
        try:
            place.put(file_of(tmp_path, content), key)
        except ObjectExists:
            return None
        return content

    with ThreadPoolExecutor(4) as pool:
        winners = [content for content in pool.map(put, contents) if content is not None]
    assert winners == [place.read(key)]


def test_reserving_stores_nothing(place: Place) -> None:
    key = place.new_key()
    with pytest.raises(ObjectNotFound):
        place.storage.stat(key)


def test_stat_tells_what_is_known(place: Place, tmp_path: Path) -> None:
    content = noise(1000)
    stat = place.storage.stat(place.put(file_of(tmp_path, content)).object_key)
    assert stat.size == 1000
    assert stat.sha256 in {None, sha256(content).hexdigest()}
    assert stat.mime in {None, "video/mp4"}
    assert stat.modified is not None
    assert abs(datetime.now(UTC) - stat.modified) < timedelta(minutes=1)


def test_what_is_not_there_is_not_found(place: Place) -> None:
    key = place.new_key()
    with pytest.raises(ObjectNotFound):
        place.storage.open(key)
    with pytest.raises(ObjectNotFound):
        place.storage.open(key, ByteRange(0, 9))
    with pytest.raises(ObjectNotFound):
        place.storage.stat(key)


def test_deleting_twice_is_fine_and_leaves_nothing(place: Place, tmp_path: Path) -> None:
    key = place.put(file_of(tmp_path, b"something")).object_key
    place.storage.delete(key)
    place.storage.delete(key)
    with pytest.raises(ObjectNotFound):
        place.storage.open(key)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/../b", "/etc/passwd", "a//b", "a/", "a\\b", "a\0b", "a\n", ".x/y",
     "-rf", "C:/x", "a" * 513, "a/" * 300 + "b", "b" * 201],
)  # fmt: skip
def test_a_name_that_could_lead_elsewhere_is_refused(
    place: Place, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InvalidObjectName):
        place.storage.reserve(name)


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a\0b", "a\\b", "", "a?b=c", "a b"])
def test_a_key_that_no_name_gives_is_refused(place: Place, tmp_path: Path, key: str) -> None:
    for use in (place.storage.open, place.storage.stat, place.storage.delete):
        with pytest.raises(InvalidObjectName):
            use(key)
    with pytest.raises(InvalidObjectName):
        place.put(file_of(tmp_path, b"x"), key)


def test_progress_grows_to_the_whole_size(place: Place, tmp_path: Path) -> None:
    size = 2 * PART + 5
    told: list[int] = []
    place.storage.put(
        place.new_key(),
        file_of(tmp_path, noise(size)),
        "video/mp4",
        name="renders/x.mp4",
        on_progress=told.append,
    )
    assert told == sorted(told)
    assert told[-1] == size


def test_an_upload_ended_by_its_listener_leaves_no_object(place: Place, tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    def cancel(_sent: int) -> None:
        raise Cancelled

    path = file_of(tmp_path, noise(2 * PART))
    key = place.new_key()
    with pytest.raises(Cancelled):
        place.storage.put(key, path, "video/mp4", name="renders/x.mp4", on_progress=cancel)
    with pytest.raises(ObjectNotFound):
        place.storage.stat(key)
    place.put(path, key)
    assert place.read(key) == path.read_bytes()


def test_a_file_that_is_not_there_stays_the_callers_own_error(place: Place, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        place.put(tmp_path / "nothing")


def test_memory_does_not_grow_with_the_object(place: Place, tmp_path: Path) -> None:
    if place.in_memory:
        pytest.skip("keeping objects in memory is this provider's purpose")
    size = 64 * MIB
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.writelines(noise(MIB, seed) for seed in range(64))
    tracemalloc.start()
    try:
        key = place.put(path).object_key
        with place.storage.open(key) as stream:
            assert sum(map(len, stream)) == size
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    place.storage.delete(key)
    # A few parts or chunks of 8 MiB at a time, the stand-in's own share included.
    assert peak < 40 * MIB


def test_a_stream_that_is_closed_early_lets_go_at_once(place: Place, tmp_path: Path) -> None:
    key = place.put(file_of(tmp_path, noise(4 * MIB))).object_key
    stream = place.storage.open(key)
    next(stream)
    assert place.in_memory or place.handles() > 0
    stream.close()
    stream.close()
    wait_until(lambda: place.handles() == 0, 2)
    assert list(stream) == []


def test_a_good_place_passes_its_check(place: Place) -> None:
    place.storage.check()


def test_every_provider_is_a_storage(place: Place) -> None:
    assert isinstance(place.storage, Storage)
