"""The jobs that docs/presenters.md shows are accepted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gala.render_types import find_type

PAGE = (Path(__file__).parents[2] / "docs" / "presenters.md").read_text()
JOBS = [
    job
    for block in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    if (job := json.loads(block)).get("type")
]


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


def test_the_page_shows_jobs() -> None:
    assert len(JOBS) >= 5
