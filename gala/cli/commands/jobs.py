"""``gala jobs``: list, show, cancel and retry jobs."""

from __future__ import annotations

from typing import Annotated

import typer

from gala.cli.api_connection import connect
from gala.cli.console import AsJson, Server, print_json, print_table
from gala.client import Job
from gala.job import JobStatus

app = typer.Typer(help="List, show, cancel and retry jobs.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="job_…")]


@app.command("list")
def list_(
    status: Annotated[JobStatus | None, typer.Option(help="Only jobs with this status.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """List the latest jobs, newest first."""
    with connect(server) as client:
        found = client.jobs(status=status, limit=limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("job", "status", "progress", "type", "name", "created"),
        ((j.id, j.status, f"{j.progress:.0%}", j.type, j.name, j.created_at) for j in found),
    )


@app.command()
def show(job_id: JobId, server: Server = None, as_json: AsJson = False) -> None:
    """Show all details of a job."""
    with connect(server) as client:
        _print(client.job(job_id), as_json=as_json)


@app.command()
def cancel(job_id: JobId, server: Server = None, as_json: AsJson = False) -> None:
    """Cancel a job; a running job ends when its processes have ended."""
    with connect(server) as client:
        _print(client.cancel(job_id), as_json=as_json)


@app.command()
def retry(job_id: JobId, server: Server = None, as_json: AsJson = False) -> None:
    """Queue a failed job again."""
    with connect(server) as client:
        _print(client.retry(job_id), as_json=as_json)


@app.command()
def logs(
    job_id: JobId,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Print new lines until the job has ended.")
    ] = False,
    server: Server = None,
) -> None:
    """Print a job's log; with --follow also its status changes, until it has ended."""
    with connect(server) as client:
        if not follow:
            for line in client.job(job_id).logs:
                typer.echo(f"{line.ts:%T} {line.level:<7} {line.msg}")
            return
        for event in client.events(job_id):
            if event.kind == "log":
                typer.echo(f"{event.data.get('level', ''):<7} {event.data.get('msg', '')}")
            elif event.kind == "status":
                typer.echo(f"status  {event.data.get('status', '')}")


def status_of(job: Job) -> str:
    """Return the status of a job in words."""
    ending = ", is being cancelled" if job.cancel_requested and not job.ended else ""
    return f"{job.status} ({job.phase}, {job.progress:.0%}{ending})"


def _print(job: Job, *, as_json: bool) -> None:
    if as_json:
        print_json(job)
        return
    rows: list[tuple[str, object]] = [
        ("id", job.id),
        ("name", job.name),
        ("type", job.type),
        ("status", status_of(job)),
        ("waits", job.waiting_reason),
        ("attempt", job.attempt),
        ("created", job.created_at),
        ("started", job.started_at),
        ("finished", job.finished_at),
    ]
    if job.error:
        rows.append(("error", f"{job.error.code} at {job.error.step}: {job.error.message}"))
        rows.append(("hint", job.error.hint))
    for output in job.outputs:
        rows += [(role, asset_id) for role, asset_id in output.asset_ids.items()]
    print_table(("", ""), (row for row in rows if row[1] is not None))
