"""Prometheus metrics: counters of this process, and the state of the queue when scraped."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from gala.db.engine import Sessions, transaction
from gala.db.tables import Job, JobAttempt
from gala.job import ENDED, AttemptOutcome
from gala.job_queue import jobs as queue
from gala.job_queue import lease as leases
from gala.job_queue import outbox
from gala_api.jobs.change_listener import JobChangeListener


class _QueueCollector(Collector):
    def __init__(self, sessions: Sessions):
        self._sessions = sessions

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering does not query the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Query the state of the queue."""
        depth = GaugeMetricFamily("gala_queue_depth", "Jobs that are due.", labels=["lane"])
        age = GaugeMetricFamily(
            "gala_queue_oldest_age_seconds", "Waiting time of the oldest due job.", labels=["lane"]
        )
        jobs = CounterMetricFamily("gala_jobs", "Jobs that ended.", labels=["type", "outcome"])
        with transaction(self._sessions) as session:
            for lane, (waiting, oldest) in queue.depth(session).items():
                depth.add_metric([lane], waiting)
                age.add_metric([lane], oldest)
            ended = select(Job.type, Job.status, func.count()).where(Job.status.in_(ENDED))
            for name, status, number in session.execute(ended.group_by(Job.type, Job.status)):
                jobs.add_metric([name, status.lower()], number)
            crashed = session.scalars(
                select(func.count()).where(JobAttempt.outcome == AttemptOutcome.CRASHED)
            ).one()
            stale = leases.count_of(session, leases.STALE_WRITES)
            lag = outbox.lag(session)
        yield from (depth, age, jobs)
        yield GaugeMetricFamily(
            "gala_outbox_lag_seconds", "Delay of the oldest due notification.", value=lag
        )
        yield CounterMetricFamily("gala_leases_expired", "Leases that expired.", value=crashed)
        yield CounterMetricFamily(
            "gala_stale_writes_rejected", "Writes rejected because the lease was lost.", value=stale
        )


class Metrics:
    """The metrics registry of the API."""

    def __init__(
        self, sessions: Sessions, change_listener: JobChangeListener, *collectors: Collector
    ):
        self.registry = CollectorRegistry()
        self.registry.register(_QueueCollector(sessions))
        for collector in collectors:
            self.registry.register(collector)
        self.wakeup_failed = Counter(
            "gala_wakeup_failed", "Wake-ups that Redis did not accept.", registry=self.registry
        )

        waiting = Gauge(
            "gala_waiting_clients", "Clients that wait for a job.", registry=self.registry
        )
        waiting.set_function(lambda: change_listener.waiting)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
