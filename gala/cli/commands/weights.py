"""``gala weights``: models' weights on this machine, so that everything works offline later."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gala.cli.console import AsJson, print_json, print_status, print_table
from gala.cli.settings import read_settings
from gala.cli.weights_registry import Manifest, find, known_weights, pull, take_from
from gala.errors import InvalidRequest
from gala.settings import weights_folder

app = typer.Typer(help="Get the weights of voices and of listening.", no_args_is_help=True)

_MIB = 1024**2


@app.command("pull")
def pull_weights(
    name: Annotated[str, typer.Argument(help="kokoro, whisper or whisper:SIZE.")],
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FOLDER", help="Take them from a folder.")
    ] = None,
) -> None:
    """Download weights, or go on with it, and check them."""
    weights = find(name)
    folder = _root() / weights.folder
    if source is None:
        manifest = pull(weights, folder)
    elif source.is_dir():
        manifest = take_from(weights, source, folder)
    else:
        raise InvalidRequest(f"{source} is no folder")
    print_status(
        f"{weights.name}: {len(manifest.files)} files, {_size(manifest)}, checked, in {folder}"
    )


@app.command("list")
def list_weights(as_json: AsJson = False) -> None:
    """Which weights there are, and which of them are here."""
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
    wrong = list(manifest.wrong(folder))
    return f"damaged ({', '.join(wrong)})" if wrong else "here"


def _size(manifest: Manifest | None) -> str:
    return "" if manifest is None else f"{manifest.bytes / _MIB:.0f} MiB"


def _root() -> Path:
    settings = read_settings()
    return weights_folder(settings.gala_weights_dir, settings.gala_home).absolute()
