from __future__ import annotations

import pytest

import gala_storage
from gala_storage import ByteRange, ObjectStream, StorageUnavailable


def test_a_body_that_ends_early_is_never_taken_for_the_whole() -> None:
    closed: list[bool] = []
    stream = ObjectStream([b"abc", b"de"], size=9, close=lambda: closed.append(True))
    with pytest.raises(StorageUnavailable, match="4 bytes early"):
        b"".join(stream)
    assert closed == [True]


def test_a_stream_closes_itself_at_its_end_and_only_once() -> None:
    closed: list[bool] = []
    with ObjectStream([b"abc"], size=3, close=lambda: closed.append(True)) as stream:
        assert list(stream) == [b"abc"]
    assert closed == [True]


@pytest.mark.parametrize(("first", "last"), [(-1, 5), (5, 4), (-3, -1)])
def test_a_range_is_from_a_byte_to_the_same_or_a_later_one(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="not a range"):
        ByteRange(first, last)


def test_a_range_knows_its_length() -> None:
    assert ByteRange(0, 0).length == 1
    assert ByteRange(10, 19).length == 10


def test_everything_public_is_there_and_listed_in_order() -> None:
    assert gala_storage.__all__ == sorted(gala_storage.__all__)
    for name in gala_storage.__all__:
        assert getattr(gala_storage, name).__module__.startswith("gala_storage")
