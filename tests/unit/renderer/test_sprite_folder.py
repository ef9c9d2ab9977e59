"""Sprites in a folder, and what requests with sprites have to say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.render_types import find_type
from gala.render_types.params.sprite_folder import read_sprite_folder
from gala.render_types.presenter import PresenterParams

SPRITES = {"pictures": {"base": 1, "mouth_x": 2}}


def folder(path: Path, *names: str, layout: str | None = None) -> Path:
    for name in names:
        (path / name).touch()
    if layout is not None:
        (path / "sprites.json").write_text(layout)
    return path


def test_files_are_sprites_by_their_names(tmp_path: Path) -> None:
    given = folder(tmp_path, "Mouth_X.PNG", "base.png", "mouth_d.webp", "notes.txt",
                   layout='{"anchors": {"mouth": [80, 90]}, "face": [1, 2, 30, 40]}')  # fmt: skip
    sprites, paths = read_sprite_folder(given, "BODY")
    named = {name: paths[number - 1].name for name, number in sprites.pictures.items()}
    assert named == {"base": "base.png", "mouth_d": "mouth_d.webp", "mouth_x": "Mouth_X.PNG"}
    assert sprites.anchors == {"mouth": (80, 90)}
    assert sprites.face == (1, 2, 30, 40)


@pytest.mark.parametrize(
    ("names", "layout", "message"),
    [
        (["mouth_x.png"], None, "pictures.base: the sprite is missing"),
        (["base.png"], None, "at least one mouth is needed"),
        (["base.png", "mouth_z.png"], None, "mouth_z.png: no sprite has this name. Did you mean"),
        (["base.png", "mouth_x.png"], "[", "not valid JSON"),
        (["base.png", "mouth_x.png"], "[]", "an object is required"),
        (["base.png", "mouth_x.png"], '{"faces": 1}', "faces: Extra inputs"),
        (["base.png", "mouth_x.png"], '{"face": [9, 9, 9, 9]}', "face: the box is empty"),
    ],
)
def test_a_folder_that_is_no_presenter_is_refused(
    tmp_path: Path, names: list[str], layout: str | None, message: str
) -> None:
    with pytest.raises(InvalidRequest, match="BODY: ") as refusal:
        read_sprite_folder(folder(tmp_path, *names, layout=layout), "BODY")
    assert message in refusal.value.message


@pytest.mark.parametrize(
    "other", [{"character": {}}, {"portrait": 1}, {"points": {"chin": [0, 0]}}]
)
def test_a_presenter_has_one_body(other: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=f"{next(iter(other))}: not used with sprites"):
        PresenterParams.parse({"presenters": [{"sprites": SPRITES, **other}]})


@pytest.mark.parametrize(
    ("presenter", "inputs", "field"),
    [
        ({"sprites": SPRITES}, set(), "params.presenters.0.sprites"),
        ({}, {"sprite"}, "inputs.sprite_asset_ids"),
    ],
)
def test_sprites_and_their_files_are_given_together(
    presenter: dict[str, Any], inputs: set[str], field: str
) -> None:
    render_type = find_type("presenter")
    assert render_type is not None
    assert render_type.check is not None
    params = PresenterParams.parse({"text": "Hola.", "presenters": [presenter]})
    with pytest.raises(InvalidRequest) as refusal:
        render_type.check(params, frozenset(inputs))
    assert refusal.value.details["field"] == field
