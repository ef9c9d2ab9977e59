"""The process service: positions, languages, waiting times, and field names of requests."""

from __future__ import annotations

from typing import Any

import pytest

from gala.errors import ErrorCode, InvalidRequest, UnsupportedMedia, error_of
from gala.render_types import find_type
from gala_api.http.prefer import Prefer
from gala_api.process_service.language import Language, preferred
from gala_api.process_service.messages import localized
from gala_api.process_service.operations import BY_TYPE, TRIM
from gala_api.process_service.positions import parse_position
from gala_api.process_service.waiting import WaitTime


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("center", "center"),
        ("Centro", "center"),
        ("top", "top"),
        ("arriba", "top"),
        ("Superior", "top"),
        ("abajo", "bottom"),
        ("izquierda", "left"),
        ("right", "right"),
        ("top-left", "top-left"),
        ("left top", "top-left"),
        ("bottom_right", "bottom-right"),
        ("abajo derecha", "bottom-right"),
        ("arriba-izquierda", "top-left"),
        ("inferior centro", "bottom"),
        ("top center", "top"),
        ("center center", "center"),
        (["center", "bottom"], "bottom"),
        (["left", "center"], "left"),
    ],
)
def test_a_place_is_understood_in_english_and_spanish(said: Any, place: str) -> None:
    assert parse_position(said) == {"position": place}


@pytest.mark.parametrize(
    ("said", "x", "y"),
    [
        ("120,80", 120, 80),
        (" 0.5 , 0.25 ", 0.5, 0.25),
        ([0, 0], 0, 0),
        ([100.5, 4096], 100.5, 4096),
        ({"x": 1, "y": 2}, 1, 2),
    ],
)
def test_coordinates_are_the_texts_upper_left_corner(said: Any, x: float, y: float) -> None:
    assert parse_position(said) == {"x": x, "y": y}


@pytest.mark.parametrize(
    "said",
    ["", "somewhere", "top bottom", "left left", "top left center", "1,2,3", "-1,2", "1e9,2", 5,
     None, True, [1], [1, "left"], [True, 1], [-1, 0], [5000, 0], [float("nan"), 0], {"x": 1},
     {"x": 1, "y": 2, "z": 3}, {"x": "1", "y": 2}, "top" * 1000],
)  # fmt: skip
def test_what_names_no_place_is_refused_with_the_rule(said: Any) -> None:
    with pytest.raises(ValueError, match="must be a position"):
        parse_position(said)


def test_every_place_is_one_that_the_engine_takes() -> None:
    add_text = find_type("add_text")
    assert add_text is not None
    for said in ("arriba", "12,40", [0.5, 0.5]):
        add_text.params.parse({"text": "x", **parse_position(said)})


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.SPANISH),
        ("", Language.SPANISH),
        ("en-US", Language.ENGLISH),
        ("es, en", Language.SPANISH),
        ("en, es", Language.ENGLISH),
        ("es;q=0.5,en;q=0.8", Language.ENGLISH),
        ("de, *;q=0.5, en;q=0.4", Language.SPANISH),
        ("enx", Language.SPANISH),
        ("en;q=2", Language.SPANISH),
        ("en," * 100_000, Language.ENGLISH),
        ("," * 100_000 + "en", Language.SPANISH),
    ],
)
def test_the_language_is_the_preferred_one_of_two(header: str | None, language: Language) -> None:
    assert preferred(header) is language


@pytest.mark.parametrize(
    ("prefer", "seconds", "applied"),
    [
        (None, 240, None),
        ("respond-async", 0, "respond-async"),
        ("wait=10", 10, "wait=10"),
        ("respond-async, wait=10", 10, "respond-async, wait=10"),
        ("wait=1000", 240, None),
        ("respond-async, wait=1000", 0, "respond-async"),
        ("handling=lenient", 240, None),
    ],
)
def test_a_caller_is_answered_when_it_prefers_within_the_limit(
    prefer: str | None, seconds: float, applied: str | None
) -> None:
    assert WaitTime.of(Prefer.parse(prefer), default=240, maximum=240) == WaitTime(seconds, applied)


def test_names_of_the_engine_become_those_of_the_caller_and_nothing_else_does() -> None:
    error = UnsupportedMedia(
        "inputs.media_url: text/html (params.start is 3, params.started too)",
        field="inputs.media_url",
        size=3,
    )
    told = TRIM.error_for_caller(error)
    assert told.code is ErrorCode.UNPROCESSABLE_MEDIA
    assert told.message == "video_url: text/html (start_time is 3, params.started too)"
    assert told.details == {"field": "video_url", "size": 3}
    many = BY_TYPE["concatenate"].error_for_caller(InvalidRequest("x", field="inputs.clips_urls.7"))
    assert many.details["field"] == "video_urls.7"


# Ranges of bytes are no matter of this service.
@pytest.mark.parametrize("code", sorted(set(ErrorCode) - {ErrorCode.RANGE_NOT_SATISFIABLE}))
@pytest.mark.parametrize("language", Language)
def test_every_error_begins_with_its_kind_and_says_what_to_do(
    code: ErrorCode, language: Language
) -> None:
    told = localized(error_of(code, "field: so and so"), language)
    assert told.message.endswith(" field: so and so")
    assert told.hint
    assert told.message[0].isupper()
    kept = localized(error_of(code, "m", hint="the error's own"), language)
    assert kept.hint == "the error's own"


def test_the_engine_has_every_operation_and_the_input_that_it_names() -> None:
    for name, operation in BY_TYPE.items():
        render_type = find_type(name)
        assert render_type is not None
        assert render_type.inputs[operation.source].many is operation.many
