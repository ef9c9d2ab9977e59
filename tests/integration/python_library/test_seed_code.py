"""The code of seeds 000 and 001, unchanged (see ``tests/support/seeds``), with real media."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gala
from gala.errors import AssetNotFound
from gala.installation import install_hint
from gala.job import Lane
from gala.supervisor import free_port
from gala_renderer import MediaUtils, in_process
from gala_renderer.in_process.local_engine import InProcessEngine
from tests.fakes.media_files import make
from tests.platform.stack import Stack, stack_in
from tests.support import seeds
from tests.support.media_probe import read_frames, read_samples

# The test uses a full stack, loads models and renders full HD in portrait.
pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(400)]

CAPTIONS = "1\n00:00:00,100 --> 00:00:00,900\nHello world\n"
CHATTERBOX = {"engine": "chatterbox"}
SMALL = {"width": 64, "height": 112, "image_effect": "still"}


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
    """The working directory of the seeds' code, with the files that it expects."""
    monkeypatch.chdir(tmp_path)
    for name in ("temp", "samples", "music", "output"):
        (tmp_path / name).mkdir()
    for name in ("samples/voice.mp3", "voice_sample.mp3"):
        make(tmp_path / name, "-i", str(samples("voice")))
    make(tmp_path / "temp" / "image.jpg", "-i", str(samples("picture")))
    (tmp_path / "temp" / "captions.srt").write_text(CAPTIONS)
    for name, source in (("video1", "video"), ("video2", "other_video")):
        (tmp_path / "temp" / f"{name}.mp4").hardlink_to(samples(source))
        (tmp_path / f"{name}.mp4").hardlink_to(samples(source))
    for name in ("music/track.mp3", "music.mp3"):
        (tmp_path / name).hardlink_to(samples("song"))
    return tmp_path


@pytest.fixture(scope="module")
def server(
    chatterbox_url: str,
    new_database: Callable[..., str],
    new_redis_url: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """The "Docker" of the seeds: a full stack."""
    stack = stack_in(
        tmp_path_factory.mktemp("server"),
        new_database(),
        new_redis_url(),
        {Lane.BATCH: 1, Lane.INTERACTIVE: 1},
        CHATTERBOX_URL=chatterbox_url,
    )
    stack.start()
    yield stack
    stack.close()


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process without weights and without Chatterbox."""
    monkeypatch.setenv("GALA_HOME", str(tmp_path / "bare"))
    monkeypatch.delenv("CHATTERBOX_URL")
    engine = InProcessEngine()
    monkeypatch.setitem(in_process._engines, None, engine)
    yield
    engine.close()


def workflow(how: str) -> dict[str, str]:
    """Replacements in the Docker workflow: its server, files and ids."""
    return {
        'base_url="http://localhost:8000"': how,
        '"/samples/voice.mp3"': '"samples/voice.mp3"',
        '"image_xyz.jpg"': 'await media.upload_local_file_if_needed("temp/image.jpg")',
        '"audio_abc123.wav"': "tts.file_id",
        '"video_def456.mp4"': "video.file_id",
        '"video_ghi789.mp4"': 'await media.upload_local_file_if_needed("temp/video2.mp4")',
    }


def is_the_workflows(made: dict[str, Any], film: Path) -> None:
    """The clip with speech, followed by the other one, with music."""
    tts, video = made["tts"], made["video"]
    assert tts.duration is not None
    assert tts.duration > 0.4
    assert video.duration == pytest.approx(tts.duration, abs=0.06)
    times, frames = read_frames(film)
    assert frames.shape[1:] == (1920, 1080)
    assert float(times[-1]) == pytest.approx(tts.duration + 2, abs=0.2)
    # The other clip is silent, so only the music is audible there.
    rate, sound = read_samples(film)
    assert np.abs(sound[:, -rate:]).max() > 0.01


# test_media_server.py compares a film made in both ways, too.
@pytest.mark.exhaustive
async def test_the_workflow_makes_the_same_film_on_a_server_and_here(
    server: Stack, here: Path
) -> None:
    films = {}
    for mode, how in (
        ("remote", f'base_url="{server.base_url}"'),
        ("local", "use_local=True"),
    ):
        made = await seeds.run("000", "docker", workflow(how))
        is_the_workflows(made, here / "output/video.mp4")
        await made["media"].close()
        films[mode] = (here / "output/video.mp4").rename(here / f"{mode}.mp4")
    ours, theirs = (read_frames(films[mode]) for mode in ("local", "remote"))
    assert ours[0] == theirs[0]
    # Some of the pixels: all of them as integers of 64 bits take gigabytes.
    some = np.s_[:, ::8, ::8]
    assert np.abs(ours[1][some].astype(int) - theirs[1][some]).mean() < 2
    utils = MediaUtils()
    assert utils.get_audio_info(films["local"]) == utils.get_audio_info(films["remote"])


async def test_direct_use_makes_speech_a_video_and_a_merge(here: Path) -> None:
    made = await seeds.run("000", "direct")
    assert made["success"]
    assert {path.name for path in (here / "temp").iterdir()} == {
        "audio.wav", "captions.srt", "image.jpg", "video.mp4", "video1.mp4", "video2.mp4",
    }  # fmt: skip
    utils = made["media_utils"]
    info = utils.get_video_info("./temp/video.mp4")
    assert (info["width"], info["height"], info["aspect_ratio"]) == (1080, 1920, "9:16")
    spoken = utils.get_audio_info("./temp/audio.wav")["duration"]
    assert info["duration"] == pytest.approx(spoken, abs=0.06)
    times, frames = read_frames(here / "output/final.mp4")
    assert frames.shape[1:] == (180, 320)
    assert float(times[-1]) == pytest.approx(5, abs=0.1)


async def test_the_service_that_the_seed_sketches_works_with_these_names(here: Path) -> None:
    names = {"uuid4": uuid.uuid4, "GeneratedTTS": gala.GeneratedTTS}
    made = await seeds.run("000", "adapted service", **names)
    media = made["MediaService"]()
    tts = await media.generate_tts("Hello world", {"sample_path": "./samples/voice.mp3"})
    assert MediaUtils().get_audio_info(tts.file_id)["duration"] > 0.4
    assert (here / tts.file_id).parent == here / "temp"


async def test_what_was_there_already_still_is(capsys: pytest.CaptureFixture[str]) -> None:
    made = await seeds.run("000", "what was there")
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] in {"cuda", "mps", "cpu"}
    assert printed[1] == str(made["get_device_info"]())
    audio_info = made["audio_info"]
    assert printed[2] == str(audio_info)
    assert audio_info["duration"] > 0.4
    assert (audio_info["sample_rate"], audio_info["channels"]) == ("24000", 1)
    assert read_frames(Path("merged.mp4"))[1].shape[1:] == (180, 320)


async def test_what_was_missing_is_there(here: Path, samples: Callable[[str], Path]) -> None:
    (here / "audio.wav").hardlink_to(samples("voice"))
    for name in ("image.jpg", "captions.srt"):
        (here / name).hardlink_to(here / "temp" / name)
    await seeds.run("000", "video builder")
    times, frames = read_frames(here / "video.mp4")
    assert frames.shape[1:] == (1920, 1080)
    assert float(times[-1]) == pytest.approx(3, abs=0.1)

    made = await seeds.run("000", "storage manager")
    assert made["temp_file"].parent == here / "temp"
    assert made["temp_file"].is_file()
    assert (here / "temp" / "image.jpg").is_file()


async def test_local_mode_speaks_with_both_engines() -> None:
    for change in ({}, {'"engine": "chatterbox"': '"engine": "kokoro"'}):
        made = await seeds.run("001", "local mode", change)
        media, file_id = made["media"], made["file_id"]
        assert file_id.startswith("audio_")
        assert file_id.endswith(".wav")
        assert await media.wait_for_file_ready(file_id)
        assert (await media.get_download_url(file_id)).startswith("file:///")
        await media.close()


async def test_the_usual_mode_is_remote_and_local_is_said(
    server: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_SERVER_URL", server.base_url)
    made: list[gala.MediaService] = []

    def media_service(**options: Any) -> gala.MediaService:
        made.append(gala.MediaService(**options))
        return made[-1]

    await seeds.run("001", "modes", MediaService=media_service)
    for media, scheme in zip(made, ("http", "file"), strict=True):
        tts = await media.generate_tts("Hello.", CHATTERBOX)
        assert tts.duration
        assert (await media.get_download_url(tts)).startswith(f"{scheme}://")
        await media.close()


async def test_left_to_choose_it_asks_no_server_for_what_it_can_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEDIA_SERVER_URL", f"http://127.0.0.1:{free_port()}")
    media = (await seeds.run("000", "auto"))["media"]
    tts = await media.generate_tts("Hello.", CHATTERBOX)
    assert tts.duration
    assert (await media.get_download_url(tts)).startswith("file:///")
    await media.close()


async def test_for_want_of_a_voice_the_server_speaks_and_the_rest_is_made_here(
    server: Stack, bare: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_SERVER_URL", server.base_url)
    media = (await seeds.run("000", "auto"))["media"]
    tts = await media.generate_tts("Hello.", CHATTERBOX)
    assert (await media.get_download_url(tts)).startswith(server.base_url)
    image = await media.upload_local_file_if_needed("temp/image.jpg")
    video = await media.generate_captioned_video(image, tts, "Hello.", **SMALL)
    assert video.duration == pytest.approx(tts.duration, abs=0.06)
    assert (await media.get_download_url(video)).startswith("file:///")
    await media.cleanup_files([tts, video])
    await media.close()


async def test_for_want_of_an_answer_of_the_engine_the_server_goes_on(
    server: Stack, bare: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No server listens at the address, which is found out only after the start of the work."""
    monkeypatch.setenv("CHATTERBOX_URL", f"http://127.0.0.1:{free_port()}")
    engine = InProcessEngine()
    monkeypatch.setitem(in_process._engines, None, engine)
    monkeypatch.setenv("MEDIA_SERVER_URL", server.base_url)
    media = (await seeds.run("000", "auto"))["media"]
    tts = await media.generate_tts("Hello.", CHATTERBOX)
    assert (await media.get_download_url(tts)).startswith(server.base_url)
    copy = await media.download_file(tts, tmp_path / "a.wav")
    assert MediaUtils().get_audio_info(copy)["duration"] == pytest.approx(tts.duration)
    await media.delete_file(tts)
    with pytest.raises(AssetNotFound):
        await media.wait_for_file_ready(tts)
    await media.close()
    engine.close()


_PROGRAM = """
import ast, asyncio, sys
code = compile(sys.stdin.read(), "seed", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
asyncio.run(eval(code))
"""
_MADE_THERE = f"""
assert await media.health_check()
image = await media.upload_local_file_if_needed("temp/image.jpg")
tts = await media.generate_tts("Hello.", {CHATTERBOX})
video = await media.generate_captioned_video(image, tts, "Hello.", **{SMALL})
merged = await media.merge_videos([video, video], "music.mp3")
for file_id in (tts, video, merged):
    print(await media.get_download_url(file_id))
await media.close()
"""
_REFUSED_HERE = f"""
from gala import MediaService
from gala.errors import EngineMissing

media = MediaService(use_local=True)
assert not await media.health_check()
try:
    await media.generate_tts("Hello.", {CHATTERBOX})
except EngineMissing as error:
    print(error)
"""


@pytest.mark.parametrize(
    "absent", [pytest.param("av", marks=pytest.mark.exhaustive), "gala_renderer"]
)
def test_without_the_engine_the_server_does_it_and_local_says_what_to_install(
    server: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    monkeypatch.setenv("MEDIA_SERVER_URL", server.base_url)
    python = _python_without(absent, tmp_path / "packages")
    made = python(seeds.adapted("000", "auto") + _MADE_THERE).splitlines()
    assert len(made) == 3
    assert all(url.startswith(server.base_url) for url in made)
    [said] = python(_REFUSED_HERE).splitlines()
    assert install_hint("renderer") in said


def _python_without(package: str, folder: Path) -> Callable[[str], str]:
    """Runs code in an environment like this one, but without one package."""
    folder.mkdir()
    for place in filter(Path.is_dir, map(Path, sys.path)):
        if place.name == "site-packages" or (place / "gala").is_dir() or (place / package).is_dir():
            for found in place.iterdir():
                if found.name != package and not (folder / found.name).exists():
                    (folder / found.name).symlink_to(found)
    # Without `site`, no .pth file adds the package's folder to the path.
    command = [sys.executable, "-S", "-c", _PROGRAM]
    environment = {**os.environ, "PYTHONPATH": str(folder)}

    def run(code: str) -> str:
        done = subprocess.run(
            command, input=code, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_importing_loads_neither_torch_nor_the_engine() -> None:
    program = (
        "import sys; from gala import MediaService; from gala_renderer import device, "
        "get_device_info, KokoroTTS, ChatterboxTTS, STT, Caption, MediaUtils, VideoBuilder, "
        "StorageManager; print([m for m in ('torch', 'av', 'faster_whisper', 'kokoro', "
        "'ctranslate2', 'starlette', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
