"""Engine tasks that run on a GALA server as jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gala.client import GalaClient
from gala.factory import ImageWorkflow, ProcessingStatus, VideoWorkflow
from gala.job import JobStatus
from tests.fakes.generation_service import Service
from tests.platform.stack import Stack
from tests.support.wait import wait_until

SECONDS = 90
_SMALL = {"resolution": "64x112", "fps": 10, "options": {"quality": "draft"}}


def test_a_task_is_a_job_and_its_result_an_asset_that_feeds_the_next(
    shared_stack: Stack, samples: Callable[[str], Path]
) -> None:
    video = VideoWorkflow({"api_url": shared_stack.base_url})
    pictures = [samples("picture"), samples("other_picture")]
    clip = video.create_from_images(pictures, {"duration": 0.6, **_SMALL}).wait(SECONDS)
    assert clip.error is None
    film = video.merge([clip, clip]).wait(SECONDS)
    assert film.error is None
    assert film.result
    with GalaClient(shared_stack.base_url) as client:
        job = client.job(str(film.result.job_id))
        assert job.outputs[0].asset_ids["video"] == film.result.asset_id
        assert client.asset(str(film.result.asset_id)).mime == "video/mp4"


def test_cancelling_a_task_cancels_its_job(api_only: Stack) -> None:
    video = VideoWorkflow({"api_url": api_only.base_url})
    with GalaClient(api_only.base_url) as client:
        before = {job.id for job in client.jobs(limit=200)}
        task = video.create_captioned("A text that nobody renders.", parameters=_SMALL)

        def new() -> set[str]:
            return {job.id for job in client.jobs(limit=200)} - before

        [job_id] = wait_until(new, SECONDS)
        assert video.cancel_task(task.task_id)
        assert task.wait(SECONDS).status is ProcessingStatus.CANCELLED
        assert client.job(job_id).status is JobStatus.CANCELLED


def test_a_prompt_is_a_job_and_its_picture_an_asset_that_feeds_the_next(
    shared_stack: Stack, image_service: Service
) -> None:
    config = {"api_url": shared_stack.base_url, "default_model": "some-model"}
    image, video = ImageWorkflow(config), VideoWorkflow(config)
    wanted = {"prompt": "A city", "style": "modern", "resolution": "64x112"}
    picture = image.process(wanted).wait(SECONDS)
    assert picture.error is None
    assert picture.result
    _, body = image_service.asked[-1]
    assert "A city" in body["prompt"]
    assert body["model"] == "some-model"
    with GalaClient(shared_stack.base_url) as client:
        assert client.job(str(picture.result.job_id)).type == "generate_image"
        assert client.asset(str(picture.result.asset_id)).mime == "image/png"
    clip = video.create_from_images([picture], {"duration": 0.6, **_SMALL}).wait(SECONDS)
    assert clip.error is None


def test_what_a_server_would_refuse_is_refused_at_once(api_only: Stack) -> None:
    image = ImageWorkflow({"api_url": api_only.base_url})
    for resolution in ("33x64", "4096x64"):
        with pytest.raises(ValueError, match=r"width"):
            image.process({"prompt": "A city", "resolution": resolution})
