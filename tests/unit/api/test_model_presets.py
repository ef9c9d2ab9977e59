"""What models preset for the inputs of jobs."""

from __future__ import annotations

from typing import Any

import pytest

from gala.db.tables import Model
from gala.render_types import RenderType, find_type
from gala_api.jobs.inputs import presets


def of_type(name: str) -> RenderType:
    found = find_type(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "field"), [("hello_render", "bg_asset_id"), ("presenter", "background_asset_id")]
)
def test_the_background_of_a_model_is_that_of_its_jobs(name: str, field: str) -> None:
    models = [Model(preset={"default_bg_asset_id": "ast_1"})]
    assert presets(models, of_type(name)) == {field: "ast_1"}


def test_the_first_model_and_the_name_of_the_field_win() -> None:
    own: dict[str, Any] = {
        "default_bg_asset_id": "ast_1",
        "default_background_asset_id": "ast_2",
    }
    models = [Model(preset=own), Model(preset={"default_bg_asset_id": "ast_3"})]
    found = presets(models, of_type("presenter"))
    assert found == {"background_asset_id": "ast_2"}
