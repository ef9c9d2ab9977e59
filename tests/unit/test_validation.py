from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from gala.cli.rendering.request import RenderCommand
from gala.errors import InvalidRequest
from gala.render_types.presenter import TYPE as PRESENTER
from gala.timeline.problems import MAX_PROBLEMS, InvalidTimeline
from gala.timeline.reader import read_timeline
from gala.validation import causes, first_problem
from gala_api.errors.validation import invalid_fields

_WRONG_ELEMENT = {"text": "Hello.", "presenters": [{"sprites": 5}]}


def _error_of(params: dict[str, object]) -> ValidationError:
    with pytest.raises(ValidationError) as error:
        PRESENTER.params.parse(params)
    return error.value


def test_a_list_with_an_invalid_item_is_not_too_short_too() -> None:
    rules = [str(one["type"]) for one in causes(_error_of(_WRONG_ELEMENT).errors())]
    assert rules
    assert "too_short" not in rules


def test_an_empty_list_is_too_short() -> None:
    assert (
        "At least 1 item is required."
        in first_problem(_error_of({"text": "Hello.", "presenters": []}))[1]
    )


def test_the_api_reports_only_the_invalid_item_of_a_list() -> None:
    error = invalid_fields(_error_of(_WRONG_ELEMENT).errors(), model=PRESENTER.params)
    assert "At least" not in str(error.details)


def test_a_command_names_the_invalid_item_of_a_list() -> None:
    with pytest.raises(InvalidRequest) as error:
        RenderCommand(type="presenter", params=_WRONG_ELEMENT).check()
    assert "At least" not in str(error.value)


def test_a_composition_reports_only_the_invalid_clip() -> None:
    with pytest.raises(InvalidTimeline) as error:
        read_timeline({"tracks": [{"clips": [{"type": "presenter"}]}]})
    assert len(error.value.problems) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "at least 1 character"),
        (" \n", "Text to be seen is required"),
        ("a\x00b", "without control characters"),
        ("half \ud800", "not UTF-8"),
        ({"Hello"}, "valid string"),
        (object(), "cannot be written as JSON"),
    ],
)
def test_a_text_that_cannot_be_is_refused_in_plain_words(text: object, says: str) -> None:
    path, message = first_problem(_error_of({"text": text, "language": "en"}))
    assert path == ("text",)
    assert says in message


def test_very_many_mistakes_are_read_in_a_time_that_grows_with_their_number_only() -> None:
    places = [("scenes", number, "elements") for number in range(20_000)]
    started = time.monotonic()
    assert len(causes([{"type": "too_short", "loc": place} for place in places])) == len(places)
    assert time.monotonic() - started < 5.0


def test_of_very_many_mistakes_in_a_composition_only_the_first_are_described() -> None:
    with pytest.raises(InvalidTimeline) as wrong:
        read_timeline({"scenes": [{}] * 5_000})
    assert len(wrong.value.problems) == 10 * MAX_PROBLEMS
    assert wrong.value.problems[0].pointer == "/scenes/0"
