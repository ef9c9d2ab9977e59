"""The engine in a Python program: files, progress, cancellation, threads and event loops."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gala.engine import MediaOrder, local_engine
from gala.errors import EngineMissing, InvalidRequest, UnprocessableMedia
from gala.installation import install_hint
from gala.media import Format
from gala.render_protocol import Output, Progress
from gala_renderer import in_process
from gala_renderer.in_process.workspace import deliver
from tests.support.wait import wait_until

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def jobs(installed: Path) -> Path:
    """The folder of running work."""
    return installed / "local" / "jobs"


def speech(text: str, target: Path) -> MediaOrder:
    params = {"text": text, "engine": "espeak"}
    return MediaOrder(type="tts", params=params, outputs={"audio": target}, read=("words",))


def long_work(target: Path) -> MediaOrder:
    """An order that takes minutes."""
    return MediaOrder(
        type="hello_render",
        params={"text": "Long"},
        outputs={"video": target},
        format=Format(width=1280, height=720, fps=60),
        duration_ms=60 * 60 * 1000,
    )


def test_it_is_found_without_importing_it_and_made_once() -> None:
    assert local_engine() is in_process.engine()


def test_outputs_go_where_they_are_wanted_and_nothing_else_stays(
    jobs: Path, tmp_path: Path
) -> None:
    told: list[Progress] = []
    threads = set()

    def on_progress(news: Progress) -> None:
        told.append(news)
        threads.add(threading.current_thread())

    target = tmp_path / "new" / "a.wav"
    made = in_process.engine().make(speech("Hello there.", target), on_progress)

    assert made.files["audio"].path == target
    assert made.files["audio"].size == target.stat().st_size
    assert [word["text"] for word in json.loads(made.texts["words"])] == ["Hello", "there."]
    fractions = [news.fraction for news in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert threads == {threading.current_thread()}
    assert list(target.parent.iterdir()) == [target]
    assert list(jobs.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_a_confined_program_wrote_belongs_to_whoever_asked(tmp_path: Path) -> None:
    made = tmp_path / "out" / "a.mp3"
    made.parent.mkdir()
    made.write_bytes(b"sound")
    os.chown(made, 12345, 12345)
    output = Output(role="audio", path="out/a.mp3", mime="audio/mpeg", size=5, sha256="0" * 64)
    deliver(output, tmp_path, tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").stat().st_uid == os.geteuid()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files of others")
def test_a_file_that_is_read_stays_its_owners(
    samples: Callable[[str], Path], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.wav"
    shutil.copyfile(samples("voice"), mine)
    os.chown(mine, 12345, 12345)
    in_process.engine().make(MediaOrder(type="probe", inputs={"media": mine}, read=("info",)))
    assert mine.stat().st_uid == 12345


def test_a_repeat_is_answered_from_the_cache_with_files_of_its_own(tmp_path: Path) -> None:
    first, second = tmp_path / "1.wav", tmp_path / "2.wav"
    in_process.engine().make(speech("Once more, please.", first))
    before = first.read_bytes()
    first.write_bytes(b"changed by its owner")
    in_process.engine().make(speech("Once more, please.", second))
    assert second.read_bytes() == before
    assert first.stat().st_ino != second.stat().st_ino


def test_what_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    engine = in_process.engine()
    for order, field in (
        (MediaOrder(type="nothing"), "type"),
        (MediaOrder(type="tts", outputs={"vidoe": tmp_path}), "outputs.vidoe"),
        (MediaOrder(type="tts", params={"text": "x", "sped": 1}), "params.sped"),
        (MediaOrder(type="probe", inputs={"media": tmp_path / "no.mp4"}), "media"),
        (MediaOrder(type="probe", inputs={"media": tmp_path}), "media"),
    ):
        with pytest.raises(InvalidRequest) as refused:
            engine.make(order)
        assert str(refused.value.details["field"]).startswith(field)


def test_a_damaged_file_fails_as_on_a_server(tmp_path: Path, jobs: Path) -> None:
    damaged = tmp_path / "a.mp4"
    damaged.write_bytes(os.urandom(4000))
    with pytest.raises(UnprocessableMedia):
        in_process.engine().make(MediaOrder(type="probe", inputs={"media": damaged}))
    assert list(jobs.iterdir()) == []


def test_an_engine_that_is_missing_names_what_to_install(tmp_path: Path) -> None:
    order = MediaOrder(type="tts", params={"text": "x", "engine": "openai"})
    with pytest.raises(EngineMissing, match="SPEECH_OPENAI_URL"):
        in_process.engine().make(order)
    assert "SPEECH_OPENAI_URL" in str(in_process.engine().lacks("openai"))
    assert in_process.engine().lacks("kokoro") is None
    assert in_process.engine().lacks("whisper") is None


def test_a_callers_error_ends_the_work(jobs: Path, tmp_path: Path) -> None:
    def on_progress(news: Progress) -> None:
        if news.step not in {None, "waiting", "preparing"}:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_process.engine().make(long_work(tmp_path / "a.mp4"), on_progress)
    assert list(jobs.iterdir()) == []
    assert list(tmp_path.iterdir()) == []
    assert in_process.engine().make(speech("It still works.", tmp_path / "a.wav")).files


async def test_a_cancelled_task_ends_the_work(jobs: Path, tmp_path: Path) -> None:
    begun = asyncio.Event()

    def on_progress(news: Progress) -> None:
        if news.step not in {None, "waiting", "preparing"}:
            begun.set()

    order = long_work(tmp_path / "a.mp4")
    task = asyncio.create_task(in_process.engine().make_async(order, on_progress))
    async with asyncio.timeout(60):
        await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert os.listdir(jobs) == []  # noqa: PTH208


async def test_many_at_once_and_from_a_running_loop(tmp_path: Path) -> None:
    engine = in_process.engine()
    # The blocking method also works while an event loop runs in this thread.
    engine.make(speech("In a running loop.", tmp_path / "sync.wav"))
    orders = [speech(f"Number {number}.", tmp_path / f"{number}.wav") for number in range(6)]
    made = await asyncio.gather(*map(engine.make_async, orders))
    assert [json.loads(one.texts["words"])[0]["text"] for one in made] == ["Number"] * 6
    assert await asyncio.to_thread(engine.make, speech("Thread.", tmp_path / "thread.wav"))


def run(program: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "GALA_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


PROGRAM = """
import os
from pathlib import Path
from gala_renderer import in_process
from gala_renderer.in_process.workspace import deliver
from gala.engine import MediaOrder
order = MediaOrder(type="tts", params={"text": "Hello", "engine": "espeak"},
                   outputs={"audio": Path(os.environ["TARGET"])})
"""


def test_a_program_ends_by_itself_and_leaves_no_process(
    installed: Path, samples: Callable[[str], Path]
) -> None:
    program = PROGRAM + (
        "voice = Path(os.environ['TARGET'])\n"
        "in_process.engine().make(MediaOrder(type='transcribe', inputs={'audio': voice}))\n"
        "print(in_process.engine().engine.services.whisper.status.up)\n"
        "import psutil; print(*[child.pid for child in psutil.Process().children(True)])\n"
    )
    done = run(program, installed, TARGET=str(samples("voice")))
    assert done.returncode == 0, done.stderr
    up, pids = done.stdout.splitlines()
    assert up == "1"
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids.split()))


def test_a_child_of_a_fork_has_an_engine_of_its_own(tmp_path: Path, installed: Path) -> None:
    program = PROGRAM + (
        "in_process.engine().make(order)\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    in_process.engine().make(order); os._exit(7)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    done = run(program, installed, TARGET=str(tmp_path / "a.wav"))
    assert done.stdout.strip() == "7", done.stderr


def test_a_home_that_is_no_folder_is_no_obstacle(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("")
    program = PROGRAM + (
        "made = in_process.engine().make(order)\n"
        "print(in_process.engine().engine.settings.data_root)\n"
    )
    done = run(program, occupied, TARGET=str(tmp_path / "a.wav"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.wav").is_file()
    assert not Path(done.stdout.strip()).exists()


MISSING = """
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name in {"av", "uharfbuzz"} else found(name)
import asyncio
from gala import MediaService
from gala.errors import EngineMissing
from gala_renderer import KokoroTTS
async def main():
    async with MediaService(execution_mode="local") as media:
        print(await media.health_check())
        await media.generate_tts("Hello")
for work in (lambda: asyncio.run(main()), lambda: KokoroTTS().generate("Hello", "a.wav")):
    try:
        work()
    except EngineMissing as error:
        print(error)
"""


def test_without_the_engines_packages_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    done = run(MISSING, tmp_path)
    sentence = (
        "The media engine is not installed here (av, uharfbuzz missing): "
        f"{install_hint('renderer')}."
    )
    assert done.stdout.splitlines() == ["False", sentence, sentence], done.stderr
