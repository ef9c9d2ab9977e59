"""However a render ends, its programs and unfinished files are removed at once."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from gala.errors import ErrorCode
from gala.ids import Prefix, new_id
from gala.render_protocol import SILENCE_SECONDS, Done, Error, Progress
from tests.fakes.media_files import make
from tests.integration.renderer.service import Attempt, RendererProcess
from tests.support.wait import wait_until

MakeRenderer = Callable[..., RendererProcess]
FILM = {"type_name": "test_film", "params": {"seconds": 60}}


def gone(programs: list[psutil.Process]) -> bool:
    return not any(_lives(program) for program in programs)


def _lives(program: psutil.Process) -> bool:
    try:
        return program.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_client_that_goes_away_takes_its_render_with_it(
    renderer: RendererProcess, attempt: Attempt
) -> None:
    with renderer.rendering(attempt.request(**FILM)):
        programs = renderer.decoders()
    wait_until(lambda: gone(programs), 10)
    wait_until(lambda: attempt.left() == set(), 10)
    assert renderer.render(renderer.attempt().request(duration_ms=100)).outputs


def test_the_deadline_ends_a_render_with_its_own_error(
    renderer: RendererProcess, attempt: Attempt
) -> None:
    error = renderer.render(attempt.request(**FILM, deadline_seconds=2)).error
    assert error.code is ErrorCode.DEADLINE_EXCEEDED
    assert error.step == "filming"
    assert gone(renderer.decoders())
    assert attempt.left() == set()


def test_a_killed_renderer_takes_its_programs_with_it(make_renderer: MakeRenderer) -> None:
    renderer = make_renderer()
    with (
        contextlib.suppress(httpx.TransportError),
        renderer.rendering(renderer.attempt().request(**FILM)),
    ):
        programs = renderer.decoders()
        renderer.send(signal.SIGKILL)
        wait_until(lambda: gone(programs), 10)
    renderer.wait_ended(2)


def test_a_renderer_told_to_stop_tells_its_clients_and_leaves_nothing(
    make_renderer: MakeRenderer,
) -> None:
    renderer = make_renderer()
    attempt = renderer.attempt()
    with renderer.rendering(attempt.request(**FILM)) as events:
        programs = renderer.decoders()
        renderer.send(signal.SIGTERM)
        *_, last = events
    assert isinstance(last, Error)
    assert (last.failure.code, last.failure.retryable) == (ErrorCode.UNAVAILABLE, True)
    # The kernel may still be closing their files.
    wait_until(lambda: gone(programs), 5, what="the end of its programs")
    assert attempt.left() == set()
    assert renderer.wait_ended(5) == 0


def test_a_waiting_render_gives_signs_of_life_and_then_its_turn_comes(
    make_renderer: MakeRenderer,
) -> None:
    renderer = make_renderer(RENDERER_SLOTS="1")
    longer_than_silence = {"type_name": "test_film", "params": {"seconds": SILENCE_SECONDS * 0.8}}
    with (
        renderer.rendering(renderer.attempt().request(**longer_than_silence)) as first,
        renderer.rendering(renderer.attempt().request("test_noop")) as second,
    ):
        waited = [next(second), next(second)]
        assert all(isinstance(e, Progress) and e.step == "waiting" for e in waited)
        slots = renderer.client.get("/health?deep=true").json()["checks"]["slots"]
        assert (slots["busy"], slots["waiting"]) == (1, 1)
        assert [isinstance(list(events)[-1], Done) for events in (first, second)] == [True, True]


def test_one_attempt_is_not_rendered_twice_at_once(
    renderer: RendererProcess, attempt: Attempt
) -> None:
    request = attempt.request(**FILM)
    with renderer.rendering(request):
        answer = renderer.client.post("/render", json=request)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "CONFLICT"


def test_what_a_killed_attempt_left_behind_does_not_disturb_the_next(
    renderer: RendererProcess, attempt: Attempt
) -> None:
    for leftover in ("out/video.mp4.part", "out/other.bin.part", "tmp/text.png"):
        path = attempt.folder / leftover
        path.parent.mkdir(exist_ok=True)
        path.write_text("half")
    assert renderer.render(attempt.request(duration_ms=100)).outputs
    assert attempt.left() == {"out/video.mp4", "out/thumbnail.jpg"}


def test_too_little_room_is_told_before_anything_starts(make_renderer: MakeRenderer) -> None:
    renderer = make_renderer(RENDERER_MIN_FREE_BYTES=str(1 << 60))
    refused = renderer.client.post("/render", json=renderer.attempt().request())
    assert refused.status_code == 507
    error = refused.json()["error"]
    assert error["code"] == ErrorCode.OUT_OF_DISK
    assert error["details"]["free_bytes"] < error["details"]["needed_bytes"] == 1 << 60
    assert "DATA_ROOT" in error["details"]["hint"]
    assert renderer.client.get("/health?deep=true").json()["status"] == "degraded"
    ready = renderer.client.get("/readyz")
    assert (ready.status_code, ready.json()["disk"]["ok"]) == (200, False)


# A separate file system of one megabyte, mounted over the folder of jobs.
SMALL_DISK = (
    *("unshare", "--user", "--map-root-user", "--mount", "sh", "-c"),
    'mount -t tmpfs -o size=1m tmpfs "$JOBS" && mkdir -p "$JOBS/$JOB/1/in" && exec "$@"',
    "sh",
)


@pytest.mark.skipif(
    subprocess.run(
        [*SMALL_DISK[:-2], "mount -t tmpfs tmpfs /tmp"], check=False, capture_output=True
    ).returncode
    != 0,
    reason="no mount namespaces here",
)
def test_a_disk_that_fills_up_is_told_and_worth_another_attempt(
    make_renderer: MakeRenderer, tmp_path: Path
) -> None:
    job_id = new_id(Prefix.JOB)
    (tmp_path / "jobs").mkdir()
    environment = {"JOBS": str(tmp_path / "jobs"), "JOB": job_id, "RENDERER_MIN_FREE_BYTES": "0"}
    renderer = make_renderer(within=SMALL_DISK, **environment)
    request = renderer.attempt().request(
        "test_noop", params={"size": 8 << 20}, job_id=job_id, inputs={}
    )
    error = renderer.render(request).error
    assert (error.code, error.retryable) == (ErrorCode.OUT_OF_DISK, True)
    filled_by_ffmpeg = {"type": "hello_render", "params": {"text": "noise " * 80}}
    big = {"format": {"width": 4096, "height": 4096, "fps": 4}, "duration_ms": 1000}
    error = renderer.render(request | filled_by_ffmpeg | big).error
    assert (error.code, error.retryable) == (ErrorCode.OUT_OF_DISK, True)


def test_an_output_over_the_limit_ends_the_render(make_renderer: MakeRenderer) -> None:
    renderer = make_renderer(RENDERER_OUTPUT_BYTES=str(1 << 20))
    attempt = renderer.attempt()
    make(
        attempt.inputs / "bg.mp4",
        *("-f", "lavfi", "-i", "nullsrc=s=640x360:r=30:d=0.2,geq=random(1)*255:128:128"),
        "-crf",
        "10",
    )
    request = attempt.request(format={"width": 640, "height": 360, "fps": 30}, duration_ms=2000)
    error = renderer.render(request).error
    assert error.code is ErrorCode.RENDER_FAILED
    assert attempt.left() == set()


@pytest.mark.parametrize("program", ["/bin/false", "/etc/passwd"])
def test_an_ffmpeg_that_does_not_work_is_told(make_renderer: MakeRenderer, program: str) -> None:
    renderer = make_renderer(FFMPEG_PATH=program)
    health = renderer.client.get("/health?deep=true").json()
    assert health["status"] == "degraded"
    assert health["checks"]["ffmpeg"]["ok"] is False
    assert renderer.render(renderer.attempt().request()).error.code is ErrorCode.RENDER_FAILED
