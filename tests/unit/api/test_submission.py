"""Validation of a request without a database."""

from __future__ import annotations

from typing import Any

import pytest

from gala.errors import InvalidRequest
from gala.render_types import find_type
from gala_api.jobs.idempotency import fingerprint
from gala_api.jobs.resolve import check_params, known_type

HELLO = find_type("hello_render")


def test_params_are_kept_as_they_were_given() -> None:
    assert HELLO
    given = {"text": r"It's 50% {off}: C:\x\nñ 你好", "overlay_fit": "cover"}
    assert check_params(given, HELLO).stored == given


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "params.text"),
        ({"text": "x", "music_volume_db": "loud"}, "params.music_volume_db"),
        ({"text": "x", "overlay_fit": "stretch"}, "params.overlay_fit"),
        ({"text": "x", "background_color": "red"}, "params.background_color"),
    ],
)
def test_wrong_params_are_told_by_field(params: dict[str, Any], field: str) -> None:
    assert HELLO
    with pytest.raises(InvalidRequest) as caught:
        check_params(params, HELLO)
    assert caught.value.details["field"] == field


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\r\nb", "مرحبا", "👩‍👩‍👧‍👦", " x "])
def test_text_may_be_of_any_script_and_of_several_lines(text: str) -> None:
    assert HELLO
    assert check_params({"text": text}, HELLO).stored == {"text": text}


@pytest.mark.parametrize("text", ["", " ", "\n", "a\x00", "a\x1b[31m", "a\x7f", "a\x85", "\u3000"])
def test_text_that_shows_nothing_or_controls_something_is_refused(text: str) -> None:
    assert HELLO
    with pytest.raises(InvalidRequest):
        check_params({"text": text}, HELLO)


def test_a_strange_type_is_told_the_nearest() -> None:
    with pytest.raises(InvalidRequest) as caught:
        known_type("helo_render", field="type")
    assert caught.value.details["did_you_mean"] == "hello_render"
    with pytest.raises(InvalidRequest, match=r"there are: .*hello_render"):
        known_type("zzz")


def test_a_fingerprint_sees_meaning_and_not_the_order_of_fields() -> None:
    assert fingerprint({"a": 1, "b": {"c": 1, "d": 2}}) == fingerprint(
        {"b": {"d": 2, "c": 1}, "a": 1}
    )
    assert fingerprint({"a": [1, 2]}) != fingerprint({"a": [2, 1]})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})
    assert fingerprint({"a": None}) != fingerprint({})
