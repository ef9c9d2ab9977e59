"""``gala openapi``: prints, writes and checks the OpenAPI document."""

from __future__ import annotations

from typing import Annotated

import typer

from gala.cli import generated_docs


def openapi(
    write: Annotated[bool, typer.Option("--write", help="Write docs/openapi.yaml.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Fail if docs/openapi.yaml is out of date.")
    ] = False,
) -> None:
    """Print the OpenAPI 3.1 document of the HTTP API."""
    from gala_api.app import create_app  # noqa: PLC0415 - only this command needs the API
    from gala_api.openapi.document import contract  # noqa: PLC0415
    from gala_api.openapi.yaml_format import as_yaml  # noqa: PLC0415

    served = as_yaml(contract(create_app()))
    generated_docs.output_page(
        "openapi.yaml", served, write=write, check=check, refresh="gala openapi --write"
    )
