"""What clients of other media servers send: n8n's sleep videos, and tinysh."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.contracts.api.media_server_contract import MEDIA
from tests.support.media_server_client import (
    file_id,
    picture,
    status,
    tiny_film,
    tiny_sound,
    upload,
)

AMBIENT: Final = f"{MEDIA}/video-tools/long-form-ambient"


@pytest.fixture
def film(api_only_client: httpx.Client, tmp_path: Path) -> str:
    return upload(api_only_client, "clip.mp4", tiny_film(tmp_path).read_bytes(), "video")


@pytest.fixture
def sound(api_only_client: httpx.Client, tmp_path: Path) -> str:
    return upload(api_only_client, "music.wav", tiny_sound(tmp_path).read_bytes(), "audio")


def newest_job(client: httpx.Client) -> dict[str, Any]:
    job: dict[str, Any] = client.get("/jobs", params={"limit": 1}).json()["jobs"][0]
    return job


def test_the_flow_of_sleep_videos_gets_a_long_video(
    api_only_client: httpx.Client, film: str, sound: str
) -> None:
    form = {"video_id": film, "audio_id": sound, "duration_minutes": "10"}
    video = file_id(api_only_client.post(AMBIENT, data=form))
    assert status(api_only_client, video) == {"status": "processing"}
    job = newest_job(api_only_client)
    assert job["type"] == "ambient_video"
    expected = {"duration": 600, "width": 1920, "height": 1080, "music_volume": 1.0}
    assert expected.items() <= job["params"].items()
    assert set(job["inputs"]) == {"video_asset_id", "music_asset_id"}
    api_only_client.delete(f"{MEDIA}/storage/{video}")


def test_spoken_parts_and_all_fields_are_taken(
    api_only_client: httpx.Client, film: str, sound: str
) -> None:
    form = {
        "video_id": film, "audio_id": "", "music_id": "", "dialogue_ids": f"{sound}, {sound},",
        "dialogue_pause_seconds": "2.5", "music_volume": "0.3", "duration_minutes": "180",
        "width": "1281", "height": "720", "ambient_sounds": "",
    }  # fmt: skip
    parts = {name: (None, value) for name, value in form.items()}
    video = file_id(api_only_client.post(AMBIENT, files=parts))
    job = newest_job(api_only_client)
    assert len(job["inputs"]["dialogue_asset_ids"]) == 2
    expected = {"duration": 10_800, "width": 1280, "height": 720, "dialogue_pause": 2.5}
    assert expected.items() <= job["params"].items()
    api_only_client.delete(f"{MEDIA}/storage/{video}")


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"duration_minutes": "9"}, 400, "Duration must be between 10 and 180 minutes."),
        ({"duration_minutes": "181"}, 400, "Duration must be between 10 and 180 minutes."),
        ({"duration_minutes": "soon"}, 422, "duration_minutes"),
        ({"music_volume": "1.5"}, 400, "Music volume must be between 0.0 and 1.0."),
        ({"music_volume": "nan"}, 400, "Music volume"),
        ({"width": "3840"}, 400, "Width cannot be greater than 1920"),
        ({"height": "-2"}, 422, "height"),
        ({"dialogue_pause_seconds": "nan"}, 422, "dialogue_pause_seconds"),
        ({"audio_id": ""}, 400, "Either dialogue_ids or music_id must be provided."),
        ({"audio_id": "audio_x.mp3"}, 404, "Music with ID audio_x.mp3 not found."),
        ({"dialogue_ids": "a,b"}, 404, "Dialogue audio with ID a not found."),
        ({"video_id": "video_x.mp4"}, 404, "Video with ID video_x.mp4 not found."),
        ({"video_id": ""}, 422, "video_id"),
        ({"ambient_sounds": "rain:1.0,wind:0.5"}, 400, "music_id"),
        ({"video_id": "image"}, 400, "video_id"),
        ({"audio_id": "image"}, 400, "audio_id"),
    ],
    ids=str,
)
def test_a_bad_form_for_a_long_video_is_refused_in_the_media_servers_words(
    api_only_client: httpx.Client,
    film: str,
    sound: str,
    change: dict[str, str],
    code: int,
    says: str,
) -> None:
    image = upload(api_only_client, "a.png", picture(), "image")
    form = {"video_id": film, "audio_id": sound, **change}
    form = {name: image if value == "image" else value for name, value in form.items()}
    answer = api_only_client.post(AMBIENT, data=form)
    assert answer.status_code == code, answer.text
    told = answer.json()
    assert says in (str(told["detail"]) if code == 422 else told["error"])


def failed_file(client: httpx.Client, film: str) -> str:
    """Return the id of a file whose work failed."""
    video = file_id(client.post(f"{MEDIA}/video-tools/merge", data={"video_ids": film}))
    assert client.post(f"/jobs/{newest_job(client)['id']}/cancel").status_code in {200, 202}
    return video


def test_a_client_that_does_not_know_failed_stops_polling(
    api_only_client: httpx.Client, film: str
) -> None:
    video = failed_file(api_only_client, film)
    began = time.monotonic()
    # As tinysh waits: until `ready` or `not_found`, or its time-out.
    while (told := status(api_only_client, video))["status"] not in {"ready", "not_found"}:
        assert told["status"] == "failed"
        assert time.monotonic() < began + 30
    assert told["error"] == "The work was cancelled."
    assert told["code"] == "INVALID_JOB_STATE"
    other = {"User-Agent": "another program"}
    answer = api_only_client.get(f"{MEDIA}/storage/{video}/status", headers=other)
    assert answer.json()["status"] == "failed"


def test_the_status_of_a_task_is_that_of_its_file(
    api_only_client: httpx.Client, film: str, sound: str
) -> None:
    def task(name: str) -> dict[str, Any]:
        answer = api_only_client.get(f"/api/v1/tasks/{name}/status")
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    ready = task(film)
    assert (ready["status"], ready["file_id"]) == ("ready", film)
    assert ready["url"].endswith(f"/api/v1/media/storage/{film}")
    form = {"video_id": film, "music_id": sound}
    video = file_id(api_only_client.post(AMBIENT, data=form))
    assert task(video) == {"status": "processing", "file_id": video}
    video = failed_file(api_only_client, film)
    for _ in range(5):
        assert task(video)["status"] == "failed"
    assert task(video)["error"] == "The work was cancelled."
    for unknown in ("nothing", "video_%00.mp4", "x" * 2000):
        assert task(unknown) == {"status": "not_found"}
