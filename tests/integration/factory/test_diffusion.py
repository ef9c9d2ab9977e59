"""Images from a tiny, untrained diffusion model, in this process and in the renderer's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gala.errors import EngineMissing, RenderFailed
from gala.factory import ImageWorkflow, MediaTask, ProcessingStatus
from gala.generation import diffusion
from gala.generation.image_requests import ImageRequest
from gala.render_protocol import Progress
from gala_renderer.image_generation.diffusion_worker import ModelImageGenerator
from tests.support.diffusion_weights import make_diffusion
from tests.support.engine import EngineHarness

# Importing torch and diffusers is slow on a busy machine, in this and in the renderer's process.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SECONDS = 200
WANTED: dict[str, Any] = {"prompt": "A city", "seed": 1, "steps": 20}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a tiny model."""
    folder = tmp_path_factory.mktemp("weights")
    folder.chmod(0o755)  # sandboxed programs run as another user
    yield make_diffusion(folder / "tiny")
    diffusion.unload()


@pytest.fixture(scope="module")
def harness(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHarness]:
    """An engine that is configured with that model and without a service."""
    harness = EngineHarness(
        tmp_path_factory.mktemp("engine"), image_weights=weights, image_device="cpu"
    )
    yield harness
    harness.close()


def _workflow(weights: Path) -> ImageWorkflow:
    return ImageWorkflow({"default_model": str(weights), "cache": False})


def test_a_model_draws_in_this_process_and_tells_each_step(weights: Path) -> None:
    snapshots: list[MediaTask] = []
    ended = threading.Event()

    def on_change(task: MediaTask) -> None:
        snapshots.append(task)
        if task.ended:
            ended.set()

    workflow = _workflow(weights)
    wanted = {**WANTED, "resolution": "100x64", "negative_prompt": "people"}
    task = workflow.process(wanted, callback=on_change).wait(SECONDS)
    assert task.error is None
    assert task.result
    assert task.result.path
    with Image.open(task.result.path) as picture:
        assert (picture.format, picture.size) == ("PNG", (100, 64))
        light = picture.convert("L").tobytes()
    assert max(light) - min(light) > 20

    again = workflow.process(wanted).wait(SECONDS)
    assert again.result
    assert again.result.path
    assert again.result.path.read_bytes() == task.result.path.read_bytes()

    assert ended.wait(SECONDS)
    fractions = [one.progress for one in snapshots]
    assert fractions == sorted(fractions)
    assert any(0 < progress < 1 for progress in fractions)


def test_cancelling_stops_between_steps(weights: Path) -> None:
    drawing = threading.Event()

    def on_change(task: MediaTask) -> None:
        if task.progress:
            drawing.set()

    workflow = _workflow(weights)
    endless = {**WANTED, "steps": 200, "resolution": "512x512"}
    task = workflow.process(endless, callback=on_change)
    assert drawing.wait(SECONDS)
    waiting = workflow.process(WANTED)
    for one in (waiting, task):
        assert workflow.cancel_task(one.task_id)
        assert one.wait(SECONDS).status is ProcessingStatus.CANCELLED
    assert task.progress < 1
    # The model is available for the next task.
    assert workflow.process({**WANTED, "resolution": "64x64"}).wait(SECONDS).error is None


def test_weights_that_are_not_here_are_named_and_never_fetched(tmp_path: Path) -> None:
    fetched = "nobody/has-this-model"
    for model in (str(tmp_path), fetched, "foo--bar", "a..b/c", "x" * 120, "y" * 5000, "../etc"):
        workflow = ImageWorkflow({"backend": "diffusers", "default_model": model})
        task = workflow.process(WANTED).wait(SECONDS)
        assert task.metadata["error_code"] == "ENGINE_MISSING"
        assert model in str(task.error)
        assert (f"hf download {model}" in str(task.error)) == (model == fetched)


@pytest.mark.parametrize(("grain", "size"), [(32, (100, 72)), (64, (128, 64))])
def test_a_model_of_coarse_blocks_draws_no_black_edge(
    tmp_path: Path, grain: int, size: tuple[int, int]
) -> None:
    workflow = _workflow(make_diffusion(tmp_path / "coarse", grain=grain))
    task = workflow.process({**WANTED, "steps": 1, "resolution": "100x72"}).wait(SECONDS)
    assert task.error is None
    assert task.result
    assert task.result.path
    with Image.open(task.result.path) as picture:
        assert picture.size == size
        right, bottom = picture.width - 1, picture.height - 1
        edges = ((right, 0, right + 1, bottom), (0, bottom, right, bottom + 1))
        lights = [picture.convert("L").crop(edge).tobytes() for edge in edges]
    assert all(max(light) > 0 for light in lights)


def test_more_than_there_is_memory_for_is_told_and_the_model_draws_on(
    weights: Path, tmp_path: Path
) -> None:
    def draw(side: int) -> None:
        request = ImageRequest(
            prompt="A city", width=side, height=side, steps=1, model=str(weights)
        )
        diffusion.draw(request, target, progress=lambda _: None, checkpoint=lambda: None)

    target = tmp_path / "drawn.png"
    with pytest.raises(RenderFailed, match=r"tiny.* cannot draw this: .*memory") as caught:
        draw(10**8)
    assert len(caught.value.message) < 500
    draw(64)
    assert target.is_file()


def test_a_chip_that_is_not_there_is_told(weights: Path) -> None:
    with pytest.raises(EngineMissing, match=r"tiny.* cannot be loaded"):
        diffusion.load(str(weights), "cuda:99")


def test_a_job_is_drawn_by_the_operators_model_in_a_process_of_its_own(
    harness: EngineHarness, weights: Path
) -> None:
    params = {**WANTED, "width": 100, "height": 64, "picture_format": "png"}
    made, again = (harness.make("generate_image", params, seconds=200) for _ in range(2))
    with Image.open(made.path("image")) as picture:
        assert picture.size == (100, 64)
        light = picture.convert("L").tobytes()
    assert max(light) - min(light) > 20
    assert made.outputs["image"].sha256 == again.outputs["image"].sha256
    progress = [event for event in again.events if isinstance(event, Progress)]
    drawing = {event.fraction for event in progress if event.step == "drawing"}
    assert len(drawing) >= 3
    generator = harness.engine.services.generator
    assert isinstance(generator, ModelImageGenerator)
    assert generator.status.started == 1

    other = harness.make("generate_image", {**params, "model": "another"}).error
    assert (other.code, "tiny" in other.message) == ("VALIDATION_ERROR", True)


def test_a_job_that_is_cancelled_stops_between_steps(harness: EngineHarness) -> None:
    params = {**WANTED, "steps": 200, "width": 256, "height": 256}
    folder = harness.cancelled("generate_image", params)
    assert not list(folder.rglob("painted*"))
    assert harness.make("generate_image", {**WANTED, "width": 64, "height": 64}).outputs
