"""The code of the seeds, as they wrote it but for where it is imported from."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.standins.media_files import make
from tests.support.probing import heard, shown

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CAPTIONS = "1\n00:00:00,100 --> 00:00:00,900\nHello world\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def here(
    installed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    samples: Callable[[str], Path],
) -> Path:
    """The folder that the seeds' code works in, with the files that it takes for granted."""
    monkeypatch.chdir(tmp_path)
    for name in ("temp", "samples", "music", "output"):
        (tmp_path / name).mkdir()
    make(tmp_path / "samples" / "voice.mp3", "-i", str(samples("voice")))
    make(tmp_path / "temp" / "image.jpg", "-i", str(samples("picture")))
    (tmp_path / "temp" / "captions.srt").write_text(CAPTIONS)
    for name, source in (("video1", "video"), ("video2", "other_video")):
        (tmp_path / "temp" / f"{name}.mp4").hardlink_to(samples(source))
        (tmp_path / f"{name}.mp4").hardlink_to(samples(source))
    for name in ("music/track.mp3", "music.mp3"):
        (tmp_path / name).hardlink_to(samples("song"))
    return tmp_path


def test_direct_use_makes_speech_a_video_and_a_merge(here: Path) -> None:
    from gala_renderer import ChatterboxTTS, MediaUtils, VideoBuilder

    tts = ChatterboxTTS()
    success = tts.generate(
        text="Hello world",
        output_path="./temp/audio.wav",
        sample_audio_path="./samples/voice.mp3",
        temperature=0.8,
        cfg_weight=0.65,
        exaggeration=0.55,
    )
    assert success

    media_utils = MediaUtils()
    builder = VideoBuilder(dimensions=(1080, 1920))
    builder.set_media_utils(media_utils)
    builder.set_background_image("./temp/image.jpg")
    builder.set_audio("./temp/audio.wav")
    builder.set_captions("./temp/captions.srt")
    builder.set_output_path("./temp/video.mp4")
    success = builder.execute()
    assert success

    media_utils = MediaUtils()
    success = media_utils.merge_videos(
        video_paths=["./temp/video1.mp4", "./temp/video2.mp4"],
        output_path="./output/final.mp4",
        background_music_path="./music/track.mp3",
        background_music_volume=0.1,
    )
    assert success

    spoken = media_utils.get_audio_info("./temp/audio.wav")["duration"]
    info = media_utils.get_video_info("./temp/video.mp4")
    assert (info["width"], info["height"], info["aspect_ratio"]) == (1080, 1920, "9:16")
    assert info["duration"] == pytest.approx(spoken, abs=0.06)
    assert shown(here / "output/final.mp4")[1].shape[1:] == (180, 320)


def test_what_was_there_already_still_is(capsys: pytest.CaptureFixture[str]) -> None:
    from gala_renderer import ChatterboxTTS, MediaUtils, device, get_device_info

    print(device)  # cuda, mps o cpu
    print(get_device_info())

    tts = ChatterboxTTS()
    tts.generate(
        text="Hello world", output_path="./test.wav", sample_audio_path="./samples/voice.mp3"
    )

    utils = MediaUtils()
    audio_info = utils.get_audio_info("./test.wav")
    print(audio_info)  # {'duration': 2.5, 'sample_rate': '24000', ...}

    utils.merge_videos(
        video_paths=["./video1.mp4", "./video2.mp4"],
        output_path="./merged.mp4",
        background_music_path="./music.mp3",
        background_music_volume=0.1,
    )

    printed = capsys.readouterr().out.splitlines()
    assert printed[0] in {"cuda", "mps", "cpu"}
    assert audio_info["sample_rate"] == "24000"
    assert audio_info["channels"] == 1
    assert audio_info["duration"] > 0.1
    assert Path("merged.mp4").is_file()


def test_what_was_missing_is_there(here: Path) -> None:
    from gala_renderer import KokoroTTS, StorageManager, VideoBuilder

    KokoroTTS().generate("Hi.", "./audio.wav")
    for name in ("image.jpg", "captions.srt"):
        (here / name).hardlink_to(here / "temp" / name)

    builder = VideoBuilder(dimensions=(270, 480))
    builder.set_background_image("./image.jpg")
    builder.set_audio("./audio.wav")
    builder.set_captions("./captions.srt")
    builder.set_output_path("./video.mp4")
    builder.execute()
    assert (here / "video.mp4").is_file()

    storage = StorageManager(temp_dir="./temp", output_dir="./output")
    temp_file = storage.create_temp_file(suffix=".wav")
    storage.cleanup_old_files(max_age_minutes=30)
    assert Path(temp_file).parent == here / "temp"
    assert Path(temp_file).is_file()


async def test_the_workflow_of_the_docker_age_runs_without_a_server(here: Path) -> None:
    from gala import MediaService

    media = MediaService(use_local=True)
    assert await media.health_check()

    voice_config = {
        "engine": "chatterbox",
        "sample_path": "samples/voice.mp3",
        "temperature": 0.8,
        "cfg_weight": 0.65,
        "exaggeration": 0.55,
    }
    tts = await media.generate_tts("Hello world", voice_config=voice_config)
    image_id = await media.upload_local_file_if_needed("temp/image.jpg")

    video = await media.generate_captioned_video(
        image_id=image_id, tts_id=tts.file_id, text="Hello world"
    )

    final_video_id = await media.merge_videos(
        [video.file_id, video.file_id], background_music_path="music.mp3", music_volume=0.1
    )

    await media.download_file(final_video_id, "./output/video.mp4")
    await media.close()

    assert tts.duration is not None
    assert video.duration == pytest.approx(tts.duration, abs=0.06)
    times, frames = shown(here / "output/video.mp4")
    assert frames.shape[1:] == (1920, 1080)
    assert float(times[-1]) == pytest.approx(2 * tts.duration, abs=0.2)
    assert heard(here / "output/video.mp4")[1].any()


async def test_local_mode_speaks_with_both_engines() -> None:
    from gala import MediaService

    media = MediaService(execution_mode="local")
    for engine in ("chatterbox", "kokoro"):
        voice_config = {
            "engine": engine,
            "exaggeration": 0.5,
            "cfg_weight": 0.5,
            "temperature": 0.7,
        }
        file_id = await media.generate_tts_direct("Tu texto aqui", voice_config)
        assert file_id.startswith("audio_")
        assert file_id.endswith(".wav")
        assert await media.wait_for_file_ready(file_id)
    await media.close()


async def test_auto_prefers_this_machine_and_asks_no_server() -> None:
    from gala import MediaService

    media = MediaService(use_local="auto", base_url="http://127.0.0.1:9")
    tts = await media.generate_tts("Hello.", {"engine": "kokoro"})
    assert (await media.get_download_url(tts)).startswith("file:///")
    await media.close()


def test_importing_loads_neither_torch_nor_the_engine() -> None:
    program = (
        "import sys; from gala import MediaService; from gala_renderer import device, "
        "get_device_info, KokoroTTS, ChatterboxTTS, STT, Caption, MediaUtils, VideoBuilder, "
        "StorageManager; print([m for m in ('torch', 'av', 'faster_whisper', 'kokoro', "
        "'ctranslate2', 'starlette', 'sqlalchemy') if m in sys.modules])"
    )
    import sys

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
