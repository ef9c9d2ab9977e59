"""The media server 0.3.5, as a client knows it that was written from its contract alone."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import uuid
import wave
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from PIL import Image

from gala.types.words.kokoro import VOICES
from tests.support.media_server import (
    MEDIA,
    UTILS,
    failed,
    file_id,
    picture,
    ready,
    status,
    upload,
)
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.timeout(300)  # the first render loads torch


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


@pytest.mark.parametrize(
    ("path", "form", "code", "says"),
    [
        (f"{MEDIA}/audio-tools/tts/kokoro", {"text": "hi", "voice": "bob"}, 400, "Invalid voice"),
        (f"{MEDIA}/audio-tools/tts/kokoro", {"text": ""}, 422, "text"),
        (f"{MEDIA}/audio-tools/tts/kokoro", {"text": "hi", "speed": "fast"}, 422, "speed"),
        (f"{MEDIA}/storage", {"media_type": "image"}, 400, "file or url"),
        (f"{MEDIA}/storage", {"media_type": "poem", "url": "http://a.b/c"}, 422, "media_type"),
        (f"{MEDIA}/storage", {"media_type": "image", "url": "http://10.0.0.1/a"}, None, ""),
        (f"{MEDIA}/video-tools/merge", {"video_ids": ","}, 400, "video"),
        (f"{MEDIA}/video-tools/merge", {"video_ids": "video_1.mp4"}, 404, "not found"),
        (
            f"{MEDIA}/audio-tools/tts/chatterbox",
            {"text": "hi", "sample_audio_id": "audio_1.wav"},
            404,
            "Sample audio with ID audio_1.wav not found.",
        ),
        (
            f"{MEDIA}/video-tools/generate/tts-captioned-video",
            {"background_id": "image_1.png", "text": "hi"},
            404,
            "not found",
        ),
        (f"{UTILS}/convert/pcm/wav", {"pcm_id": "audio_1.pcm"}, 404, "not found"),
        (f"{UTILS}/stitch-images", {"image_urls": ","}, 400, "image"),
    ],
)
def test_what_is_wrong_is_told_in_the_old_servers_words(
    media: httpx.Client, path: str, form: dict[str, str], code: int | None, says: str
) -> None:
    answer = media.post(path, data=form)
    if code is None:
        name = file_id(answer)
        wait_until(lambda: status(media, name)["status"] == "failed", 30, what="the refusal")
        return
    assert answer.status_code == code, answer.text
    body = answer.json()
    told = body["detail"][0]["loc"][-1] if code == 422 else body["error"]
    assert says in told


def test_an_unknown_background_or_audio_is_told_apart(media: httpx.Client) -> None:
    image = upload(media, "a.png", picture(), "image")
    path = f"{MEDIA}/video-tools/generate/tts-captioned-video"
    unknown = media.post(path, data={"background_id": image, "audio_id": f"audio_{uuid.uuid4()}"})
    assert unknown.status_code == 400
    video = f"video_{uuid.uuid4()}.mp4"
    wrong = media.post(path, data={"background_id": video, "text": "hi"})
    assert (wrong.status_code, "image" in wrong.json()["error"]) == (400, True)
    neither = media.post(path, data={"background_id": image})
    assert neither.status_code == 400
    media.delete(f"{MEDIA}/storage/{image}")


@pytest.fixture(scope="module")
def video(media: httpx.Client) -> str:
    """A video that Kokoro speaks in."""
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


def test_a_video_is_laid_over_another(media: httpx.Client, video: str) -> None:
    form = {"video_id": video, "overlay_video_id": video, "color": "0x00ff00", "similarity": "0.1"}
    name = file_id(media.post(f"{MEDIA}/video-tools/add-colorkey-overlay", data=form))
    assert streams(ready(media, name))[1:] == (180, 320)


def test_samples_get_a_header(media: httpx.Client) -> None:
    raw = upload(media, "a.pcm", bytes(48_000), "audio")
    form = {"pcm_id": raw, "sample_rate": 24000, "channels": 1, "target_sample_rate": 44100}
    name = file_id(media.post(f"{UTILS}/convert/pcm/wav", data=form))
    with wave.open(io.BytesIO(ready(media, name))) as sound:
        assert sound.getframerate() == 44_100
        assert sound.getnframes() / 44_100 == pytest.approx(1.0, abs=0.01)


def test_a_picture_is_made_imperfect_and_pictures_are_stitched(
    media: httpx.Client, elsewhere: str
) -> None:
    image = upload(media, "a.png", picture("#c04020"), "image")
    form = {"image_id": image, "enhance_color": 0, "enhance_contrast": 1, "noise_strength": 0}
    name = file_id(media.post(f"{UTILS}/make-image-imperfect", data=form))
    with Image.open(io.BytesIO(ready(media, name))) as shown:
        red, green, blue = shown.convert("RGB").getpixel((50, 50))  # type: ignore[misc]
        assert max(red, green, blue) - min(red, green, blue) < 8
    urls = ",".join(f"{elsewhere}/picture{number}.png" for number in range(3))
    stitched = media.post(
        f"{UTILS}/stitch-images", data={"image_urls": urls, "max_width": 600, "max_height": 400}
    )
    with Image.open(io.BytesIO(stitched.content)) as shown:
        assert shown.format == "JPEG"
        assert shown.width <= 600
        assert shown.height <= 400


def test_a_sound_is_transcribed_while_the_client_waits(media: httpx.Client) -> None:
    spoken = file_id(media.post(f"{MEDIA}/audio-tools/tts/kokoro", data={"text": "Good morning."}))
    sound = ready(media, spoken)
    answer = media.post(
        f"{MEDIA}/audio-tools/transcribe",
        files={"audio_file": ("a.wav", sound)},
        data={"language": "en"},
    )
    assert answer.json()["transcription"]
    assert answer.json()["duration"] > 0.3


def test_voices_and_fonts_are_listed(media: httpx.Client) -> None:
    voices = media.get(f"{MEDIA}/audio-tools/tts/kokoro/voices").json()["voices"]
    assert voices == list(VOICES)
    assert "Noto Sans" in media.get(f"{MEDIA}/fonts").json()["fonts"]


def test_youtube_is_told_to_need_the_internet(media: httpx.Client) -> None:
    answer = media.get(f"{UTILS}/youtube-transcript", params={"video_id": "dQw4w9WgXcQ"})
    assert answer.status_code == 503
    assert "internet" in answer.json()["error"]


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
from gala import MediaService

async def main(mode, base_url, picture, target):
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
        await media.cleanup_files([image, spoken.file_id, video.file_id, merged])

asyncio.run(main(*sys.argv[1:]))
"""


def test_the_library_gives_the_same_video_locally_and_from_the_server(
    media_stack: Stack, tmp_path: Path
) -> None:
    drawn = tmp_path / "picture.png"
    Image.radial_gradient("L").resize((400, 400)).convert("RGB").save(drawn)
    home = {"GALA_HOME": str(tmp_path / "home"), "GALA_SANDBOX": "auto"}
    environment = {**os.environ, **dict(media_stack.services.environment), **home}
    made = {}
    for mode in ("remote", "local"):
        made[mode] = tmp_path / f"{mode}.mp4"
        arguments = (mode, media_stack.base_url, str(drawn), str(made[mode]))
        subprocess.run(
            [sys.executable, "-c", _EITHER_WAY, *arguments],
            env=environment,
            check=True,
            timeout=120,
        )
    (remote, local) = (frames_of(made[mode]) for mode in ("remote", "local"))
    assert len(remote) == len(local)
    assert streams(made["remote"].read_bytes()) == streams(made["local"].read_bytes())
    for one, other in zip(remote, local, strict=True):
        assert np.abs(one - other).mean() < 2


def frames_of(video: Path) -> list[np.ndarray]:
    with av.open(video) as media:
        return [frame.to_ndarray(format="gray").astype(int) for frame in media.decode(video=0)]
