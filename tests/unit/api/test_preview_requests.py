"""What is asked of a preview of a model, and what its answers mean for the model."""

from __future__ import annotations

from typing import Any

import pytest

from gala.errors import InvalidRequest, UnprocessableMedia
from gala_api.jobs.personas import Portrait
from gala_api.models.body_check import refuse_ambiguous
from gala_api.models.preview_request import PreviewRequest

PORTRAIT = Portrait("ast_1", "asset_ids.2")


def faces(*heights: float) -> list[dict[str, Any]]:
    return [{"height": one, "box": [0.2, 0.1, 0.4, 0.3]} for one in heights]


def test_errors_of_the_job_name_the_fields_of_the_model() -> None:
    error = UnprocessableMedia(
        "inputs.portrait_asset_id: no face was found.",
        hint="Set params.body.points.",
        field="inputs.portrait_asset_id",
    )
    named = PreviewRequest({}, PORTRAIT).error_in_model(error)
    assert isinstance(named, UnprocessableMedia)
    assert named.message == "asset_ids.2: no face was found."
    assert named.details["field"] == "asset_ids.2"
    assert named.hint == "Set preset.presenter.body.points."
    sprites = PreviewRequest({}, sprites=("ast_1",))
    assert sprites.in_model("inputs.sprite_asset_ids: no") == (
        "preset.presenter.body.sprites.pictures: no"
    )


@pytest.mark.parametrize("heights", [(), (100,), (100, 70, 69)])
def test_one_face_that_is_clearly_the_largest_needs_no_choice(heights: tuple[float, ...]) -> None:
    refuse_ambiguous(faces(*heights), PreviewRequest({}, PORTRAIT))


@pytest.mark.parametrize("body", [{"face": 1}, {"points": {"chin": [0.5, 0.9]}}])
def test_a_body_that_chooses_a_face_is_not_ambiguous(body: dict[str, Any]) -> None:
    refuse_ambiguous(faces(100, 99), PreviewRequest({"body": body}, PORTRAIT))


def test_faces_of_about_the_same_size_are_told_apart_by_their_place() -> None:
    with pytest.raises(InvalidRequest, match="2 faces") as refusal:
        refuse_ambiguous(faces(100, 85, 20), PreviewRequest({}, PORTRAIT))
    assert refusal.value.details["field"] == "preset.presenter.body.face"
    assert "1 is at 30% of the width, 2 is at" in refusal.value.message
