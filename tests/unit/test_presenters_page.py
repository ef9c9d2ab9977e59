"""The jobs and models that docs/presenters.md and docs/models.md show are accepted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gala.render_types import find_type
from gala.render_types.params.personas import Persona
from gala_api.schemas.models import CreateModelRequest

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = [
    json.loads(block)
    for page in ("presenters.md", "models.md")
    for block in re.findall(
        r"^```json\n(.*?)^```", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL
    )
]
JOBS = [block for block in BLOCKS if block.get("type")]
MODELS = [block for block in BLOCKS if "stage_name" in block]


@pytest.mark.parametrize("number", range(len(JOBS)))
def test_a_job_of_the_page_is_accepted(number: int) -> None:
    job = JOBS[number]
    found = find_type(job["type"])
    assert found is not None
    params = found.params.model_validate(job["params"])
    inputs = {re.sub(r"_asset_ids?$", "", name) for name in job.get("inputs", {})}
    assert inputs <= set(found.inputs)
    if found.check is not None:
        found.check(params, frozenset(inputs))


@pytest.mark.parametrize("number", range(len(MODELS)))
def test_a_model_of_the_page_is_accepted(number: int) -> None:
    model = CreateModelRequest.model_validate_json(json.dumps(MODELS[number]))
    Persona.parse(model.preset["presenter"])


def test_the_pages_show_jobs_and_models() -> None:
    assert len(JOBS) >= 6
    assert len(MODELS) >= 2
