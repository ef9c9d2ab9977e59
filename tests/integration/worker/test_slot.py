"""A worker continues its duties while Redis does not respond or is unavailable."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

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


@pytest.mark.usefixtures("own_signals")
def test_a_worker_stops_in_order_while_redis_is_away(
    sessions: Sessions,
    database_url: str,
    own_valkey: ValkeyServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    redis_url = own_valkey.url()
    resources = WorkerResources(
        settings=WorkerSettings(database_url=database_url, redis_url=redis_url),
        sessions=sessions,
        storages=StorageRegistry(StorageSettings()),
        renderer=Renderer("http://127.0.0.1:9", wait_seconds=0),
        name="test",
    )
    slot, redis = JobSlot(resources), connect(redis_url)
    queue = Queue("gala:batch", connection=redis, serializer=JSONSerializer)
    earlier = LaneWorker(slot, [queue], name="earlier", connection=redis)
    signal.signal(signal.SIGTERM, earlier.request_stop)
    own_valkey.stop()

    def stop_once_redis_was_missed() -> None:
        wait_until(lambda: "Redis does not answer" in caplog.text, 10)
        os.kill(os.getpid(), signal.SIGTERM)

    operator = threading.Thread(target=stop_once_redis_was_missed)
    operator.start()
    serve_lane(resources, slot, redis)
    operator.join()
    assert slot.stopping.is_set()
