"""Watching a job from the command line."""

from __future__ import annotations

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from gala.cli.console import err, say
from gala.client import GalaClient, Job, JobEvent
from gala.errors import RenderFailed
from gala.job import JobStatus


def watch(client: GalaClient, job: Job) -> Job:
    """Show how far a job is until it has ended. Raises RenderFailed unless it is DONE."""
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    quiet = not err().is_terminal
    with Progress(*columns, console=err(), transient=True, disable=quiet) as progress:
        bar = progress.add_task("waiting", total=1.0)
        ended = client.wait(job.id, on_event=lambda event: _show(progress, bar, event))
    if ended.status is not JobStatus.DONE:
        error = ended.error
        raise RenderFailed(
            f"the job {ended.id} is {ended.status}" + (f": {error.message}" if error else ""),
            hint=error.hint if error else None,
        )
    return ended


def _show(progress: Progress, bar: TaskID, event: JobEvent) -> None:
    if event.kind == "log":
        say(str(event.data.get("msg", "")))
    else:
        phase = event.data.get("phase") or event.data.get("status")
        fraction = event.data.get("progress")
        progress.update(bar, description=str(phase).lower() if phase else None, completed=fraction)
