"""``gala openapi``: the contract, as the app serves it and as the repository keeps it."""

from __future__ import annotations

import difflib
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from gala.errors import Conflict

CONTRACT = Path(__file__).parents[2] / "docs" / "openapi.yaml"


def openapi(
    write: Annotated[bool, typer.Option("--write", help="Refresh docs/openapi.yaml.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Fail if it is out of date.")] = False,
) -> None:
    """Print the contract of the HTTP API (OpenAPI 3.1)."""
    from gala_api.app import create_app  # noqa: PLC0415 - only this command needs the API
    from gala_api.openapi import as_yaml, contract  # noqa: PLC0415

    served = as_yaml(contract(create_app()))
    if write:
        CONTRACT.write_text(served, encoding="utf-8")
    elif check:
        _compare(served)
    else:
        typer.echo(served)


def _compare(served: str) -> None:
    kept = CONTRACT.read_text(encoding="utf-8") if CONTRACT.exists() else ""
    if kept == served:
        return
    difference = difflib.unified_diff(
        kept.splitlines(), served.splitlines(), "docs/openapi.yaml", "the app", lineterm="", n=1
    )
    raise Conflict(
        "docs/openapi.yaml is not what the app serves",
        hint="gala openapi --write",
        log=list(islice(difference, 40)),
    )
