"""A pipeline from a prompt to an image, a captioned video and a merge, and its failures."""

from __future__ import annotations

import threading

import pytest

from gala.factory import (
    Given,
    ImageWorkflow,
    MediaTask,
    Pipeline,
    ProcessingStatus,
    ResultOf,
    Step,
    VideoWorkflow,
)
from tests.fakes.generation_service import Service
from tests.support.media_probe import read_frames

pytestmark = pytest.mark.usefixtures("engine")

SECONDS = 90
_SMALL = {"resolution": "128x96", "fps": 10, "options": {"quality": "draft"}}


def _pipeline(service: Service) -> Pipeline:
    image = ImageWorkflow({"service_endpoint": service.url, "retry_wait": 0})
    video = VideoWorkflow()
    captioned = {"operation": "captioned", "text": Given("text"), "image": ResultOf("image")}
    return Pipeline(
        [
            Step("image", image, {"prompt": Given("prompt")}),
            Step("clip", video, {**captioned, "engine": "espeak", **_SMALL}),
            Step("film", video, {"videos": [ResultOf("clip"), ResultOf("clip")]}),
        ]
    )


def test_a_prompt_becomes_a_film_although_a_step_fails_at_first(service: Service) -> None:
    service.refusals = [(503, b"warming up")]
    snapshots: list[MediaTask] = []
    pipeline = _pipeline(service)
    last = threading.Event()

    def on_change(task: MediaTask) -> None:
        snapshots.append(task)
        if task.ended:
            last.set()

    task = pipeline.start({"prompt": "A city", "text": "Hello."}, callback=on_change)
    task.wait(SECONDS)
    assert task.error is None
    steps = task.metadata["steps"]
    assert {name: step["status"] for name, step in steps.items()} == dict.fromkeys(
        ("image", "clip", "film"), "completed"
    )
    assert [one["code"] for one in steps["image"]["attempts"]] == ["UNAVAILABLE"]
    assert task.result
    assert task.result.path
    clip = pipeline.steps[1].workflow.get_task(steps["clip"]["task_id"])
    assert clip
    assert clip.result
    assert clip.result.path
    once, twice = (
        len(read_frames(made.path)[0]) for made in (clip.result, task.result) if made.path
    )
    assert abs(twice - 2 * once) <= 2

    assert last.wait(SECONDS)
    seen = [one.progress for one in snapshots]
    assert seen == sorted(seen)
    assert any(0 < progress < 1 for progress in seen)
    assert (snapshots[-1].status, snapshots[-1].progress) == (ProcessingStatus.COMPLETED, 1.0)
    assert [step.workflow.get_metrics()["running"] for step in pipeline.steps] == [0, 0, 0]


def test_cancelling_a_run_cancels_the_step_that_it_is_in(service: Service) -> None:
    service.go.clear()
    pipeline = _pipeline(service)
    task = pipeline.start({"prompt": "A city", "text": "Hello."})
    assert service.arrived.wait(SECONDS)
    assert pipeline.cancel_task(task.task_id)
    assert task.wait(SECONDS).status is ProcessingStatus.CANCELLED
    assert service.hung_up.wait(SECONDS)
    assert task.metadata["steps"]["image"]["status"] == "cancelled"
    assert not pipeline.steps[1].workflow.list_tasks()
    assert pipeline.steps[0].workflow.get_metrics()["running"] == 0


def test_a_step_that_fails_ends_the_run_and_is_named(service: Service) -> None:
    service.refusals = [(400, b"no such style")]
    task = _pipeline(service).start({"prompt": "A city", "text": "Hello."}).wait(SECONDS)
    assert task.status is ProcessingStatus.FAILED
    assert str(task.error).startswith("image: ")
    assert list(task.metadata["steps"]) == ["image"]
