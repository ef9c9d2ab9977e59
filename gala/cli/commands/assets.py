"""``gala assets``: media stored on a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gala.cli.api_connection import connect
from gala.cli.console import AsJson, Server, print_json, print_status, print_table
from gala.cli.progress import watch
from gala.client import Asset
from gala.media import AssetKind

app = typer.Typer(help="List, upload, download and delete assets.", no_args_is_help=True)

AssetId = Annotated[str, typer.Argument(help="ast_…")]


def _bytes(asset: Asset) -> str:
    return "" if asset.size_bytes is None else f"{asset.size_bytes:,}"


@app.command("list")
def list_(
    kind: Annotated[AssetKind | None, typer.Option(help="Only assets of this kind.")] = None,
    q: Annotated[str | None, typer.Option(help="Part of the label or the file name.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """List the latest assets, newest first."""
    with connect(server) as client:
        found = client.assets(kind=kind, q=q, limit=limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("asset", "kind", "mime", "bytes", "label", "provider"),
        ((a.id, a.kind, a.mime or a.status, _bytes(a), a.label, a.provider) for a in found),
    )


@app.command()
def upload(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    kind: Annotated[AssetKind, typer.Option(help="What the file is used for.")] = AssetKind.OTHER,
    label: Annotated[str | None, typer.Option(help="A label to find it by.")] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Upload a file and print its id."""
    with connect(server) as client:
        asset = client.upload(file, kind=kind, label=label)
    if as_json:
        print_json(asset)
    else:
        typer.echo(asset.id)


@app.command("import")
def import_(  # noqa: PLR0917 - typer's options
    url: Annotated[str, typer.Argument(help="http://… or https://…")],
    kind: Annotated[AssetKind, typer.Option(help="What the file is used for.")] = AssetKind.OTHER,
    label: Annotated[str | None, typer.Option(help="A label to find it by.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait until the import has ended.")] = True,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Import a file from a URL and print its id."""
    with connect(server) as client:
        asset = client.import_url(url, kind=kind, label=label)
        if wait and asset.job_id:
            watch(client, client.job(asset.job_id))
            asset = client.asset(asset.id)
    if as_json:
        print_json(asset)
    else:
        typer.echo(asset.id)


@app.command()
def get(
    asset_id: AssetId,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Download the content to this file.")
    ] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Show an asset; with --out, download it."""
    with connect(server) as client:
        asset = client.asset(asset_id)
        if out:
            print_status(f"{client.download(asset_id, out)}  {_bytes(asset)} bytes")
    if as_json:
        print_json(asset)
    elif not out:
        print_table(("", ""), asset.model_dump().items())


@app.command()
def delete(asset_id: AssetId, server: Server = None) -> None:
    """Delete an asset and its content."""
    with connect(server) as client:
        client.delete_asset(asset_id)
    print_status(f"deleted {asset_id}")
