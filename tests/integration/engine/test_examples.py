"""The example of every render type in docs/render-types.md runs unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gala.render_types import RenderType, all_types
from tests.fakes.generation_service import serving
from tests.support.engine import EngineHarness
from tests.support.model_weights import ModelWeights


@pytest.fixture(scope="module")
def engine(
    model_weights: ModelWeights,
    whisper_weights: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[EngineHarness]:
    """An engine with weights for every type, and an image generation service."""
    whisper = model_weights.whisper(whisper_weights) if model_weights.real else whisper_weights
    with serving(tmp_path_factory.mktemp("service")) as service:
        harness = EngineHarness(
            tmp_path_factory.mktemp("engine"),
            gala_weights_dir=whisper.parent,
            whisper_model=model_weights.whisper_model,
            image_service_url=service.url,
        )
        yield harness
        harness.close()


TYPES = [one for _, one in sorted(all_types().items())]


@pytest.mark.parametrize("one", TYPES, ids=lambda one: one.name)
def test_the_example_runs_as_it_stands(
    one: RenderType, engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    inputs = {
        name: [samples(sample) for sample in used] for name, used in one.example_inputs.items()
    }
    form = one.format and (one.format.width // 4, one.format.height // 4, one.format.fps)
    made = engine.make(one.name, one.example, size=form, duration_ms=one.duration_ms, **inputs)
    assert {spec.role for spec in one.outputs if spec.required} <= set(made.outputs)
    assert all(output.size > 0 for output in made.outputs.values())


@pytest.mark.parametrize("one", TYPES, ids=lambda one: one.name)
def test_every_type_says_what_it_takes(one: RenderType) -> None:
    assert one.summary.endswith(".")
    for name, field in one.params.model_fields.items():
        assert field.description, f"{one.name}: params.{name} has no description"
    assert all(spec.summary.endswith(".") for spec in one.inputs.values())
    required = {name for name, spec in one.inputs.items() if spec.required}
    assert required <= set(one.example_inputs)
