"""``gala demo`` and ``gala up``, run as processes.

The demo makes small videos here; the examples of the README make one in full size.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from gala.cli.demo_videos import SPOKEN
from gala.client import GalaClient
from gala.server_address import running_url
from gala.supervisor import free_port
from tests.fakes.package_registry import registry_environment
from tests.support import http
from tests.support.processes import runs
from tests.support.real_weights import PULL_SECONDS, PulledWeights
from tests.support.wait import wait_until

# Servers start and stop, on two busy cores, and weights may have to be downloaded.
pytestmark = pytest.mark.timeout(PULL_SECONDS)

NOTHING_LISTENS = "http://127.0.0.1:9"
GALA = (sys.executable, "-m", "gala.cli")
WIDTH, HEIGHT, FPS = 270, 480, 10
SMALL = ("--size", f"{WIDTH}x{HEIGHT}", "--fps", str(FPS))
NO_DOWNLOAD = {"GALA_VOICE": "espeak-ng", "GALA_FACES": "false"}
PORTS = ("API_PORT", "SWAGGER_PORT", "RENDERER_PORT")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, real_weights: PulledWeights) -> Path:
    """The output folder of one run of the demo, which speaks with Kokoro."""
    folder = tmp_path_factory.mktemp("demo")
    ports = {name: str(free_port()) for name in PORTS}
    done = subprocess.run(
        [*GALA, "demo", *SMALL, "--out", str(folder)],
        env={**os.environ, **ports, "GALA_WEIGHTS_DIR": str(real_weights("kokoro", "faces"))},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "Smoke test OK"
    spoken = [line for line in done.stderr.splitlines() if line.startswith("spoken by ")]
    assert spoken == [
        "spoken by kokoro (onnx) ef_dora es",
        "spoken by kokoro (onnx) af_heart en-US",
        "spoken by kokoro (onnx) ef_dora es",
        "spoken by kokoro (onnx) em_alex es",
    ]
    assert "installing" not in done.stderr
    return folder


def loudness(file: Path) -> float:
    """Return the root mean square of the audio, 0 to 1."""
    with av.open(str(file)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return float(np.sqrt(np.mean(np.concatenate(frames, axis=1) ** 2)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hello.mp4", "hello-photo.mp4"])
def test_the_demo_makes_a_vertical_video_of_seven_seconds(demo: Path, name: str) -> None:
    with av.open(str(demo / name)) as container:
        video = container.streams.video[0]
        assert (video.width, video.height) == (WIDTH, HEIGHT)
        assert video.average_rate == Fraction(FPS)
        assert video.duration is not None
        assert video.time_base is not None
        assert float(video.duration * video.time_base) == pytest.approx(7.0, abs=0.05)


@pytest.mark.slow
def test_the_demos_song_can_be_heard(demo: Path) -> None:
    assert loudness(demo / "hello-photo.mp4") > 0.02


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hola", "hello-spoken", "presenter", "portrait"])
def test_the_demo_makes_a_spoken_vertical_video_with_captions(demo: Path, name: str) -> None:
    with av.open(str(demo / f"{name}.mp4")) as container:
        video = container.streams.video[0]
        assert (video.width, video.height) == (WIDTH, HEIGHT)
        assert video.average_rate == Fraction(FPS)
        assert container.duration is not None
        assert 6 < container.duration / av.time_base < 15
    assert loudness(demo / f"{name}.mp4") > 0.05
    assert (demo / f"{name}.vtt").read_text().count(" --> ") >= 4


@pytest.mark.slow
@pytest.mark.parametrize(
    "stem",
    [
        # tests/integration/engine/test_listening.py hears English, too.
        pytest.param(stem, marks=() if language == "es" else pytest.mark.exhaustive)
        for stem, (language, _) in SPOKEN.items()
    ],
)
def test_whisper_understands_every_word_of_the_demos_voices(
    demo: Path, stem: str, real_weights: PulledWeights, tmp_path: Path
) -> None:
    language, text = SPOKEN[stem]
    heard = tmp_path / "heard.txt"
    video = str(demo / f"{stem}.mp4")
    subprocess.run(
        [*GALA, "transcribe", video, "--language", language, "-o", str(heard)],
        env={**os.environ, "GALA_WEIGHTS_DIR": str(real_weights("whisper:base"))},
        check=True,
        capture_output=True,
    )
    assert _words(heard.read_text()) == _words(text)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@pytest.mark.slow
def test_the_demo_leaves_its_videos_and_nothing_else(demo: Path) -> None:
    found = {file.name for file in demo.iterdir()}
    assert found == {
        f"{name}.{suffix}"
        for name, suffixes in {
            "hello": ("mp4", "jpg"),
            "hello-photo": ("mp4", "jpg"),
            "hola": ("mp4", "jpg", "vtt"),
            "hello-spoken": ("mp4", "jpg", "vtt"),
            "presenter": ("mp4", "jpg", "vtt"),
            "portrait": ("mp4", "jpg", "vtt"),
        }.items()
        for suffix in suffixes
    }


@pytest.mark.slow
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing_behind(
    own_folder: Path, signum: signal.Signals
) -> None:
    ports = {name: str(free_port()) for name in PORTS}
    demo = subprocess.Popen(
        [*GALA, "demo", "--out", str(own_folder / "out")],
        env={**os.environ, **ports, **NO_DOWNLOAD, "TMPDIR": str(own_folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    started = wait_until(lambda: _postgres_below(demo.pid), 30)
    demo.send_signal(signum)
    output, _ = demo.communicate(timeout=60)
    assert demo.returncode != 0
    assert "Smoke test OK" not in output
    assert not [process for process in started if runs(process)]
    assert list(own_folder.iterdir()) == []


def _postgres_below(pid: int) -> list[psutil.Process]:
    try:
        found = psutil.Process(pid).children(recursive=True)
        return [process for process in found if process.name() == "postgres"]
    except psutil.NoSuchProcess:
        return []


class Up:
    """A running ``gala up``."""

    def __init__(self, home: Path, **env: str):
        ports = {name: str(free_port()) for name in PORTS}
        self.env = {**os.environ, **ports, "GALA_HOME": str(home), **NO_DOWNLOAD, **env}
        self.client = GalaClient(f"http://127.0.0.1:{ports['API_PORT']}")
        self.swagger = f"http://127.0.0.1:{ports['SWAGGER_PORT']}/"
        self._log = (home.parent / f"{home.name}.log").open("w+")
        self.process = subprocess.Popen(
            [*GALA, "up"], env=self.env, stdout=self._log, stderr=self._log
        )
        wait_until(self._is_up, 60, what=f"gala up ({self._log.name})")
        self.tree = psutil.Process(self.process.pid).children(recursive=True)

    def _is_up(self) -> bool:
        self._log.seek(0)
        assert self.process.poll() is None, self._log.read()
        return "GALA is up" in self._log.read()

    def log(self) -> str:
        """Return all that it has printed."""
        return Path(self._log.name).read_text()

    def left_running(self) -> list[psutil.Process]:
        """Return its processes that are still running."""
        return [process for process in self.tree if runs(process)]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        self.client.close()
        self._log.close()
        Path(self._log.name).unlink()


@pytest.mark.slow
def test_what_was_stored_survives_a_killed_up_and_the_next_leaves_nothing_running_when_stopped(
    own_folder: Path, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(_PNG)
    asset = _uploaded_before_a_kill(own_folder, photo)
    up = Up(own_folder, LOG_FORMAT="json")
    try:
        assert up.client.download(asset, tmp_path / "back.png").read_bytes() == _PNG
        assert up.client.health(deep=True)["status"] == "ok"
        _assert_found_by_its_home(up, own_folder)
        assert "swagger" in http.get(up.swagger, trust_env=False).text.lower()
        _assert_refuses_a_second(up)
        wait_until(lambda: "worker ready" in up.log(), 30)
        up.process.send_signal(signal.SIGTERM)
        assert up.process.wait(60) == 0
        assert up.left_running() == []
        # Every line of every process, from the first to the last.
        lines = [json.loads(line) for line in up.log().splitlines()]
        assert {line["service"] for line in lines} >= {
            *("gala", "postgres", "valkey", "renderer", "api", "swagger", "worker"),
        }
        assert all(line["ts"] and line["level"] and line["msg"] for line in lines)
        assert running_url(own_folder) is None
    finally:
        up.close()


def _uploaded_before_a_kill(home: Path, photo: Path) -> str:
    """Start GALA without the internet, upload a photo, and kill GALA; return the asset's id."""
    offline = {"HF_ENDPOINT": NOTHING_LISTENS, **registry_environment(NOTHING_LISTENS)}
    first = Up(home, GALA_VOICE="auto", **offline)
    (line,) = [line for line in first.log().splitlines() if "neural voice" in line]
    assert "espeak-ng speaks instead" in line
    assert "run `gala weights pull kokoro`" in line
    asset = first.client.upload(photo)
    first.process.kill()
    first.process.wait()
    assert running_url(home) is None
    wait_until(lambda: not first.left_running(), 30)
    first.close()
    return asset.id


def _assert_found_by_its_home(up: Up, home: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "GALA_HOME": str(home)}
    done = subprocess.run(
        [*GALA, "jobs", "list", "--json"], check=True, capture_output=True, text=True, env=env
    )
    assert json.loads(done.stdout) == []
    assert done.stderr == f"GALA at {up.client.base_url} (running from {home})\n"


def _assert_refuses_a_second(up: Up) -> None:
    ports = {name: str(free_port()) for name in PORTS}
    done = subprocess.run(
        [*GALA, "up"], check=False, capture_output=True, text=True, env={**up.env, **ports}
    )
    assert done.returncode == 1
    assert "already running" in json.loads(done.stdout)["msg"]
    assert up.client.health()["status"] == "ok"


_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cf"
    "c0f01f0005000201ff9f0d5cb70000000049454e44ae426082"
)
