"""``gala info``: describe a media file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gala.cli.console import print_json, print_table
from gala.cli.rendering.options import AsJson, CommonOptions, Local, Remote
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import open_session

_LABELS: Final = {"inputs.media_asset_id": "FILE", "inputs.media": "FILE"}
_UNITS: Final = {
    "duration": " s",
    "start": " s",
    "size": " bytes",
    "bitrate": " bit/s",
    "sample_rate": " Hz",
}


def info(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A video, a picture or an audio file.")
    ],
    *,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Describe a media file: duration, size, frame rate, codecs, colors, audio."""
    command = RenderCommand(type="probe", inputs={"media": [file]}, labels=_LABELS)
    command.check()
    with open_session(CommonOptions.of(remote, local=local, as_json=as_json)) as session:
        found = json.loads(session.make(command, read=("info",)).texts["info"])
    if as_json:
        print_json({"path": str(file), **found, **session.about_work()})
        return
    session.print_warnings()
    print_table(("", ""), [("file", file), *_rows(found)])


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield all known fields; of each stream, those that differ from the whole file's."""
    streams = {name: value for name, value in found.items() if isinstance(value, Mapping)}
    for name, value in found.items():
        if value is not None and name not in streams:
            yield name.replace("_", " "), _formatted(name, value)
    for stream, facts in streams.items():
        for name, value in facts.items():
            if value is not None and str(value) != str(found.get(name)):
                yield f"{stream} {name.replace('_', ' ')}", _formatted(name, value)


def _formatted(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return text + _UNITS.get(name, "")
