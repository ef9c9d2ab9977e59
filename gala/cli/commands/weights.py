"""``gala weights``: downloads model weights, so that GALA works offline afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gala.cli.console import AsJson, print_json, print_status, print_table
from gala.cli.settings import read_settings
from gala.cli.weights_registry import Manifest, copy_from, find, known_weights, pull
from gala.errors import InvalidRequest
from gala.settings import weights_folder

app = typer.Typer(help="Download weights for speech and transcription.", no_args_is_help=True)

_MIB = 1024**2


@app.command("pull")
def pull_weights(
    name: Annotated[str, typer.Argument(help="kokoro, whisper or whisper:SIZE.")],
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FOLDER", help="Copy them from a folder.")
    ] = None,
) -> None:
    """Download weights, or resume a download, and verify them."""
    weights = find(name)
    folder = _root() / weights.folder
    if source is None:
        manifest = pull(weights, folder)
    elif source.is_dir():
        manifest = copy_from(weights, source, folder)
    else:
        raise InvalidRequest(f"--from: {source} is not a folder")
    print_status(
        f"{weights.name}: {len(manifest.files)} files, {_size(manifest)}, verified, in {folder}"
    )


@app.command("list")
def list_weights(as_json: AsJson = False) -> None:
    """List all known weights and which are installed."""
    root = _root()
    rows = []
    for weights in known_weights().values():
        folder = root / weights.folder
        manifest = Manifest.of(folder)
        rows.append((weights.name, _state(folder, manifest), _size(manifest), str(folder)))
    if as_json:
        keys = ("name", "state", "size", "folder")
        print_json({"weights": [dict(zip(keys, row, strict=True)) for row in rows]})
    else:
        print_table(("WEIGHTS", "STATE", "SIZE", "FOLDER"), rows)


def _state(folder: Path, manifest: Manifest | None) -> str:
    if manifest is None:
        return "begun" if folder.is_dir() else "absent"
    damaged = list(manifest.damaged(folder))
    return f"damaged ({', '.join(damaged)})" if damaged else "here"


def _size(manifest: Manifest | None) -> str:
    return "" if manifest is None else f"{manifest.bytes / _MIB:.0f} MiB"


def _root() -> Path:
    settings = read_settings()
    return weights_folder(settings.gala_weights_dir, settings.gala_home).absolute()
