"""``gala migrate`` and ``gala gdrive-auth``: one-time tasks of an operator."""

from __future__ import annotations

from typing import Annotated

import typer

from gala.cli.console import print_status
from gala.errors import Forbidden, InvalidRequest, Unavailable


def migrate(
    database_url: Annotated[
        str | None, typer.Option(envvar="DATABASE_URL", help="postgresql://…")
    ] = None,
    revision: Annotated[str, typer.Option(help="The target revision.")] = "head",
) -> None:
    """Migrate a database to the newest schema. (The services do this when they start.)"""
    if not database_url:
        raise InvalidRequest("DATABASE_URL is not set", hint="set it to the database to migrate")
    from sqlalchemy.exc import ArgumentError, DBAPIError  # noqa: PLC0415 - not every installation has it

    from gala.db.migrate import upgrade  # noqa: PLC0415

    try:
        upgrade(database_url, revision)
    except ArgumentError as error:
        raise InvalidRequest("DATABASE_URL is not a URL like postgresql://…") from error
    except DBAPIError as error:
        raise Unavailable(f"the database returned an error: {error.orig}") from error
    print_status(f"the database is at {revision}")


def gdrive_auth(
    client_id: Annotated[str, typer.Option(envvar="GDRIVE_CLIENT_ID", prompt=True)],
    client_secret: Annotated[
        str, typer.Option(envvar="GDRIVE_CLIENT_SECRET", prompt=True, hide_input=True)
    ],
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    port: Annotated[int, typer.Option(help="Local port for the redirect; 0: any free port.")] = 0,
) -> None:
    """Authorize GALA to store files in your Google Drive, and print the refresh token."""
    from gala_storage import StorageError  # noqa: PLC0415 - only this command needs it
    from gala_storage.providers.gdrive.authorize import authorize  # noqa: PLC0415

    try:
        token = authorize(client_id, client_secret, open_browser=browser, port=port)
    except StorageError as error:
        raise Forbidden(str(error)) from error
    typer.echo(f"GDRIVE_REFRESH_TOKEN={token}")
