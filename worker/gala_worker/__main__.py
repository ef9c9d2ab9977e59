"""The composition root of a worker process: ``python -m gala_worker``."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys

from gala.installation import importing

with importing("worker"):
    from gala.db.engine import Sessions, make_engine, make_sessions
    from gala.db.migrate import upgrade_schema
    from gala.job_queue import wakeup
    from gala.net.ssrf_guard import Guard
    from gala.service_main import start
    from gala.settings import refuse_overlap
    from gala.signing import Keyring
    from gala_storage import StorageError, StorageRegistry, StorageSettings
    from gala_worker.attempt import WorkerResources
    from gala_worker.http_fetch.post import Poster
    from gala_worker.renderer_client import Renderer
    from gala_worker.rq_worker import JobSlot, serve_lane
    from gala_worker.settings import WorkerSettings
    from gala_worker.sweeper import Sweeper
    from gala_worker.webhooks import Links, Notifier

logger = logging.getLogger("gala_worker")


def run(settings: WorkerSettings, storage_settings: StorageSettings) -> None:
    """Create the worker's objects and run jobs until a stop is requested."""
    refuse_overlap(settings.data_root, storage_settings.storage_local_root)
    upgrade_schema(str(settings.database_url))
    sessions = make_sessions(make_engine(settings.database_url, name="gala-worker"))
    storages = StorageRegistry(storage_settings)
    # Unique for every start: a restarted container may have the same host name and pid again, and
    # for minutes after a kill RQ rejects the name of a worker that it believes to be alive.
    name = f"{socket.gethostname()}-{os.getpid()}-{settings.worker_lane}-{secrets.token_hex(3)}"
    renderer = Renderer(
        settings.renderer_http_baseurl, wait_seconds=settings.worker_renderer_wait_seconds
    )
    resources = WorkerResources(
        settings=settings,
        sessions=sessions,
        storages=storages,
        renderer=renderer,
        name=name,
        local_storage=storage_settings.local_root,
    )
    # Separate connections: RQ sets a time-out of a minute on those that it listens on, and the
    # sweeper must not wait that long for a Redis that does not respond.
    redis_url = str(settings.redis_url)
    wakeups = wakeup.Wakeup(wakeup.connect(redis_url), settings.job_queue_name)
    sweeper = Sweeper(settings, sessions, wakeups, storages)
    sweeper.start()
    notifier = _notifier(settings, sessions)
    notifier.start()
    logger.info("worker ready name=%s lane=%s", name, settings.worker_lane)
    try:
        slot = JobSlot(resources, on_attempt_end=notifier.wake)
        serve_lane(resources, slot, wakeup.connect(redis_url))
    finally:
        sweeper.stop()
        notifier.stop()
        renderer.close()


def _notifier(settings: WorkerSettings, sessions: Sessions) -> Notifier:
    key = settings.gala_secret_key
    links = Links(settings.base_url, settings.process_link_seconds)
    poster = Poster(Guard(settings.fetch_allowed_hosts))
    return Notifier(sessions, None if key is None else Keyring(key), links, poster.post)


def main() -> int:
    """Run a worker with the settings of the environment; return the exit status."""

    def read() -> tuple[WorkerSettings, StorageSettings]:
        return WorkerSettings(), StorageSettings()

    return start("worker", read, run, refusals=(StorageError,))


if __name__ == "__main__":
    sys.exit(main())
