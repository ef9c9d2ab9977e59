"""``gala.MediaService`` with the local engine, and in the mode ``auto``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from gala import MediaService
from gala.errors import (
    AssetNotFound,
    EngineMissing,
    FetchFailed,
    InvalidRequest,
    Unavailable,
    UnprocessableMedia,
    UnsupportedMedia,
    UrlRefused,
)
from gala.media_server.voice_config import parse_voice_config
from gala.supervisor import free_port
from gala_renderer import MediaUtils, in_process
from gala_renderer.in_process.local_engine import InProcessEngine
from tests.fakes.http import Handler, served
from tests.fakes.media_server import media_server
from tests.support.wait import wait_until

pytestmark = pytest.mark.anyio

VOICE = {"engine": "espeak", "voice": "en-us"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def media(installed: Path, tmp_path: Path) -> AsyncIterator[MediaService]:
    async with MediaService(execution_mode="local", storage_dir=tmp_path / "media") as service:
        yield service


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An engine without model weights."""
    monkeypatch.setenv("GALA_HOME", str(tmp_path / "bare"))
    engine = InProcessEngine()
    monkeypatch.setitem(in_process._engines, None, engine)
    yield
    engine.close()


@pytest.fixture
def mute(bare: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An engine whose Chatterbox does not answer."""
    monkeypatch.setenv("CHATTERBOX_URL", f"http://127.0.0.1:{free_port()}")
    engine = InProcessEngine()
    monkeypatch.setitem(in_process._engines, None, engine)
    yield
    engine.close()


async def test_files_have_ids_and_can_be_had_and_deleted(
    media: MediaService, tmp_path: Path
) -> None:
    tts = await media.generate_tts("Hello there.", VOICE)
    assert tts.file_id.startswith("audio_")
    assert tts.duration is not None
    copied = await media.download_file(tts, tmp_path / "new" / "a.wav")
    assert MediaUtils().get_audio_info(copied)["duration"] == tts.duration
    assert await media.get_download_url(tts) == (
        (tmp_path / "media" / "audio" / tts.file_id.removeprefix("audio_")).as_uri()
    )
    assert await media.wait_for_file_ready(tts, poll_interval=0.1, timeout=1)
    await media.cleanup_files([tts, tts, "video_nobody.mp4"])
    with pytest.raises(AssetNotFound):
        await media.wait_for_file_ready(tts)
    with pytest.raises(AssetNotFound):
        await media.download_file(tts, tmp_path / "b.wav")


async def test_errors_are_those_of_a_server(
    media: MediaService, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(b"no video")
    for path, media_type in ((damaged, None), (samples("picture"), "audio")):
        with pytest.raises(InvalidRequest, match="media_type: The file is"):
            await media.upload_local_file_if_needed(path, media_type)
    film = samples("video").read_bytes()
    damaged.write_bytes(film[: len(film) // 3])
    video = await media.upload_local_file_if_needed(damaged)
    sound = await media.upload_local_file_if_needed(samples("voice"))
    with pytest.raises(UnprocessableMedia):
        await media.merge_videos([video])
    with pytest.raises(InvalidRequest, match="text"):
        await media.generate_tts("  ", VOICE)
    with pytest.raises(InvalidRequest, match="image_id"):
        await media.generate_captioned_video(sound, sound, "Hello")
    image = await media.upload_local_file_if_needed(samples("picture"))
    with pytest.raises(InvalidRequest, match="Audio with ID audio_nobody"):
        await media.generate_captioned_video(image, "audio_nobody.wav", "Hello")
    with pytest.raises(InvalidRequest, match="video_ids"):
        await media.merge_videos([])
    with pytest.raises(InvalidRequest, match="There is no file"):
        await media.upload_local_file_if_needed(tmp_path / "nothing.png")
    with pytest.raises(EngineMissing, match="SPEECH_OPENAI_URL"):
        await media.generate_tts("Hello", {"engine": "openai"})
    for hostile in ("../damaged.mp4", "video_../../damaged.mp4", str(damaged)):
        with pytest.raises(AssetNotFound):
            await media.merge_videos([hostile])


async def test_a_promised_file_can_be_called_off(media: MediaService) -> None:
    tts = await media.generate_tts("Hello there.", VOICE)
    folder = Path(str(media._backend.store.temp_dir))  # type: ignore[union-attr]
    image = await media.upload_local_file_if_needed(_picture(folder))
    started = await media.start_captioned_video_generation(image, tts, "Hello there.")
    await media.delete_file(started)
    with pytest.raises(AssetNotFound):
        await media.wait_for_file_ready(started)


def _picture(folder: Path) -> Path:
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    Image.linear_gradient("L").save(folder / "a.png")
    return folder / "a.png"


class _Web(Handler):
    """A site with an image, another file, a redirect to a local address, and too many redirects."""

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server looks for
        match self.path:
            case "/a":
                from io import BytesIO

                from PIL import Image

                written = BytesIO()
                Image.new("RGB", (32, 32)).save(written, "PNG")
                self.answer(200, written.getvalue(), Content_Type="text/html")
            case "/text":
                self.answer(200, b"only text", Content_Type="image/png")
            case "/local":
                self.answer(302, Location="http://127.0.0.2/secret")
            case "/broken":
                self.answer(302, Location="http://[")
            case "/round":
                self.answer(302, Location="/round")
            case _:
                self.answer(404)


async def test_a_picture_is_fetched_from_where_it_may_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with served(_Web) as url:
        monkeypatch.setenv("FETCH_ALLOWED_HOSTS", url.removeprefix("http://"))
        async with MediaService(use_local=True) as media:
            image = await media.upload_image_from_url(f"{url}/a")
            assert image.file_id.startswith("image_")
            assert image.file_id.endswith(".png")
            with pytest.raises(UnsupportedMedia, match="text"):
                await media.upload_image_from_url(f"{url}/text")
            for path, error in (
                ("/local", UrlRefused),
                ("/broken", UrlRefused),
                ("/round", FetchFailed),
                ("/nothing", FetchFailed),
            ):
                with pytest.raises(error):
                    await media.upload_image_from_url(url + path)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a",
        "http://localhost/a",
        "http://[::1]/a",
        "http://[::ffff:127.0.0.1]/a",
        "http://[64:ff9b::7f00:1]/a",
        "http://[2002:7f00:1::]/a",
        "http://168.63.129.16/a",
        "http://localhost./a",
        "http://db.internal/a",
        "http://prod/a",
        "http://169.254.169.254/latest/meta-data",
        "http://10.1.2.3/a",
        "http://2130706433/a",
        "file:///etc/passwd",
        "http://user:pass@example.com/a",
        "http://example.com:22/a",
        "gopher://example.com/",
    ],
)
async def test_local_addresses_are_not_fetched(url: str) -> None:
    async with MediaService(use_local=True) as media:
        with pytest.raises(UrlRefused):
            await media.upload_image_from_url(url)


async def test_left_to_choose_it_falls_back_for_want_of_weights(
    bare: None, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    """Kokoro runs on the server; the local image is not needed there."""
    with media_server() as server:
        server.content = samples("voice").read_bytes()
        async with MediaService(server.url, execution_mode="auto") as media:
            image = await media.upload_local_file_if_needed(samples("picture"))
            tts = await media.generate_tts("Hello", {"engine": "kokoro"})
            assert [route for route, _ in server.forms] == ["/audio-tools/tts/kokoro"]
            assert (await media.get_download_url(tts)).startswith(server.url)
            # The next video is rendered locally again, from a copy of the audio.
            started = await media.start_captioned_video_generation(
                image, tts, "Hello", width=64, height=64, image_effect="still"
            )
            await media.wait_for_file_ready(started, poll_interval=0.1)
            assert len(server.forms) == 1
            await media.download_file(started, tmp_path / "a.mp4")
            assert MediaUtils().get_video_info(tmp_path / "a.mp4")["duration"] == pytest.approx(
                3, abs=0.06
            )
            await media.delete_file(tts)
            assert server.deleted == [tts.file_id]


async def test_work_that_fails_for_want_of_an_engine_goes_over_once(
    mute: None,
) -> None:
    """Several tasks wait for it; if the server does not answer, the local error is raised."""
    voice = parse_voice_config({"engine": "chatterbox"})
    with media_server() as server:
        async with MediaService(server.url, use_local="auto") as media:
            file_id = await media._backend.start_speech("Hello", voice)
            assert server.forms == []
            waiting = (media.wait_for_file_ready(file_id, poll_interval=0.01) for _ in range(5))
            assert await asyncio.gather(*waiting) == [True] * 5
            assert [route for route, _ in server.forms] == ["/audio-tools/tts/chatterbox"]
            await media.delete_file(file_id)
            assert len(server.deleted) == 1
            with pytest.raises(AssetNotFound):
                await media.wait_for_file_ready(file_id)
    async with MediaService(f"http://127.0.0.1:{free_port()}", use_local="auto") as media:
        with pytest.raises(Unavailable, match="Chatterbox"):
            await media.generate_tts("Hello", {"engine": "chatterbox"})


async def test_a_file_that_several_need_there_is_carried_over_once(
    bare: None, samples: Callable[[str], Path]
) -> None:
    """There is no local Whisper, so the server must transcribe the audio."""
    with media_server() as server:
        async with MediaService(server.url, use_local="auto") as media:
            image = await media.upload_local_file_if_needed(samples("picture"))
            sound = await media.upload_local_file_if_needed(samples("voice"))
            begun = (media.start_captioned_video_generation(image, sound, "") for _ in range(3))
            assert len(set(await asyncio.gather(*begun))) == 3
            assert len(server.files) == 2
            await media.cleanup_files([image, sound])
            assert server.files == {}


async def test_work_that_could_not_go_over_goes_when_it_can(mute: None) -> None:
    """Waiting continues while the server is busy; if it is down, the next request tries again."""
    with media_server() as server:
        async with MediaService(server.url, use_local="auto") as media:
            for busy in (429, 503):
                file_id = await media._backend.start_speech(
                    "Hello", parse_voice_config({"engine": "chatterbox"})
                )
                server.away, server.busy = 1, busy
                waited = media.wait_for_file_ready(file_id, poll_interval=0.01, timeout=30)
                if busy == 503:
                    with pytest.raises(Unavailable, match="Chatterbox"):
                        await waited
                    waited = media.wait_for_file_ready(file_id, poll_interval=0.01, timeout=30)
                assert await waited


async def test_what_is_deleted_while_it_goes_over_is_not_left_there(mute: None) -> None:
    with media_server() as server:
        async with MediaService(server.url, use_local="auto") as media:
            file_id = await media._backend.start_speech(
                "Hello", parse_voice_config({"engine": "chatterbox"})
            )
            server.answering.clear()
            waiting = asyncio.create_task(media.wait_for_file_ready(file_id, poll_interval=0.01))
            await asyncio.to_thread(wait_until, lambda: server.forms, 30, what="the hand-over")
            deleting = asyncio.create_task(media.delete_file(file_id))
            await asyncio.wait({deleting}, timeout=0.2)
            server.answering.set()
            with pytest.raises(AssetNotFound):
                await waiting
            await deleting
            assert set(server.working) == set(server.deleted)


async def test_left_to_choose_without_an_engine_everything_is_the_servers(
    monkeypatch: pytest.MonkeyPatch, samples: Callable[[str], Path]
) -> None:
    def missing() -> None:
        raise EngineMissing("not installed")

    monkeypatch.setattr("gala.media_service.backends.local.local_engine", missing)
    with media_server() as server:
        async with MediaService(server.url, use_local="auto") as media:
            assert await media.health_check()
            image = await media.upload_local_file_if_needed(samples("picture"))
            tts = await media.generate_tts("Hello")
            video = await media.generate_captioned_video(image, tts, "Hello")
            assert await media.merge_videos([video, video])
        assert [route for route, _ in server.forms] == [
            "/storage",
            "/audio-tools/tts/kokoro",
            "/video-tools/generate/tts-captioned-video",
            "/video-tools/merge",
        ]
        assert json.dumps(server.forms[2][1]).count(image) == 1
