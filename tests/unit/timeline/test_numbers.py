"""Numbers as languages write them."""

from __future__ import annotations

import pytest

from gala.timeline.document.numbers import decimals_of, percent, rounded_shares, written


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (None, "1,234,567.5"),
        ("de", "1.234.567,5"),
        ("de-CH", "1’234’567.5"),  # noqa: RUF001
        ("fr", "1\u202f234\u202f567,5"),
        ("es", "1.234.567,5"),
        ("es-MX", "1,234,567.5"),
        ("ja", "1,234,567.5"),
    ],
)
def test_a_number_has_the_separators_of_its_language(language: str | None, expected: str) -> None:
    assert written(1234567.5, 1, language) == expected


def test_spanish_and_portuguese_have_no_separator_in_four_digits() -> None:
    assert [written(1200, 0, one) for one in ("es", "pt-PT", "pt-BR", "de")] == [
        "1200", "1200", "1.200", "1.200",
    ]  # fmt: skip


def test_a_number_that_is_rounded_to_zero_has_no_sign() -> None:
    assert [written(one, 1, "en") for one in (-0.04, -0.06)] == ["0.0", "−0.1"]  # noqa: RUF001


def test_numbers_have_the_decimals_of_the_most_exact_one() -> None:
    assert [decimals_of(some) for some in ([1, 2], [1, 2.5], [0.125], [1 / 3], [])] == [
        0, 1, 3, 3, 0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "decimals", "expected"),
    [
        ([1, 1, 1], 0, [34, 33, 33]),
        ([2, 1], 1, [66.7, 33.3]),
        ([999, 1], 0, [100, 0]),
        ([1e15] * 6, 0, [17, 17, 17, 17, 16, 16]),
        ([5, 0], 2, [100, 0]),
    ],
)
def test_rounded_shares_are_100_together(
    values: list[float], decimals: int, expected: list[float]
) -> None:
    assert rounded_shares(values, decimals) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (None, "12.5%"),
        ("es", "12,5\u00a0%"),
        ("fr", "12,5\u202f%"),
        ("tr", "%12,5"),
        ("ja", "12.5%"),
    ],
)
def test_a_percentage_is_written_as_in_its_language(language: str | None, expected: str) -> None:
    assert percent(12.5, 1, language) == expected
