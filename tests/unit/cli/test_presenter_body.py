"""What the command line makes of the arguments about presenters."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.cli.rendering.options import with_params
from gala.cli.rendering.presenter_body import (
    body_names,
    dialogue_turns,
    face_points,
    presenter_body,
)
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


def test_lines_name_presenters_by_their_characters_and_files() -> None:
    names = body_names(["maya", "people/Ann.jpg", "robot"])
    text = "ANN: Hi.\nmaya: Hello.\nWell: no.\nrobot : Beep."
    turns = [(turn["presenter"], turn["text"]) for turn in dialogue_turns(text, names)]
    assert turns == [("2", "Hi."), ("1", "Hello."), ("2", "Well: no."), ("3", "Beep.")]


def test_presenters_with_the_same_body_are_named_by_their_numbers() -> None:
    assert body_names(["leo", "leo", "maya"]) == {"1": "1", "2": "2", "3": "3", "maya": "3"}


def test_the_names_of_a_script_are_presenters_in_the_order_in_which_they_first_speak() -> None:
    names = body_names(["maya", "leo"])
    text = "Ana María: ¿Vienes?\nLuis: Son las 12:30.\n\nLUIS: Vamos.\nAna María: ¡Sí!"
    turns = [(turn["presenter"], turn["text"]) for turn in dialogue_turns(text, names)]
    assert turns == [("1", "¿Vienes?"), ("2", "Son las 12:30."), ("2", "Vamos."), ("1", "¡Sí!")]


@pytest.mark.parametrize(
    "text",
    [
        "Ana: Hi.\nHello.",  # A line without a name.
        "Note: Hi.\nNote: Hello.",  # One name is no dialogue.
        "Ana: Hi.\nLuis: Hello.\nEva: Bye.",  # More names than presenters.
        "See http://a.example\nSee http://b.example",
    ],
)
def test_lines_that_are_no_script_are_spoken_as_they_are(text: str) -> None:
    turns = dialogue_turns(text, body_names(["maya", "leo"]))
    assert [turn["text"] for turn in turns] == text.splitlines()


def test_a_text_instead_of_a_body_is_refused_with_the_characters_and_what_to_write(
    tmp_path: Path,
) -> None:
    script = tmp_path / "my script.txt"
    script.write_text("Hello.")
    with pytest.raises(InvalidRequest, match="gala, leo, maya, sol") as refused:
        presenter_body(str(script))
    assert refused.value.hint == f"gala present gala --file '{script}'"


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
