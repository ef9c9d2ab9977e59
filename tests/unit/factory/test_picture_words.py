"""Parameters of an image have the same bounds in the factory and in a job."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gala.factory import ImageWorkflow, InvalidParameters
from gala.generation.image_requests import ImageRequest
from gala.render_types.generate_image import GenerateImageParams


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ({"prompt": "\x1b[0m"}, {"prompt": "A city\n"}),
        ({"prompt": " \n"}, {"prompt": "."}),
        ({"prompt": "x" * 10_001}, {"prompt": "x" * 10_000}),
        ({"seed": 2**32}, {"seed": 2**32 - 1}),
        ({"seed": -1}, {"seed": 0}),
        ({"steps": 201}, {"steps": 200}),
        ({"steps": 0}, {"steps": 1}),
        ({"style": "x" * 201}, {"style": "x" * 200}),
    ],
)
def test_a_program_is_refused_what_a_job_is(wrong: dict[str, Any], near: dict[str, Any]) -> None:
    usual = {"prompt": "A city"}
    workflow = ImageWorkflow()
    with pytest.raises(ValidationError):
        GenerateImageParams(**{**usual, **wrong})
    with pytest.raises(InvalidParameters) as caught:
        workflow.validate_parameters({**usual, **wrong})
    assert list(caught.value.problems) == list(wrong)
    GenerateImageParams(**{**usual, **near})
    assert workflow.validate_parameters({**usual, **near})


def test_the_usual_steps_are_the_same_everywhere() -> None:
    here = ImageRequest(prompt="A city", width=64, height=64)
    assert GenerateImageParams(prompt="A city").steps == here.steps
