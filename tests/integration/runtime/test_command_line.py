"""The command line without a running GALA."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import wave
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest
from PIL import Image

from gala.cli import main, sample_media
from gala.supervisor import free_port

HEAVY = (
    *("torch", "fastapi", "sqlalchemy", "psutil", "PIL", "redis", "granian", "boto3"),
    *("gala_renderer", "gala_api", "av", "numpy", "mcp"),
)


class Command(Protocol):
    """Runs ``gala`` with the arguments, and with these environment variables only."""

    def __call__(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]: ...


def in_a_process(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gala.cli", *arguments]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", **env}
    )


@pytest.fixture
def gala(capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Return a :class:`Command` that runs within the test process, which has loaded the modules."""

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        with pytest.MonkeyPatch.context() as patch:
            for name in list(os.environ):
                patch.delenv(name)
            for name, value in {"PATH": "/usr/bin:/bin", **env}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["gala", *arguments])
            with pytest.raises(SystemExit) as ended:
                main()
        output = capsys.readouterr()
        return subprocess.CompletedProcess(
            arguments, int(ended.value.code or 0), output.out, output.err
        )

    handlers = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)}
    yield run
    for signum, handler in handlers.items():
        signal.signal(signum, handler)


def test_the_command_line_loads_no_service_no_engine_and_no_database() -> None:
    # The help of `gala` imports all commands.
    code = (
        "import sys, contextlib; from gala.cli.app import app\n"
        "with contextlib.suppress(SystemExit): app(['--help'])\n"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "gdrive-auth" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_loads_no_command_and_no_client() -> None:
    unneeded = ("gala.cli.commands", "gala.client", "httpx", "pydantic", "rich.console")
    code = (
        "import sys, contextlib; sys.argv = ['gala', '--version']; from gala.cli import main\n"
        "with contextlib.suppress(SystemExit): main()\n"
        f"print([m for m in {unneeded} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_misspelt_command_is_answered_with_the_nearest(gala: Command) -> None:
    assert "'jobs'" in gala("jbs").stderr


def test_the_version_is_the_distributions() -> None:
    done = in_a_process("--version")
    assert done.stdout.startswith("gala 0.")


@pytest.mark.parametrize("option", ["--url", "--base-url"])
def test_a_gala_that_is_not_running_is_told_with_a_hint(gala: Command, option: str) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = gala("jobs", "list", option, url)
    assert done.returncode == 1
    assert done.stderr.startswith(f"GALA at {url} (--url)\n")
    assert "does not answer" in done.stderr
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_smoke_test_without_gala_fails_and_never_says_ok(gala: Command, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = gala("smoke", "--url", url, "--out", str(tmp_path))
    assert done.returncode == 1
    assert "Smoke test OK" not in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["submit", "--param", "text"], "is not KEY=TEXT or KEY:=JSON"),
        (["submit", "--param", "text:=Hello"], "'Hello' is not JSON"),
        (["submit", "--input", "bg=/no/such/file"], "neither a file nor an asset id"),
        (["submit", "hello_render", "--template", "tpl_x"], "not both"),
        (["migrate"], "DATABASE_URL"),
        (["migrate", "--database-url", "nonsense"], "DATABASE_URL"),
    ],
)
def test_a_wrong_argument_is_named(gala: Command, arguments: list[str], message: str) -> None:
    done = gala(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_cannot_be_read_is_told_without_a_traceback(gala: Command) -> None:
    # A listening socket suffices: reading the file fails before any response is needed.
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        done = gala("assets", "upload", "/proc/self/mem", GALA_URL=url)
    assert done.returncode == 1
    assert done.stderr == f"GALA at {url} (GALA_URL)\nerror: [Errno 5] Input/output error\n"


def test_params_are_text_unless_json_is_asked_for() -> None:
    from gala.cli.rendering.options import read_param

    assert read_param("text=2026") == ("text", "2026")
    assert read_param("text=a=b:=c") == ("text", "a=b:=c")
    assert read_param("music_volume_db:=-6") == ("music_volume_db", -6)


def test_tables_never_break_what_may_be_copied(capsys: pytest.CaptureFixture[str]) -> None:
    from gala.cli.console import print_table

    print_table(("id", "name"), [("x" * 90, "[b]日本"), ("y", None)])
    assert capsys.readouterr().out == f"id{' ' * 90}name\n{'x' * 90}  [b]日本\ny\n"


def test_nothing_that_is_told_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from gala.cli.console import print_error, print_status, print_table
    from gala.errors import GalaError

    print_status("a\x1b[2Jb\u202ec")
    print_error(GalaError("d\x9be", hint="f\rg\nh"))
    print_table(("name",), [("i\x1b]0;j",)])
    told = capsys.readouterr()
    assert told.err == "a\\x1b[2Jb\\u202ec\nerror: d\\x9be\nhint:  f\\rg\nh\n"
    assert told.out == "name\ni\\x1b]0;j\n"


def test_a_wrong_setting_is_told_by_its_variable(gala: Command) -> None:
    done = gala("up", API_PORT="eighty")
    assert done.returncode == 2
    assert "API_PORT" in done.stderr


def test_up_names_the_variable_of_a_taken_port(own_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = in_a_process("up", API_PORT=str(port), GALA_HOME=str(own_folder))
    assert done.returncode == 1
    assert f"API_PORT ({port})" in done.stderr


@pytest.mark.parametrize("variable", ["DATABASE_URL", "REDIS_URL"])
def test_up_names_the_variable_of_a_server_that_does_not_answer(
    variable: str, own_folder: Path
) -> None:
    schemes = {"DATABASE_URL": "postgresql", "REDIS_URL": "redis"}
    ports = {name: str(free_port()) for name in ("API_PORT", "SWAGGER_PORT", "RENDERER_PORT")}
    url = f"{schemes[variable]}://127.0.0.1:{free_port()}/x"
    done = in_a_process("up", GALA_HOME=str(own_folder), **ports, **{variable: url})
    assert done.returncode == 1
    assert variable in done.stderr
    assert list(own_folder.iterdir()) == []


def test_up_refuses_one_port_for_two_services(gala: Command, own_folder: Path) -> None:
    port = str(free_port())
    done = gala("up", API_PORT=port, SWAGGER_PORT=port, GALA_HOME=str(own_folder))
    assert done.returncode == 2
    assert "must differ" in done.stderr


def test_up_names_the_variable_of_a_server_that_is_no_redis(own_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=_answer_as_a_web_server, args=(server,), daemon=True)
        answering.start()
        port = server.getsockname()[1]
        done = in_a_process(
            "up", GALA_HOME=str(own_folder), REDIS_URL=f"redis://127.0.0.1:{port}/0"
        )
    assert done.returncode == 1
    assert "REDIS_URL" in done.stderr
    assert "GALA is up" not in done.stdout


def _answer_as_a_web_server(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_the_sample_photo_is_a_photo(tmp_path: Path) -> None:
    sample_media.paint_photo(tmp_path / "photo.jpg", width=400, height=300)
    with Image.open(tmp_path / "photo.jpg") as photo:
        assert (photo.format, photo.size) == ("JPEG", (400, 300))
        colours = photo.getcolors(maxcolors=1 << 20)
    assert colours is not None
    assert len(colours) > 1000


def test_the_sample_song_can_be_heard_and_never_clips(tmp_path: Path) -> None:
    sample_media.play_song(tmp_path / "song.wav")
    with wave.open(str(tmp_path / "song.wav")) as song:
        assert song.getnframes() / song.getframerate() == pytest.approx(9.6)
        frames = memoryview(song.readframes(song.getnframes())).cast("h")
    assert 8_000 < max(frames) < 32_767


def test_the_contract_is_printed_without_an_environment_and_a_server(gala: Command) -> None:
    done = gala("openapi")
    assert done.stdout.startswith("openapi: 3.1.0")


def test_doctor_speaks_json_and_finds_this_machine_well(gala: Command) -> None:
    done = gala("doctor", "--json")
    findings = {f["name"]: f for f in json.loads(done.stdout)["findings"]}
    assert {"ffmpeg", "encoders", "fonts", "sandbox", "database", "redis", "storage"} <= {*findings}
    assert findings["ffmpeg"]["ok"], findings["ffmpeg"]
    assert findings["database"]["ok"], findings["database"]


def test_doctor_fails_when_the_database_does_not_answer(gala: Command) -> None:
    url = f"postgresql://127.0.0.1:{free_port()}/x"
    done = gala("doctor", "--json", DATABASE_URL=url)
    findings = {f["name"]: f for f in json.loads(done.stdout)["findings"]}
    assert done.returncode == 1
    assert not findings["database"]["ok"]
