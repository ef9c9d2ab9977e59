"""Alias for wake-ups enqueued by the previous release; remove it in the next one."""

from gala_worker.rq_worker import run_next_job as answer

__all__ = ["answer"]
