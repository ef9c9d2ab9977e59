"""A worker continues its duties while Redis does not respond or is unavailable."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from gala.db.engine import Sessions, transaction
from gala.db.tables import Job
from gala.job import JobStatus, Lane
from gala.job_queue import lease as leases
from gala.job_queue.wakeup import connect
from gala_storage import StorageRegistry, StorageSettings
from gala_worker.attempt import WorkerResources
from gala_worker.renderer_client import Renderer
from gala_worker.rq_worker import JobSlot, LaneWorker, serve_lane
from gala_worker.settings import WorkerSettings
from tests.integration.worker.conftest import queued
from tests.platform.servers import ValkeyServer
from tests.platform.stack import Stack
from tests.support.wait import wait_until

WORKER = "worker-batch-1"


def abandoned(sessions: Sessions) -> str:
    with transaction(sessions) as session:
        job_id = queued(session).id
    with transaction(sessions) as session:
        leases.claim(session, lane=Lane.BATCH, worker="dead", lease=timedelta(0))
    return job_id


def is_queued(sessions: Sessions, job_id: str) -> bool:
    with transaction(sessions) as session:
        job = session.get(Job, job_id)
        assert job is not None
        return job.status == JobStatus.QUEUED


def test_dead_workers_are_noticed_though_redis_hangs(
    make_stack: Callable[..., Stack], sessions: Sessions, database_url: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        redis_url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        stack = make_stack(
            database_url=database_url, redis_url=redis_url, WORKER_SWEEP_SECONDS="0.2"
        )
        stack.start(WORKER)
        first = abandoned(sessions)
        wait_until(lambda: is_queued(sessions, first), 15, what="the first sweep")
        # Now a wake-up is to be sent for the due job, and Redis does not answer.
        wait_until(lambda: "did not answer" in stack.log(WORKER), 15, what="a failed wake-up")
        second = abandoned(sessions)
        wait_until(lambda: is_queued(sessions, second), 15, what="the next sweep")


@pytest.fixture
def own_signals() -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def worker_resources(sessions: Sessions, database_url: str, redis_url: str) -> WorkerResources:
    return WorkerResources(
        settings=WorkerSettings(database_url=database_url, redis_url=redis_url),
        sessions=sessions,
        storages=StorageRegistry(StorageSettings()),
        renderer=Renderer("http://127.0.0.1:9", wait_seconds=0),
        name="test",
    )


def lane_worker(slot: JobSlot, redis_url: str) -> LaneWorker:
    redis = connect(redis_url)
    queue = Queue("gala:batch", connection=redis, serializer=JSONSerializer)
    return LaneWorker(slot, [queue], name="earlier", connection=redis)


@pytest.mark.usefixtures("own_signals")
def test_a_worker_stops_in_order_while_redis_is_away(
    sessions: Sessions,
    database_url: str,
    own_valkey: ValkeyServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    redis_url = own_valkey.url()
    resources = worker_resources(sessions, database_url, redis_url)
    slot, redis = JobSlot(resources), connect(redis_url)
    earlier = lane_worker(slot, redis_url)
    signal.signal(signal.SIGTERM, earlier.request_stop)
    own_valkey.stop()

    def stop_once_redis_was_missed() -> None:
        wait_until(lambda: "Redis does not answer" in caplog.text, 10)
        os.kill(os.getpid(), signal.SIGTERM)

    operator = threading.Thread(target=stop_once_redis_was_missed)
    operator.start()
    serve_lane(resources, slot, redis)
    operator.join()
    wait_until(slot.stopping.is_set, 5)


def test_a_signal_that_interrupts_a_signal_handler_does_not_wait_for_its_lock(
    sessions: Sessions, database_url: str, redis_url: str
) -> None:
    slot = JobSlot(worker_resources(sessions, database_url, redis_url))
    slot.busy = True
    worker = lane_worker(slot, redis_url)

    def handle_signals() -> None:
        # An interrupted `Event.set` or `Event.wait` holds this lock, and cannot release it before
        # the handler returns.
        with slot.stopping._cond:
            for _ in range(5):
                worker.request_stop(signal.SIGTERM, None)

    handler = threading.Thread(target=handle_signals, daemon=True)
    handler.start()
    handler.join(10)
    assert not handler.is_alive()
    wait_until(slot.stopping.is_set, 5)


def test_no_function_that_an_entry_in_redis_names_is_called(
    sessions: Sessions, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    calls = []
    slot = JobSlot(worker_resources(sessions, database_url, redis_url))
    slot.run_next = lambda: calls.append(1)  # type: ignore[method-assign]
    worker = lane_worker(slot, redis_url)
    (queue,) = worker.queues
    called = tmp_path / "called"
    queue.enqueue_call("os.system", args=(f"touch {called}",), result_ttl=0)
    entry = queue.enqueue_call("os.mkdir", args=("/",), result_ttl=0)
    redis = worker.connection
    redis.hset(entry.key, mapping={"failure_callback_name": "os.system", "description": "x"})
    worker.work(burst=True, logging_level="CRITICAL")
    assert len(calls) == 2
    assert not called.exists()
    assert not redis.keys("rq:job:*")
    assert not redis.llen(queue.intermediate_queue_key)


def test_wake_ups_that_a_crashed_worker_left_are_removed(
    sessions: Sessions, database_url: str, redis_url: str
) -> None:
    slot = JobSlot(worker_resources(sessions, database_url, redis_url))
    worker = lane_worker(slot, redis_url)
    (queue,) = worker.queues
    entry = queue.enqueue_call("gala_worker.ring.answer", args=("job",))
    worker.connection.lmove(queue.key, queue.intermediate_queue_key)
    worker.run_maintenance_tasks()
    assert not worker.connection.exists(entry.key, queue.intermediate_queue_key)
