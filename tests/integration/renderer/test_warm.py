"""Model workers: loaded once, one request at a time, replaced when they die, ended on close."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from gala.errors import EngineMissing, InvalidRequest
from gala_renderer.model_workers import pool as warm
from gala_renderer.model_workers.pool import ProcessLost, WorkerPool
from gala_renderer.sandbox.program_end import ProgramKilled
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox

pytestmark = pytest.mark.anyio
ECHO = "tests.support.echo_model_worker"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def pool(options: Mapping[str, Any] | None = None, **more: Any) -> AsyncIterator[WorkerPool]:
    workers = WorkerPool(Sandbox(ProcessLimits()), ECHO, options or {}, **more)
    try:
        yield workers
    finally:
        await workers.close()


async def true_soon(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - about other processes
            await asyncio.sleep(0.01)


async def test_nothing_starts_before_the_first_request_and_then_it_stays() -> None:
    async with pool({"device": "cpu"}) as workers:
        assert workers.status.up == 0
        first = await workers.request({"say": "¡hola!"})
        second = await workers.request({"say": "again"})
        assert first["said"] == "¡hola!"
        assert first["pid"] == second["pid"]
        assert (workers.status.up, workers.status.started) == (1, 1)
        assert workers.status.about == {"device": "cpu"}
    assert not psutil.pid_exists(first["pid"])


@pytest.mark.parametrize("most", [1, 2])
async def test_ten_requests_at_once_never_exceed_the_pool(most: int) -> None:
    async with pool(max_workers=most) as workers:
        answers = await asyncio.gather(
            *(workers.request({"steps": 50, "say": n}) for n in range(10))
        )
        assert [answer["said"] for answer in answers] == list(range(10))
        assert len({answer["pid"] for answer in answers}) <= most
        assert workers.status.started <= most


async def test_events_come_in_order_before_the_answer() -> None:
    seen: list[int] = []
    async with pool() as workers:
        await workers.request({"steps": 5}, on_event=lambda event: seen.append(event["step"]))
    assert seen == [0, 1, 2, 3, 4]


async def test_errors_come_back_as_what_they_were_and_the_process_stays() -> None:
    async with pool() as workers:
        with pytest.raises(InvalidRequest, match="no such voice") as caught:
            await workers.request({"fail": "no such voice"})
        assert caught.value.details == {"field": "params.voice"}
        await workers.request({})
        assert workers.status.started == 1


async def test_a_process_that_dies_fails_its_request_and_another_one_takes_over() -> None:
    async with pool() as workers:
        before = await workers.request({})
        with pytest.raises(ProcessLost) as caught:
            await workers.request({"die": True})
        assert caught.value.retryable
        after = await workers.request({"say": 1})
        assert after["said"] == 1
        assert after["pid"] != before["pid"]


async def test_a_process_killed_at_work_fails_its_request_which_may_be_repeated() -> None:
    async with pool() as workers:
        before = await workers.request({})

        def kill(_: object) -> None:
            with suppress(ProcessLookupError):
                os.kill(before["pid"], 9)

        with pytest.raises(ProgramKilled) as caught:
            await workers.request({"until": "killed"}, on_event=kill)
        assert caught.value.retryable
        assert (await workers.request({}))["pid"] != before["pid"]


async def test_a_process_killed_while_idle_is_replaced_without_a_word() -> None:
    async with pool() as workers:
        before = await workers.request({})
        os.kill(before["pid"], 9)
        await true_soon(lambda: workers.status.up == 0)
        assert (await workers.request({}))["pid"] != before["pid"]


async def test_a_cancelled_request_stops_and_its_process_stays_warm() -> None:
    async with pool() as workers:
        began = asyncio.Event()
        request = asyncio.create_task(
            workers.request({"until": "cancelled"}, on_event=lambda _: began.set())
        )
        await began.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert workers.status.busy == 0
        assert (await workers.request({"steps": 1, "say": "next"}))["said"] == "next"
        assert workers.status.started == 1


async def test_a_process_is_free_only_without_the_files_of_a_cancelled_request(
    tmp_path: Path,
) -> None:
    sample = tmp_path / "sample.txt"
    sample.write_text("heard")
    began = asyncio.Event()
    async with pool(max_workers=2) as workers:
        pid = (await workers.request({"say": "where?"}))["pid"]
        copied = Path(psutil.Process(pid).cwd()) / "given.txt"
        request = asyncio.create_task(
            workers.request(
                {"until": "cancelled"}, on_event=lambda _: began.set(), reads={"given": sample}
            )
        )
        await began.wait()
        assert copied.exists()
        request.cancel()
        while workers.status.busy:  # noqa: ASYNC110 - at each step of the loop
            await asyncio.sleep(0)
        # Another request would copy its own file of that name now.
        assert not copied.exists()


async def test_one_that_does_not_listen_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "_CANCEL_SECONDS", 0.2)
    async with pool() as workers:
        pid = (await workers.request({}))["pid"]
        began = tmp_path / "began"
        request = asyncio.create_task(workers.request({"stuck": str(began)}))
        await true_soon(began.exists)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert not psutil.pid_exists(pid)
        assert (await workers.request({}))["pid"] != pid


async def test_a_request_cancelled_before_it_is_sent_leaves_its_process_warm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "_CANCEL_SECONDS", 0.2)
    sample = tmp_path / "sample.wav"
    os.mkfifo(sample)
    writers: list[int] = []

    def is_read() -> bool:
        # A pipe can be opened like this only while somebody reads it.
        with suppress(OSError):
            writers.append(os.open(sample, os.O_WRONLY | os.O_NONBLOCK))
        return bool(writers)

    async with pool() as workers:
        first = await workers.request({"say": "warm"})
        request = asyncio.create_task(workers.request({}, reads={"sample": sample}))
        await true_soon(is_read)
        request.cancel()
        await asyncio.sleep(0)
        os.close(writers[0])
        with pytest.raises(asyncio.CancelledError):
            await request
        again = await workers.request({"say": "again"})
        assert again["pid"] == first["pid"]
        assert workers.status.started == 1


async def test_a_request_that_waits_its_turn_can_be_cancelled() -> None:
    async with pool() as workers:
        began = asyncio.Event()
        first = asyncio.create_task(workers.request({"until": 1}, on_event=lambda _: began.set()))
        await began.wait()
        second = asyncio.create_task(workers.request({}))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert workers.status.busy == 1
        first.cancel()
        await asyncio.wait({first})


async def test_without_requests_it_ends_and_leaves_no_folder() -> None:
    async with pool(idle_seconds=0.05) as workers:
        pid = (await workers.request({}))["pid"]
        await true_soon(lambda: not psutil.pid_exists(pid))
        await true_soon(lambda: workers.status.up == 0)
        assert (await workers.request({}))["pid"] != pid


async def test_what_keeps_a_model_from_loading_is_told_each_time() -> None:
    async with pool({"refuse": "no weights"}) as workers:
        for _ in range(2):
            with pytest.raises(InvalidRequest, match="no weights"):
                await workers.request({})
        assert workers.status.up == 0
    async with pool({"package": "there_is_no_such_package"}) as workers:
        with pytest.raises(EngineMissing, match="there_is_no_such_package"):
            await workers.request({})


async def test_what_a_library_prints_does_not_disturb() -> None:
    async with pool({"noise": "WARNING: defaulting to…"}) as workers:
        assert (await workers.request({"say": 3}))["said"] == 3


async def test_long_answers_pass() -> None:
    async with pool() as workers:
        long = "x" * 3_000_000
        assert (await workers.request({"say": long}))["said"] == long


async def test_its_environment_is_clean_and_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDRIVE_REFRESH_TOKEN", "secret")
    async with pool(environment={"OMP_NUM_THREADS": "1"}) as workers:
        pid = (await workers.request({}))["pid"]
        seen = psutil.Process(pid).environ()
        assert "GDRIVE_REFRESH_TOKEN" not in seen
        assert (seen["HF_HUB_OFFLINE"], seen["OMP_NUM_THREADS"]) == ("1", "1")
