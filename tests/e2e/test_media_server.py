"""The media server 0.3.5, used by a client that was written from its contract only.

All tests are in one file because they share a stack, and generating speech is expensive.
"""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from gala.job import JobStatus
from tests.contracts.api.media_server_cases import CASES, EVERY, Server, begun
from tests.platform.stack import Stack
from tests.support import http
from tests.support.asgi_app import app_on
from tests.support.media_server_client import (
    MEDIA,
    failed,
    file_id,
    picture,
    ready,
    status,
    tiny_film,
    upload,
)
from tests.support.status_poller import FILES, MIN_POLLS, Maker, Watch, Watched

pytestmark = pytest.mark.timeout(300)  # the first render loads torch


@pytest.fixture(scope="module")
def server(
    media_stack: Stack,
    media: httpx.Client,
    elsewhere: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Server:
    return begun(media_stack, media, elsewhere, tmp_path_factory.mktemp("media"))


def test_every_operation_of_the_contract_has_a_case() -> None:
    assert set(CASES) == set(EVERY)


@pytest.mark.parametrize("name", sorted({case: name for name, case in CASES.items()}.values()))
def test_a_route_answers_with_the_documented_shape(server: Server, name: str) -> None:
    CASES[name](server)


def streams(video: bytes) -> tuple[float, int, int]:
    with av.open(io.BytesIO(video)) as media:
        shown = media.streams.video[0]
        assert media.streams.audio
        return media.duration / 1e6, shown.width, shown.height


def captioned(media: httpx.Client, background: str, **fields: Any) -> str:
    form = {
        "background_id": background,
        "width": 180,
        "height": 320,
        "caption_config_line_count": 2,
        "caption_config_line_max_length": 15,
        "caption_config_font_size": 24,
        "caption_config_font_bold": "true",
        "caption_config_font_color": "ffffff",
        "caption_config_subtitle_position": "bottom",
        "image_effect": "pan",
        **fields,
    }
    return file_id(media.post(f"{MEDIA}/video-tools/generate/tts-captioned-video", data=form))


def test_the_flow_of_five_steps_ends_well_though_the_worker_is_killed_in_between(
    media_stack: Stack, media: httpx.Client, elsewhere: str
) -> None:
    before = assets(media)
    url = f"{elsewhere}/picture.png"
    image = file_id(media.post(f"{MEDIA}/storage", data={"url": url, "media_type": "image"}))
    ready(media, image)

    # Multipart, with parts that have no file name, as some clients send.
    parts = {name: (None, value) for name, value in (("text", "Hello there."), ("speed", "1.0"))}
    spoken = [file_id(media.post(f"{MEDIA}/audio-tools/tts/kokoro", files=parts)) for _ in range(2)]
    for name in spoken:
        with wave.open(io.BytesIO(ready(media, name))) as sound:
            assert sound.getnframes() > 0

    videos = [captioned(media, image, audio_id=name, text="Hello there.") for name in spoken]
    media_stack.kill("worker-batch-1")
    assert {status(media, name)["status"] for name in videos} <= {"processing", "ready"}
    media_stack.start("worker-batch-1")
    seconds = [streams(ready(media, name))[0] for name in videos]

    merged = file_id(
        media.post(
            f"{MEDIA}/video-tools/merge",
            data={
                "video_ids": ",".join(videos),
                "background_music_id": "",
                "background_music_volume": "0.7",
            },
        )
    )
    length, width, height = streams(ready(media, merged))
    assert length == pytest.approx(sum(seconds), abs=0.3)
    assert (width, height) == (180, 320)

    for name in (image, *spoken, *videos, merged):
        for _ in range(2):
            assert media.delete(f"{MEDIA}/storage/{name}").json() == {"status": "success"}
        assert status(media, name) == {"status": "not_found"}
        gone = media.get(f"{MEDIA}/storage/{name}")
        assert gone.status_code == 404
        assert gone.json() == {"error": f"File with ID {name} not found."}
    assert assets(media) == before


def assets(media: httpx.Client) -> set[str]:
    listed = media.get("/assets", params={"limit": 100}).json()["assets"]
    return {one["id"] for one in listed}


def test_files_are_answered_by_range_and_kept_whole(media: httpx.Client) -> None:
    data = picture(size=(400, 300))
    name = upload(media, "a.png", data, "image")
    assert name.endswith(".png")
    assert ready(media, name) == data
    part = media.get(f"{MEDIA}/storage/{name}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, data[10:20])
    media.delete(f"{MEDIA}/storage/{name}")


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "image_..",
        "tmp_%2e%2e",
        "video_1.mp4",
        "image_7c9e6679-7425-40de-944b-e07fc1f90ae7.png",
    ],
)
def test_a_file_that_is_not_there_is_not_found(media: httpx.Client, name: str) -> None:
    assert status(media, name) == {"status": "not_found"}
    assert media.delete(f"{MEDIA}/storage/{name.replace('/', '%2F')}").status_code == 200


def test_work_that_fails_says_so_with_a_reason(media: httpx.Client, elsewhere: str) -> None:
    form = {"url": f"{elsewhere}/page.png", "media_type": "image"}
    name = file_id(media.post(f"{MEDIA}/storage", data=form))
    told = failed(media, name)
    assert told["code"] == "UNSUPPORTED_MEDIA"
    assert told["error"]
    assert media.get(f"{MEDIA}/storage/{name}").status_code == 404


@pytest.fixture(scope="module")
def video(media: httpx.Client) -> str:
    """A video with speech by Kokoro."""
    image = upload(media, "a.png", picture(), "image")
    name = captioned(media, image, text="Good day to you.", kokoro_voice="af_heart")
    ready(media, name)
    return name


def test_a_video_is_described_and_shown(media: httpx.Client, video: str) -> None:
    info = media.get(f"{MEDIA}/video-tools/info/{video}").json()
    assert (info["width"], info["height"], info["aspect_ratio"]) == (180, 320, "9:16")
    assert info["fps"] == "30"
    assert info["codec"] == "h264"
    assert info["duration"] > 0.2
    sound = media.get(f"{MEDIA}/audio-tools/info/{video}").json()
    assert sound["sample_rate"] == "48000"
    assert {"duration", "channels", "codec", "bitrate"} <= sound.keys()
    for timestamp in (0.2, 9999):
        frame = media.get(
            f"{MEDIA}/video-tools/extract-frame/{video}", params={"timestamp": timestamp}
        )
        assert frame.headers["content-type"] == "image/jpeg"
        with Image.open(io.BytesIO(frame.content)) as shown:
            assert shown.size == (180, 320)
    wrong = media.get(f"{MEDIA}/video-tools/extract-frame/{video}", params={"timestamp": "soon"})
    assert (wrong.status_code, wrong.json()["detail"][0]["loc"][-1]) == (422, "timestamp")


def test_deleting_a_file_that_is_being_made_stops_its_work(
    media_stack: Stack, media: httpx.Client
) -> None:
    media_stack.pause("worker-batch-1")
    try:
        name = file_id(media.post(f"{MEDIA}/audio-tools/tts/kokoro", data={"text": "Never heard."}))
        assert status(media, name) == {"status": "processing"}
        media.delete(f"{MEDIA}/storage/{name}")
        assert status(media, name) == {"status": "not_found"}
        assert media.get("/jobs").json()["jobs"][0]["status"] == "CANCELLED"
    finally:
        media_stack.resume("worker-batch-1")


_EITHER_WAY = """
import asyncio, sys
from pathlib import Path
from gala import MediaService
from gala.errors import GalaError

async def why(work):
    try:
        await work
    except GalaError as error:
        print(type(error).__name__)

async def main(mode, base_url, picture, target, broken):
    async with MediaService(base_url, execution_mode=mode) as media:
        assert await media.health_check()
        image = await media.upload_local_file_if_needed(picture)
        voice = {"engine": "kokoro", "voice": "af_heart"}
        spoken = await media.generate_tts("Hello there, all of you.", voice)
        video = await media.generate_captioned_video(
            image, spoken.file_id, "Hello there, all of you.",
            {"font_size": 24, "max_length": 12, "alignment": 2},
            width=180, height=320, image_effect="pan",
        )
        merged = await media.merge_videos([video.file_id, video.file_id])
        await media.download_file(merged, target)
        damaged = await media.upload_local_file_if_needed(Path(broken), "video")
        await why(media.merge_videos([video.file_id, damaged]))
        await why(media.merge_videos([image]))
        await why(media.merge_videos(["video_" + "0" * 8 + ".mp4"]))
        await why(media.generate_tts(""))
        await why(media.generate_tts("Hello", {"engine": "kokoro", "voice": "bob"}))
        await why(media.generate_captioned_video(image, "audio_0.wav", "Hello"))
        await why(media.generate_captioned_video(video, spoken, "Hello"))
        await why(media.upload_image_from_url("http://10.0.0.1/a.png"))
        await media.cleanup_files([image, spoken.file_id, video.file_id, merged, damaged])

asyncio.run(main(*sys.argv[1:]))
"""


def test_the_library_gives_the_same_video_and_errors_locally_and_from_the_server(
    media_stack: Stack, tmp_path: Path
) -> None:
    film = tiny_film(tmp_path)
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 3])
    drawn = tmp_path / "picture.png"
    Image.radial_gradient("L").resize((400, 400)).convert("RGB").save(drawn)
    home = {"GALA_HOME": str(tmp_path / "home"), "GALA_SANDBOX": "auto"}
    environment = {**os.environ, **dict(media_stack.services.environment), **home}
    made, refused = {}, {}
    for mode in ("remote", "local"):
        made[mode] = tmp_path / f"{mode}.mp4"
        arguments = (mode, media_stack.base_url, str(drawn), str(made[mode]), str(film))
        done = subprocess.run(
            [sys.executable, "-c", _EITHER_WAY, *arguments],
            env=environment,
            check=True,
            timeout=240,
            stdout=subprocess.PIPE,
            text=True,
        )
        refused[mode] = done.stdout.split()
    assert refused["remote"] == refused["local"]
    assert len(refused["local"]) == 8
    (remote, local) = (frames_of(made[mode]) for mode in ("remote", "local"))
    assert len(remote) == len(local)
    assert streams(made["remote"].read_bytes()) == streams(made["local"].read_bytes())
    for one, other in zip(remote, local, strict=True):
        assert np.abs(one - other).mean() < 2


def frames_of(video: Path) -> list[np.ndarray]:
    with av.open(video) as media:
        return [frame.to_ndarray(format="gray").astype(int) for frame in media.decode(video=0)]


async def _watched(stack: Stack, files: Mapping[str, Watched]) -> Watch:
    async with http.AsyncClient(base_url=stack.base_url, timeout=60, trust_env=False) as client:
        watch = Watch(client, files)
        watching = asyncio.create_task(watch.run())
        await asyncio.wait({watching}, timeout=0.5)
        await asyncio.to_thread(stack.kill, "worker-batch-1")
        await asyncio.to_thread(stack.start, "worker-batch-1")
        await watching
    return watch


def test_a_file_is_never_ready_early_nor_in_work_after_its_end(
    media_stack: Stack, media: httpx.Client, tmp_path: Path, elsewhere: str
) -> None:
    maker = Maker(media, tmp_path)
    maker.begin_all(f"{elsewhere}/page")
    assert len(maker.files) == FILES
    watch = asyncio.run(_watched(media_stack, maker.files))

    assert watch.mistakes == []
    assert watch.polls >= 2 * MIN_POLLS * len(maker.files)
    for name, one in maker.files.items():
        assert one.polls >= MIN_POLLS
        if one.fails is None:
            assert (one.ended, one.reported) == (JobStatus.DONE, {"status": "ready"})
            with av.open(io.BytesIO(one.content)) as made:
                assert any(True for _ in made.decode())
        else:
            assert (one.reported["status"], one.reported["code"]) == ("failed", one.fails), name
            assert len(one.reported["error"]) > 10


def test_only_who_shows_a_token_is_answered_and_health_answers_everybody(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    tokens = ("first", "Token of two words")
    app = app_on(database_url, redis_url, tmp_path, auth_tokens=tokens)
    with TestClient(app, base_url="http://localhost:8080") as client:
        for name in EVERY:
            method, path = name.split()
            url = path.replace("{", "").replace("}", "")
            if path in {"/", "/health"}:
                assert client.request(method, url).status_code == 200
                continue
            for shown in ({}, {"Authorization": "second"}, {"Authorization": "Basic first"}):
                answer = client.request(method, url, headers=shown)
                assert (name, answer.status_code) == (name, 401)
                assert answer.json() == {"error": "Unauthorized"}
            for token in ("first", "Bearer first", "Token of two words"):
                answer = client.request(method, url, headers={"Authorization": token})
                assert answer.status_code != 401, f"{name}: {token}"
