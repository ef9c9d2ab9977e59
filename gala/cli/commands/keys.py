"""``gala keys``: API keys, straight in the database; the first one could come from nowhere else."""

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

app = typer.Typer(help="Give out, list and revoke API keys.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What it is for.")],
    role: Annotated[Role, typer.Option(help="What it is trusted with.")] = Role.EDITOR,
    owner: Annotated[str, typer.Option(help="Whose things it opens.")] = LOCAL_OWNER,
    scope: Annotated[
        list[Permission] | None,
        typer.Option(help="Only this of the role's permissions; may be repeated."),
    ] = None,
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="It ends after so many days.")
    ] = None,
) -> None:
    """Make a key and print it. It is kept nowhere: this is the only time to copy it."""
    from gala.db import api_keys  # noqa: PLC0415 - only where a database is

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
    print_status(f"{row.id}: {row.role} of {row.owner_id}; the key is shown only now")
    typer.echo(token.get_secret_value())


@app.command("list")
def list_(
    owner: Annotated[str | None, typer.Option(help="Only theirs.")] = None,
    as_json: AsJson = False,
) -> None:
    """All keys, the newest first, revoked ones as well; never the keys themselves."""
    from gala.db import api_keys  # noqa: PLC0415 - only where a database is

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
    """End a key at once."""
    from gala.db import api_keys  # noqa: PLC0415 - only where a database is

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
        "expires_at": _moment(row.expires_at),
        "last_used_at": _moment(row.last_used_at),
        "revoked_at": _moment(row.revoked_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


@contextmanager
def _database() -> Iterator[tuple[Session, Keyring]]:
    """A transaction where the keys are, and what digests them."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - only where a database is

    from gala.db.engine import driver_message, make_engine, make_sessions, transaction  # noqa: PLC0415

    url, keyring = _reach()
    engine = make_engine(url, name="gala-keys", pool_size=1)
    try:
        with transaction(make_sessions(engine)) as session:
            yield session, keyring
    except DBAPIError as error:
        raise Unavailable(
            f"the database refuses: {driver_message(error)}",
            hint="does DATABASE_URL lead there, and has a service or `gala migrate` prepared it?",
        ) from error
    finally:
        engine.dispose()


def _reach() -> tuple[str, Keyring]:
    """The database and the secret: the environment's, or those of `gala up` on this machine."""
    settings, secret = read_settings(), KeyringSettings().gala_secret_key
    if settings.database_url is None:
        from gala.embedded_servers import Home, Postgres  # noqa: PLC0415 - needs the extra `standalone`

        home = Home(settings.gala_home or default_home())
        secret = secret or home.secret()
        postgres = Postgres(home.root / "postgres")
        if not postgres.is_ready():
            raise Unavailable(
                f"the database in {home.root} does not run",
                hint="start GALA with `gala up`, or set DATABASE_URL and GALA_SECRET_KEY",
            )
        url = postgres.url()
    else:
        url = str(settings.database_url)
    if secret is None:
        raise InvalidRequest(
            "GALA_SECRET_KEY is not set", hint="set the one that the API and the workers have"
        )
    try:
        return url, Keyring(secret)
    except ValueError as error:
        raise InvalidRequest(str(error)) from error
