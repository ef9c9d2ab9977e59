"""What the command line makes of the arguments about presenters."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.cli.rendering.options import with_params
from gala.cli.rendering.presenter_body import dialogue_turns, face_points, presenter_body
from gala.errors import InvalidRequest
from gala.render_types.params.presenter_files import PresenterWithFiles, joined

NAMES = {"1": "1", "2": "2", "3": "3"}


def test_points_are_read_from_several_options_and_words() -> None:
    given = ["left_eye=0.4,0.42 right_eye=0.6,.42", "chin=0.5,1"]
    expected = {"left_eye": (0.4, 0.42), "right_eye": (0.6, 0.42), "chin": (0.5, 1.0)}
    assert face_points(given) == expected


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("left_ear=1,1", "there is no point 'left_ear'"),
        ("left_eye=1", "is not a point"),
        ("left_eye=a,b", "is not a point"),
        ("=1,1", "is not a point"),
    ],
)
def test_a_point_that_is_none_is_refused(word: str, why: str) -> None:
    with pytest.raises(InvalidRequest, match="--points: ") as refused:
        face_points([word])
    assert why in refused.value.message


def test_lines_are_turns_of_the_presenter_that_they_name_or_of_the_next_one() -> None:
    text = "Hello.\n\n3: Who is there?\nMe.\nIt is 12:30.\n9: No presenter."
    turns = [(turn["presenter"], turn["text"]) for turn in dialogue_turns(text, NAMES)]
    assert turns == [
        ("1", "Hello."),
        ("3", "Who is there?"),
        ("1", "Me."),
        ("2", "It is 12:30."),
        ("3", "9: No presenter."),
    ]


def test_the_pictures_of_presenters_are_numbered_in_those_of_all() -> None:
    sprites = {"pictures": {"base": 1, "mouth_x": 2}, "neck": [1, 2]}
    parts = [Path("base.png"), Path("mouth_x.png")]
    cast, files = joined(
        [
            PresenterWithFiles({"portrait": 1}, {"portrait": [Path("a.png")]}),
            PresenterWithFiles({"sprites": sprites}, {"sprite": parts}),
            PresenterWithFiles({"energy": 1}, {}),
            PresenterWithFiles({"portrait": 1, "face": 2}, {"portrait": [Path("b.png")]}),
            PresenterWithFiles({"sprites": sprites}, {"sprite": parts}),
        ]
    )
    assert [one.get("portrait") for one in cast] == [1, None, None, 2, None]
    assert cast[1]["sprites"] == sprites
    assert cast[2] == {"energy": 1, "character": {}}
    assert cast[4]["sprites"] == {"pictures": {"base": 3, "mouth_x": 4}, "neck": [1, 2]}
    assert files == {"portrait": [Path("a.png"), Path("b.png")], "sprite": [*parts, *parts]}


def test_a_model_as_body_is_refused_with_the_command_that_takes_it() -> None:
    with pytest.raises(InvalidRequest, match="is a model") as refused:
        presenter_body("mdl_01JD3Z4V8QJ6X2M0T5B7C9D1EF")
    assert "gala submit presenter --model mdl_" in (refused.value.hint or "")


def test_a_param_of_an_item_of_a_list_is_set() -> None:
    given = {"presenters": [{"energy": 1}, {"voice": "es"}]}
    found = with_params(given, ["presenters.1.face:=2", "presenters.0.character.name=leo"])
    expected = [{"energy": 1, "character": {"name": "leo"}}, {"voice": "es", "face": 2}]
    assert found == {"presenters": expected}
    assert given == {"presenters": [{"energy": 1}, {"voice": "es"}]}
    with pytest.raises(InvalidRequest, match="has 2 items"):
        with_params(given, ["presenters.2.face:=2"])
