"""``gala openapi``: the contract, as the app serves it and as the repository keeps it."""

from __future__ import annotations

from typing import Annotated

import typer

from gala.cli import generated_docs


def openapi(
    write: Annotated[bool, typer.Option("--write", help="Refresh docs/openapi.yaml.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Fail if it is out of date.")] = False,
) -> None:
    """Print the contract of the HTTP API (OpenAPI 3.1)."""
    from gala_api.app import create_app  # noqa: PLC0415 - only this command needs the API
    from gala_api.openapi.document import as_yaml, contract  # noqa: PLC0415

    served = as_yaml(contract(create_app()))
    generated_docs.offer(
        "openapi.yaml", served, write=write, check=check, refresh="gala openapi --write"
    )
