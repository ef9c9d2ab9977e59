"""``gala brands``: brand kits on a server, which jobs use by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from gala.cli.api_connection import connect
from gala.cli.console import AsJson, Server, print_json, print_status, print_table
from gala.cli.rendering.templates import read_kit
from gala.cli.uploads import Upload, uploads_for
from gala.errors import InvalidRequest
from gala.ids import Prefix, is_id
from gala.media import AssetKind

app = typer.Typer(
    help="Save, list and delete brand kits: logo, colors, fonts, voice, captions.",
    no_args_is_help=True,
)

_KINDS: Final = {"music": AssetKind.MUSIC, "logo": AssetKind.OVERLAY}
BrandName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the brand kit.")]


@app.command("list")
def list_(server: Server = None, as_json: AsJson = False) -> None:
    """List your brand kits."""
    with connect(server) as client:
        found = client.brand_kits()
    if as_json:
        print_json(found)
        return
    print_table(("BRAND", "FIELDS"), [(one.name, " ".join(one.fields)) for one in found])


@app.command("set")
def set_(
    name: BrandName,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="The kit, as JSON. Files that it names, from its folder, are uploaded.",
        ),
    ],
    *,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Save a brand kit, or replace the one of that name."""
    kit = read_kit(file)
    with connect(server) as client, uploads_for(client) as upload:
        names = {
            source: _uploaded(upload, file.parent / source, field)
            for field, source in kit.files
            if not is_id(Prefix.ASSET, source) and "://" not in source
        }
        data = kit.with_sources(names).model_dump(mode="json", exclude_unset=True)
        found = client.set_brand_kit(name, data)
    if as_json:
        print_json(found)
    else:
        typer.echo(found.name)


@app.command()
def show(name: BrandName, *, server: Server = None) -> None:
    """Print a brand kit, as JSON."""
    with connect(server) as client:
        print_json(dict(client.brand_kit(name).kit))


@app.command()
def delete(name: BrandName, *, server: Server = None) -> None:
    """Delete a brand kit; jobs are not affected."""
    with connect(server) as client:
        client.delete_brand_kit(name)


def _uploaded(upload: Upload, file: Path, field: str) -> str:
    if not file.is_file():
        raise InvalidRequest(f"{field}: there is no file {file}", field=field)
    print_status(f"uploading {file}")
    return upload(file, _KINDS.get(field, AssetKind.OTHER))
