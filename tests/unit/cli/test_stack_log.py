"""The log of all processes with ``LOG_FORMAT=json``."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from gala.cli.stack_log import JsonStackLog
from gala.errors import Unavailable


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("LOG:  database system is ready to accept connections", "info"),
        ("FATAL:  the database system is starting up", "critical"),
        ("ERROR:  relation does not exist", "error"),
        ("WARNING:  no", "warning"),
        ("864:M 28 Nov 2026 23:46:58.109 # WARNING Memory overcommit must be enabled!", "warning"),
        ("864:M 28 Nov 2026 23:46:58.110 * Configuration loaded", "info"),
        ("[ERROR] Unexpected exit from worker-1", "error"),
        ("Traceback (most recent call last):", "info"),
        ("", "info"),
        ("{", "info"),
        ("{broken", "info"),
        ("[1, 2]", "info"),
        ("{" * 100_000, "info"),
        ("\x1b[31mred\x1b[0m \u2028 end", "info"),
    ],
)
def test_any_line_becomes_one_object(
    line: str, level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    JsonStackLog()("postgres", line)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    found = json.loads(printed)
    assert (found["service"], found["process"], found["level"]) == ("postgres", "postgres", level)
    assert found["msg"] == line


def test_a_line_that_is_an_object_keeps_its_fields_and_gets_its_process(
    capsys: pytest.CaptureFixture[str],
) -> None:
    JsonStackLog()("worker-batch-2", '{"service": "worker", "msg": "é", "job_id": "job_1"}')
    assert json.loads(capsys.readouterr().out) == {
        "service": "worker",
        "msg": "é",
        "job_id": "job_1",
        "process": "worker-batch-2",
    }


def test_messages_and_failures_of_up_are_objects_too(capsys: pytest.CaptureFixture[str]) -> None:
    log = JsonStackLog()
    log.event("GALA is up", API="http://localhost:8080")
    assert log.failure(Unavailable("no server", hint="start it"))
    up, failed = map(json.loads, capsys.readouterr().out.splitlines())
    assert (up["msg"], up["API"]) == ("GALA is up", "http://localhost:8080")
    assert (failed["level"], failed["msg"], failed["hint"]) == ("critical", "no server", "start it")


_CRASH = """
import threading, warnings
from gala import log
log.configure(service="api", level="info", log_format=log.LogFormat.JSON)
warnings.warn("careful")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise RuntimeError("the end")
"""


def test_errors_that_end_a_process_or_a_thread_and_warnings_are_objects() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CRASH], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == ""
    warned, thread, end = map(json.loads, done.stdout.splitlines())
    assert "careful" in warned["msg"]
    assert "ZeroDivisionError" in thread["exception"]
    assert (end["level"], end["service"]) == ("critical", "api")
    assert end["msg"] == "uncaught error: the end"


def test_settings_that_are_wrong_are_an_object() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gala_renderer"],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LOG_FORMAT": "json", "RENDERER_PORT": "eighty"},
    )
    assert done.returncode == 1
    assert "RENDERER_PORT" in json.loads(done.stdout)["msg"]
    assert done.stderr == ""
