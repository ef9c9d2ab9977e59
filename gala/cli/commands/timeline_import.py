"""``gala timeline import``: compositions from documents of other programs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gala.cli.console import AsJson, print_json, print_status, visible
from gala.cli.rendering.composition_file import is_of_server
from gala.cli.rendering.options import Force, Out
from gala.cli.rendering.output_files import AtomicOutputs
from gala.cli.rendering.output_paths import STDOUT
from gala.errors import InvalidRequest
from gala.timeline.exchange.documents import import_document
from gala.timeline.exchange.imported import MAX_BYTES, Imported

_SHOWN: Final = 100
_SOURCES: Final = "src"


def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, help="OTIO, or an edit of Shotstack."
        ),
    ],
    *,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Turn a timeline of OpenTimelineIO (.otio) or an edit of Shotstack into a composition.

    It is printed, or written to -o; what could not be carried over is listed on standard error.
    Paths of files that are beside FILE are made relative to the new file.
    """
    with file.open("rb") as source:
        text = source.read(MAX_BYTES + 1)
    try:
        found = import_document(text)
    except InvalidRequest as error:
        others = [f"  {one['pointer']}: {one['rule']}" for one in error.details.get("problems", ())]
        raise InvalidRequest(f"{file}: {error.message}", log=others) from error
    target = STDOUT if out is None else out
    composition = _beside(found.composition, file.parent, target)
    if as_json:
        print_json(_described(found, composition))
        return
    written = json.dumps(composition, ensure_ascii=False, indent=2)
    if target == STDOUT:
        typer.echo(written)
    else:
        _write(target, written, force=force)
    _report(found, target)


def _beside(value: Any, folder: Path, target: Path) -> Any:
    """Return JSON data whose files, where they are in ``folder``, are relative to ``target``."""
    if target == STDOUT or folder.resolve() == target.parent.resolve():
        return value
    if isinstance(value, list):
        return [_beside(one, folder, target) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _moved(one, folder, target) if name == _SOURCES else _beside(one, folder, target)
        for name, one in value.items()
    }


def _moved(source: Any, folder: Path, target: Path) -> Any:
    if not isinstance(source, str) or is_of_server(source):
        return source
    path = folder / source
    if Path(source).is_absolute() or not path.is_file():
        return source
    return Path(os.path.relpath(path, target.parent)).as_posix()


def _write(target: Path, text: str, *, force: bool) -> None:
    with AtomicOutputs(force=force) as outputs:
        outputs.check_writable([target])
        outputs.path(target).write_text(text + "\n", encoding="utf-8")
        outputs.commit([target])
    typer.echo(visible(str(target)))


def _report(found: Imported, target: Path) -> None:
    for line in _losses(found):
        print_status(line)
    form = found.format
    if form is not None and target != STDOUT:
        size = f"--size {form.width}x{form.height} --fps {form.fps}"
        print_status(f"render it with: gala timeline render {target} {size}")


def _losses(found: Imported) -> Iterator[str]:
    for loss in found.losses[:_SHOWN]:
        yield f"not carried over: {loss}"
    more = len(found.losses) - _SHOWN
    if more > 0:
        yield f"not carried over: {more} more; --json lists all"


def _described(found: Imported, composition: dict[str, Any]) -> dict[str, Any]:
    return {
        "composition": composition,
        "format": None if found.format is None else found.format.model_dump(),
        "losses": [loss.model_dump() for loss in found.losses],
    }
