from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gala.errors import ErrorCode
from gala_api.http.errors import UnsatisfiableRange
from gala_api.http.range_requests import requested_range
from gala_storage import ByteRange
from tests.fakes.range_matrix import IGNORED, LENIENT, SATISFIABLE, SIZE, UNSATISFIABLE


@pytest.mark.parametrize(("header", "part"), [*SATISFIABLE.items(), *LENIENT.items()])
def test_a_single_range_gives_its_bytes(header: str, part: tuple[int, int]) -> None:
    assert requested_range([header], SIZE) == ByteRange(*part)


@pytest.mark.parametrize("header", IGNORED)
def test_what_is_no_single_byte_range_gives_the_whole(header: str) -> None:
    assert requested_range([header], SIZE) is None


@pytest.mark.parametrize("header", UNSATISFIABLE)
def test_a_range_outside_is_refused_and_told_the_size(header: str) -> None:
    with pytest.raises(UnsatisfiableRange) as refused:
        requested_range([header], SIZE)
    assert refused.value.code is ErrorCode.RANGE_NOT_SATISFIABLE
    assert refused.value.headers["Content-Range"] == "bytes */1000"


def test_no_range_gives_the_whole() -> None:
    assert requested_range([], SIZE) is None


def test_a_repeated_range_field_gives_the_whole() -> None:
    assert requested_range(["bytes=0-1", "bytes=0-1"], SIZE) is None


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=5-9", "bytes=-0"])
def test_nothing_in_an_empty_object_can_be_pointed_at(header: str) -> None:
    with pytest.raises(UnsatisfiableRange) as refused:
        requested_range([header], 0)
    assert refused.value.headers["Content-Range"] == "bytes */0"


def test_the_end_of_an_empty_object_is_the_whole_of_it() -> None:
    assert requested_range(["bytes=-5"], 0) is None


@pytest.mark.parametrize("digits", ["1" * 5000, "0" * 5000 + "1"])
def test_positions_may_have_thousands_of_digits(digits: str) -> None:
    assert requested_range([f"bytes=0-{digits}"], 2) == ByteRange(0, 1)


@given(st.integers(0, 50), st.integers(0, 60), st.integers(0, 60))
def test_a_range_covers_exactly_the_bytes_it_names(size: int, first: int, last: int) -> None:
    body = bytes(range(size))
    named = [at for at in range(size) if first <= at <= last]
    header = f"bytes={first}-{last}"
    if first >= size and first <= last:
        with pytest.raises(UnsatisfiableRange):
            requested_range([header], size)
        return
    part = requested_range([header], size)
    if part is None:
        assert last < first
    else:
        assert list(body[part.first : part.last + 1]) == named


@given(st.text(max_size=30))
def test_any_text_is_read_without_an_accident(text: str) -> None:
    try:
        part = requested_range([text], SIZE)
    except UnsatisfiableRange:
        return
    assert part is None or part.last < SIZE
