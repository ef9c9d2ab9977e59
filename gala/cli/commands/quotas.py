"""``gala quotas``: limits of owners, and their usage."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from gala.cli.api_connection import connect
from gala.cli.console import AsJson, Server, print_json, print_table
from gala.client import Limits, Quota
from gala.errors import InvalidRequest

app = typer.Typer(help="List, show and set quotas.", no_args_is_help=True)


class _Limit(StrEnum):
    """The limits as options of the command line."""

    JOBS_AT_ONCE = "jobs-at-once"
    JOBS_PER_DAY = "jobs-per-day"
    MINUTES_PER_DAY = "minutes-per-day"
    BYTES_STORED = "bytes-stored"

    @property
    def field(self) -> str:
        """Return its name in the API."""
        return self.replace("-", "_")


_Maximum = Annotated[int | None, typer.Option(min=0)]


@app.command("list")
def list_(server: Server = None, as_json: AsJson = False) -> None:
    """List owners that have limits of their own."""
    with connect(server) as client:
        found = client.quotas()
    if as_json:
        print_json(found)
        return
    rows = ((one.owner_id, *(_formatted(one, limit) for limit in _Limit)) for one in found)
    print_table(("owner", *_Limit), rows)


@app.command()
def show(
    owner: Annotated[str | None, typer.Argument(help="The owner. Default: you.")] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Show an owner's limits and usage."""
    with connect(server) as client:
        _print(client.quota(owner), as_json=as_json)


@app.command("set")
def set_(
    owner: Annotated[str, typer.Argument(help="The owner.")],
    *,
    jobs_at_once: _Maximum = None,
    jobs_per_day: _Maximum = None,
    minutes_per_day: _Maximum = None,
    bytes_stored: _Maximum = None,
    unset: Annotated[
        list[_Limit] | None,
        typer.Option(help="Reset this limit to the server's default; may be repeated."),
    ] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Set limits of an owner; limits that are not named do not change."""
    limits = {
        "jobs_at_once": jobs_at_once,
        "jobs_per_day": jobs_per_day,
        "minutes_per_day": minutes_per_day,
        "bytes_stored": bytes_stored,
    }
    change: dict[str, int | None] = {k: value for k, value in limits.items() if value is not None}
    change |= dict.fromkeys(limit.field for limit in unset or ())
    if not change:
        raise InvalidRequest("nothing to set", hint="give a limit, e.g. --jobs-at-once 20")
    with connect(server) as client:
        own: Limits = client.quota(owner).own.model_copy(update=change)
        _print(client.set_quota(owner, own), as_json=as_json)


def _print(quota: Quota, *, as_json: bool) -> None:
    if as_json:
        print_json(quota)
        return
    used = quota.usage.model_dump() if quota.usage else {}
    rows = ((limit, used.get(limit.field), _formatted(quota, limit)) for limit in _Limit)
    print_table((quota.owner_id, "used", "limit"), rows)


def _formatted(quota: Quota, limit: _Limit) -> str:
    """Return the effective limit; a default of the server is marked."""
    value: int | None = getattr(quota.limits, limit.field)
    text = "unlimited" if value is None else str(value)
    return text if getattr(quota.own, limit.field) is not None else f"{text} (default)"
