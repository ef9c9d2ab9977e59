"""``gala.MediaService`` with a media server: requests, responses and errors."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gala import MediaService
from gala.errors import (
    AssetNotFound,
    DeadlineExceeded,
    InvalidRequest,
    RenderFailed,
    Unauthorized,
    Unavailable,
    UnprocessableMedia,
)
from gala.supervisor import free_port
from tests.fakes.media_server import MediaServer, media_server

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def server() -> Iterator[MediaServer]:
    with media_server() as started:
        yield started


@pytest.fixture
async def media(server: MediaServer) -> AsyncIterator[MediaService]:
    async with MediaService(base_url=server.url) as service:
        yield service


async def test_the_flow_of_the_docker_age(
    media: MediaService, server: MediaServer, tmp_path: Path
) -> None:
    sample, music, image = (tmp_path / name for name in ("v.mp3", "music.mp3", "image.jpg"))
    for path in (sample, music, image):
        path.write_bytes(path.name.encode())
    assert await media.health_check()

    tts = await media.generate_tts(
        "Hello world & more=1",
        voice_config={"engine": "chatterbox", "sample_path": str(sample), "temperature": 0.7},
    )
    image_id = await media.upload_local_file_if_needed(str(image))
    assert await media.upload_local_file_if_needed(image_id) == image_id
    video = await media.generate_captioned_video(image_id, tts.file_id, "Hello world")
    final = await media.merge_videos([video, video.file_id], str(music), music_volume=0.1)
    await media.download_file(final, tmp_path / "output" / "video.mp4")

    assert tts.duration == 2.5
    assert (video.width, video.height) == (1080, 1920)
    assert (tmp_path / "output" / "video.mp4").read_bytes() == server.content
    assert [path.name for path in (tmp_path / "output").iterdir()] == ["video.mp4"]
    routes = [route for route, _ in server.forms]
    assert routes == [
        "/storage",
        "/audio-tools/tts/chatterbox",
        "/storage",
        "/video-tools/generate/tts-captioned-video",
        "/storage",
        "/video-tools/merge",
    ]
    forms = [form for _, form in server.forms]
    assert forms[0]["file"] == ("v.mp3", b"v.mp3")
    assert forms[1]["text"] == "Hello world & more=1"
    assert forms[1]["temperature"] == "0.7"
    assert forms[3]["background_id"] == image_id
    assert forms[3]["audio_id"] == tts.file_id
    assert forms[5]["video_ids"] == f"{video.file_id},{video.file_id}"
    assert forms[5]["background_music_volume"] == "0.1"
    # Files that were uploaded for one operation only are deleted from the server.
    assert server.deleted == [forms[1]["sample_audio_id"], forms[5]["background_music_id"]]


async def test_a_look_goes_over_the_wire_as_the_server_calls_it(
    media: MediaService, server: MediaServer, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(b"png")
    image_id = await media.upload_local_file_if_needed(tmp_path / "a.png")
    await media.start_captioned_video_generation(
        image_id,
        "audio_1.wav",
        "Text",
        {
            "font": "Anton", "font_size": 70.4, "bold": False, "color": "#ff0", "shadow": False,
            "outline_color": "#123456", "outline_width": 3, "max_lines": 3, "max_length": 18,
            "alignment": 10,
        },
        width=720,
        height=1280,
        image_effect="pan",
    )  # fmt: skip
    form = {
        name.removeprefix("caption_config_"): value
        for name, value in server.forms[-1][1].items()
        if name not in {"background_id", "audio_id", "text"}
    }
    assert form == {
        "width": "720", "height": "1280", "image_effect": "pan", "font_name": "Anton",
        "font_size": "70", "font_bold": "false", "font_color": "#ffff00",
        "shadow_transparency": "1.0", "stroke_color": "#123456", "stroke_size": "3",
        "line_count": "3", "line_max_length": "18", "subtitle_position": "center",
    }  # fmt: skip


async def test_kokoro_is_asked_when_nobody_chose(media: MediaService, server: MediaServer) -> None:
    await media.generate_tts_direct("Hello")
    await media.generate_tts_direct("Hello", {"voice": "bf_emma", "speed": 1.25, "engine": None})
    assert server.forms == [
        ("/audio-tools/tts/kokoro", {"text": "Hello", "voice": "", "speed": "1"}),
        ("/audio-tools/tts/kokoro", {"text": "Hello", "voice": "bf_emma", "speed": "1.25"}),
    ]


async def test_a_picture_is_fetched_by_the_server(media: MediaService, server: MediaServer) -> None:
    image = await media.upload_image_from_url("http://pictures.example/a.jpg")
    assert server.forms == [
        ("/storage", {"url": "http://pictures.example/a.jpg", "media_type": "image"})
    ]
    assert str(image) == image.file_id
    assert image.url == "http://pictures.example/a.jpg"
    await media.cleanup_files([image])
    await media.delete_file("video_never.mp4")
    assert server.deleted == [image.file_id, "video_never.mp4"]


@pytest.mark.parametrize("status", [503, 429])
async def test_a_server_that_is_away_or_too_busy_for_a_moment_is_waited_for(
    media: MediaService, server: MediaServer, status: int
) -> None:
    file_id = await media.start_video_merge(["video_a.mp4", "video_b.mp4"])
    server.away, server.busy = 3, status
    assert await media.wait_for_file_ready(file_id, poll_interval=0.01, timeout=30)


async def test_waiting_ends(media: MediaService, server: MediaServer) -> None:
    server.polls = 1_000_000
    file_id = await media.start_video_merge(["video_a.mp4"])
    with pytest.raises(DeadlineExceeded, match=file_id):
        await media.wait_for_file_ready(file_id, poll_interval=0.01, timeout=0.05)
    with pytest.raises(AssetNotFound):
        await media.wait_for_file_ready("video_nobody.mp4")


async def test_work_that_failed_tells_why(media: MediaService, server: MediaServer) -> None:
    server.failing = {"status": "failed", "error": "no more frames"}
    with pytest.raises(RenderFailed, match="no more frames"):
        await media.generate_tts("Hello")
    server.failing = {"status": "failed", "error": "damaged", "code": "UNPROCESSABLE_MEDIA"}
    with pytest.raises(UnprocessableMedia, match="damaged"):
        await media.merge_videos(["video_a.mp4"])


async def test_what_was_lent_goes_also_if_the_server_cannot_let_it_go_at_once(
    server: MediaServer, tmp_path: Path
) -> None:
    sample = tmp_path / "v.wav"
    sample.write_bytes(b"sample")
    voice = {"engine": "chatterbox", "sample_path": sample}
    async with MediaService(server.url) as media:
        server.undeletable = 1
        assert await media.generate_tts("Hello", voice)
        assert server.deleted == []
    lent = [form["sample_audio_id"] for route, form in server.forms if "chatterbox" in route]
    assert server.deleted == lent


async def test_what_was_lent_for_refused_work_goes(
    media: MediaService, server: MediaServer, tmp_path: Path
) -> None:
    sample = tmp_path / "v.wav"
    sample.write_bytes(b"sample")
    with pytest.raises(InvalidRequest, match="text"):
        await media.generate_tts("", {"engine": "chatterbox", "sample_path": sample})
    with pytest.raises(AssetNotFound):
        await media.merge_videos(["nobody"], sample)
    assert len(server.deleted) == 1
    assert server.files == {}


async def test_answers_become_errors_of_ours(
    media: MediaService, server: MediaServer, tmp_path: Path
) -> None:
    with pytest.raises(InvalidRequest, match="text"):
        await media.generate_tts_direct("")
    with pytest.raises(AssetNotFound):
        await media.download_file("video_nobody.mp4", tmp_path / "a.mp4")
    for hostile in ("../../health", "video_../../x", "video_a.mp4?x=1"):
        with pytest.raises(AssetNotFound):
            await media.download_file(hostile, tmp_path / "a.mp4")
        with pytest.raises(AssetNotFound):
            await media.get_download_url(hostile)
        with pytest.raises(AssetNotFound):
            await media.merge_videos([hostile])
        await media.delete_file(hostile)
    assert os.listdir(tmp_path) == []  # noqa: PTH208
    assert server.deleted == []


async def test_a_token_is_sent_as_it_is(server: MediaServer) -> None:
    server.token = "secret"
    async with MediaService(server.url) as stranger:
        with pytest.raises(Unauthorized):
            await stranger.generate_tts("Hello")
    async with MediaService(server.url, token="secret") as known:
        assert (await known.generate_tts("Hello")).file_id
    assert server.authorizations == {None, "secret"}


async def test_nobody_there_is_unavailable() -> None:
    async with MediaService(f"http://127.0.0.1:{free_port()}") as media:
        assert not await media.health_check()
        with pytest.raises(Unavailable, match="No media server answers"):
            await media.generate_tts("Hello")


async def test_the_address_comes_from_the_environment(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_SERVER_URL", server.url)
    monkeypatch.setenv("MEDIA_SERVER_TOKEN", "t")
    async with MediaService() as media:
        assert media.execution_mode == "remote"
        assert await media.get_download_url("video_a.mp4") == (
            f"{server.url}/api/v1/media/storage/video_a.mp4"
        )
        await media.delete_file("video_a.mp4")
    assert server.authorizations == {"t"}


async def test_without_any_setting_it_is_the_usual_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEDIA_SERVER_URL", raising=False)
    async with MediaService() as media:
        url = await media.get_download_url("video_a.mp4")
    assert url.startswith("http://localhost:8080/api/v1/media/storage/")
