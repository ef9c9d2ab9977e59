"""A job that makes an image from a prompt, and a video of that image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gala.client import GalaClient, Job
from gala.job import JobStatus
from tests.fakes.generation_service import Service
from tests.fakes.media_files import make
from tests.platform.stack import Stack
from tests.support.media_probe import read_frames
from tests.support.wait import wait_until

PROMPT = {"prompt": "A green field", "width": 96, "height": 128, "picture_format": "png"}
SECONDS = 90.0


@pytest.fixture
def client(shared_stack: Stack) -> Iterator[GalaClient]:
    with GalaClient(shared_stack.base_url) as found:
        yield found


@pytest.fixture
def service(image_service: Service) -> Iterator[Service]:
    """The shared fake service, reset after the test."""
    yield image_service
    image_service.reset()


def _submitted(client: GalaClient, **more: Any) -> Job:
    return client.submit(type="generate_image", params={**PROMPT, **more})


def test_a_prompt_becomes_a_picture_and_the_picture_a_film(
    client: GalaClient, service: Service, tmp_path: Path
) -> None:
    field = ("-f", "lavfi", "-i", "color=0x20c040:s=192x256:d=0.1", "-frames:v", "1")
    service.picture = make(tmp_path / "field.png", *field).read_bytes()
    picture = client.wait(_submitted(client, style="watercolour").id, timeout_seconds=SECONDS)
    assert picture.status is JobStatus.DONE, picture.error
    asset = picture.outputs[0].asset_ids["image"]
    assert client.asset(asset).mime == "image/png"
    with Image.open(client.download(asset, tmp_path / "picture.png")) as found:
        assert found.size == (96, 128)

    film = client.submit(
        type="captioned_video",
        params={"text": "Green.", "engine": "espeak", "quality": "draft"},
        inputs={"background_asset_id": asset},
        output={"format": {"width": 96, "height": 128, "fps": 10}},
    )
    film = client.wait(film.id, timeout_seconds=SECONDS)
    assert film.status is JobStatus.DONE, film.error
    video = client.download(film.outputs[0].asset_ids["video"], tmp_path / "film.mp4")
    red, green, blue = read_frames(video, form="rgb24")[1][2][:16, :16].reshape(-1, 3).mean(axis=0)
    assert (red, green, blue) == pytest.approx((0x20, 0xC0, 0x40), abs=24)


def test_a_service_that_is_busy_is_asked_again_and_one_that_refuses_is_quoted(
    client: GalaClient, service: Service
) -> None:
    # The first request that is tried is in OpenAI's format.
    service.refusals = [(503, b"warming up")]
    job = client.wait(_submitted(client).id, timeout_seconds=SECONDS)
    assert (job.status, job.attempt) == (JobStatus.DONE, 2)

    service.refusals = [(400, b"no such style")]
    job = client.wait(_submitted(client).id, timeout_seconds=SECONDS)
    assert job.status is JobStatus.FAILED
    assert job.error
    assert job.error.code == "RENDER_FAILED"
    assert "no such style" in job.error.message


def test_cancelling_the_job_hangs_up_on_the_service(client: GalaClient, service: Service) -> None:
    service.hold()
    job = _submitted(client)
    assert service.arrived.wait(SECONDS)
    client.cancel(job.id)
    wait_until(lambda: client.job(job.id).ended, SECONDS)
    assert client.job(job.id).status is JobStatus.CANCELLED
    assert service.hung_up.wait(SECONDS)
