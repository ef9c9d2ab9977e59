"""Errors about faces name the picture, in jobs by fields and in compositions by JSON pointers."""

from __future__ import annotations

import pytest

from gala.errors import UnprocessableMedia
from gala.render_types.params.presenters import BodyParams
from gala_renderer.avatars.preparation import check_answer, picture_place
from gala_renderer.avatars.preparation_program import PortraitAnswer


def _error(presenter: str, file: str) -> UnprocessableMedia:
    place = picture_place(presenter, file)
    with pytest.raises(UnprocessableMedia) as error:
        check_answer(PortraitAnswer(), place, BodyParams(), presenter)
    return error.value


def test_in_a_composition_a_picture_without_a_face_has_one_json_pointer() -> None:
    error = _error("/tracks/0/clips/0", "inputs.media_asset_ids.0")
    assert error.details["field"] == "/tracks/0/clips/0/src"
    assert error.message.startswith("/tracks/0/clips/0/src: no face")
    assert "/tracks/0/clips/0/points" in str(error.hint)


def test_in_a_job_of_a_presenter_the_field_for_its_points_is_named() -> None:
    error = _error("params.presenters.0", "inputs.portrait_asset_ids.0")
    assert error.details["field"] == "inputs.portrait_asset_ids.0"
    assert "params.presenters.0.points" in str(error.hint)
