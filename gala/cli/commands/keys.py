"""``gala keys``: manages API keys in the database directly, so that a first key can be created."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gala.cli.console import AsJson, print_json, print_status, print_table
from gala.cli.settings import KeyringSettings, read_settings
from gala.errors import InvalidRequest, NotFound, Unavailable
from gala.ids import LOCAL_OWNER, Prefix, is_id
from gala.permissions import Permission, Role
from gala.settings import default_home
from gala.signing import Keyring

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from gala.db.tables import ApiKey

app = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What the key is used for.")],
    role: Annotated[Role, typer.Option(help="The role of the key.")] = Role.EDITOR,
    owner: Annotated[
        str, typer.Option(help="The owner whose resources it gives access to.")
    ] = LOCAL_OWNER,
    scope: Annotated[
        list[Permission] | None,
        typer.Option(help="Limit the key to this permission of its role; may be repeated."),
    ] = None,
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days until the key expires.")
    ] = None,
) -> None:
    """Create a key and print it. Only a digest is stored: the key cannot be shown again."""
    from gala.db import api_keys  # noqa: PLC0415 - not every installation has it

    days = None if expires_days is None else timedelta(days=expires_days)
    grant = api_keys.Grant(owner_id=owner, role=role, scopes=frozenset(scope) if scope else None)
    with _database() as (session, keyring):
        row, token = api_keys.create(
            session,
            keyring,
            grant,
            name=name,
            expires_at=None if days is None else datetime.now(UTC) + days,
        )
    print_status(f"{row.id}: {row.role} of {row.owner_id}; the key cannot be shown again")
    typer.echo(token.get_secret_value())


@app.command("list")
def list_(
    owner: Annotated[str | None, typer.Option(help="Only keys of this owner.")] = None,
    as_json: AsJson = False,
) -> None:
    """List all keys, newest first, also revoked ones; never the secret part."""
    from gala.db import api_keys  # noqa: PLC0415 - not every installation has it

    with _database() as (session, _):
        found = [_described(row) for row in api_keys.every(session, owner)]
    if as_json:
        print_json({"keys": found})
        return
    columns = ("key", "owner", "name", "role", "scopes", "expires", "last used", "revoked")
    rows = ({**one, "scopes": " ".join(one["scopes"] or ())} for one in found)
    print_table(columns, (tuple(row.values()) for row in rows))


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="key_…")]) -> None:
    """Revoke a key immediately."""
    from gala.db import api_keys  # noqa: PLC0415 - not every installation has it

    with _database() as (session, _):
        if not (is_id(Prefix.API_KEY, key_id) and api_keys.revoke(session, key_id)):
            raise NotFound("there is no API key with that id", hint="`gala keys list` shows all")
    print_status(f"{key_id} is revoked")


def _described(row: ApiKey) -> dict[str, Any]:
    return {
        "id": row.id,
        "owner_id": row.owner_id,
        "name": row.name,
        "role": row.role,
        "scopes": row.scopes,
        "expires_at": _timestamp(row.expires_at),
        "last_used_at": _timestamp(row.last_used_at),
        "revoked_at": _timestamp(row.revoked_at),
    }


def _timestamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


@contextmanager
def _database() -> Iterator[tuple[Session, Keyring]]:
    """Yield a transaction, and the keyring that digests keys."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - not every installation has it

    from gala.db.engine import driver_message, make_engine, make_sessions, transaction  # noqa: PLC0415

    url, keyring = _database_access()
    engine = make_engine(url, name="gala-keys", pool_size=1)
    try:
        with transaction(make_sessions(engine)) as session:
            yield session, keyring
    except DBAPIError as error:
        raise Unavailable(
            f"the database returned an error: {driver_message(error)}",
            hint="check DATABASE_URL; `gala migrate` prepares a new database",
        ) from error
    finally:
        engine.dispose()


def _database_access() -> tuple[str, Keyring]:
    """Return database URL and secret: of the environment, or of `gala up` on this machine."""
    settings, secret = read_settings(), KeyringSettings().gala_secret_key
    if settings.database_url is None:
        from gala.embedded_servers import Home, Postgres  # noqa: PLC0415 - needs the extra `standalone`

        home = Home(settings.gala_home or default_home())
        secret = secret or home.secret()
        postgres = Postgres(home.root / "postgres")
        if not postgres.is_ready():
            raise Unavailable(
                f"the database in {home.root} is not running",
                hint="start GALA with `gala up`, or set DATABASE_URL and GALA_SECRET_KEY",
            )
        url = postgres.url()
    else:
        url = str(settings.database_url)
    if secret is None:
        raise InvalidRequest(
            "GALA_SECRET_KEY is not set", hint="set it to the secret of the API and the workers"
        )
    try:
        return url, Keyring(secret)
    except ValueError as error:
        raise InvalidRequest(str(error)) from error
