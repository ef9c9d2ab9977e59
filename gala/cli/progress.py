"""A progress bar for work that takes a while, and for jobs on a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gala.cli.console import err, print_status
from gala.client import GalaClient, Job, JobEvent
from gala.client.job_events import failure_of, step_of
from gala.job import JobStatus

ShowProgress: TypeAlias = Callable[[str | None, float | None], None]
"""Takes the current step and the fraction done, 0 to 1; ``None`` leaves either unchanged."""


@contextmanager
def progress_bar() -> Iterator[ShowProgress]:
    """Show a bar on standard error, if that is a terminal; remove it when the block ends."""
    columns = (
        TextColumn("{task.description:<10}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    quiet = not err().is_terminal
    with Progress(*columns, console=err(), transient=True, disable=quiet) as progress:
        bar = progress.add_task("waiting", total=1.0)
        yield lambda step, fraction: progress.update(bar, description=step, completed=fraction)


def no_progress(step: str | None, fraction: float | None) -> None:
    """Show nothing."""


def part_of(show: ShowProgress, number: int, count: int) -> ShowProgress:
    """Return a function that shows the progress of one of ``count`` equal parts of the work."""

    def show_part(step: str | None, fraction: float | None) -> None:
        show(step, None if fraction is None else (number + fraction) / count)

    return show_part


def wait_shown(client: GalaClient, job: Job, show: ShowProgress, timeout_seconds: float) -> Job:
    """Wait until a job has ended, whatever its status is then, and show its progress."""

    def on_event(event: JobEvent) -> None:
        if event.kind != "log":
            show(step_of(event), event.data.get("progress"))

    return client.wait(job.id, timeout_seconds=timeout_seconds, on_event=on_event)


def watch(client: GalaClient, job: Job) -> Job:
    """Show a job's progress until it has ended; raise its error unless it is DONE."""
    with progress_bar() as show:
        ended = client.wait(job.id, on_event=lambda event: _show(show, event))
    if ended.status is not JobStatus.DONE:
        raise failure_of(ended)
    return ended


def _show(show: ShowProgress, event: JobEvent) -> None:
    if event.kind == "log":
        print_status(str(event.data.get("msg", "")))
    else:
        show(step_of(event), event.data.get("progress"))
