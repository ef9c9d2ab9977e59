"""Watching work from the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gala.cli.console import err, say
from gala.client import GalaClient, Job, JobEvent
from gala.errors import GalaError, RenderFailed, error_of
from gala.job import JobStatus

Show: TypeAlias = Callable[[str | None, float | None], None]
"""Takes what is being done and how far it is, 0 to 1; ``None`` leaves either as it was."""


@contextmanager
def progress_bar() -> Iterator[Show]:
    """A bar on standard error, if that is a terminal; gone when the block ends."""
    columns = (
        TextColumn("{task.description:<10}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    quiet = not err().is_terminal
    with Progress(*columns, console=err(), transient=True, disable=quiet) as progress:
        bar = progress.add_task("waiting", total=1.0)
        yield lambda doing, part: progress.update(bar, description=doing, completed=part)


def watch(client: GalaClient, job: Job) -> Job:
    """Show how far a job is until it has ended. Raises why, unless it is DONE."""
    with progress_bar() as show:
        ended = client.wait(job.id, on_event=lambda event: _show(show, event))
    if ended.status is not JobStatus.DONE:
        raise failure_of(ended)
    return ended


def failure_of(job: Job) -> GalaError:
    """Why a job has ended without being DONE: what it says itself, with its own code."""
    if job.error is None:
        return RenderFailed(f"the job {job.id} is {job.status}")
    return error_of(job.error.code, job.error.message, hint=job.error.hint)


def step_of(event: JobEvent) -> str | None:
    """What is being done now, if the event tells; a line of the log does not."""
    step = event.data.get("phase") or event.data.get("status")
    return str(step).lower() if step and event.kind != "log" else None


def _show(show: Show, event: JobEvent) -> None:
    if event.kind == "log":
        say(str(event.data.get("msg", "")))
    else:
        show(step_of(event), event.data.get("progress"))
