"""``gala timeline export``: compositions for editing programs, with the media beside them."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Annotated, Final

import typer

from gala.cli.console import AsJson, print_json, visible
from gala.cli.rendering.branding import BrandOption, branded_composition
from gala.cli.rendering.composition_file import all_problems, check_files, read_json
from gala.cli.rendering.options import (
    USUAL_FRAME,
    CommonOptions,
    Force,
    Fps,
    Local,
    Ratio,
    Remote,
    Size,
)
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import open_session
from gala.cli.rendering.targets import TargetOption, for_target, target_frame
from gala.errors import InvalidRequest
from gala.render_types.timeline_export import ExchangeFormat
from gala.timeline.reader import read_timeline
from gala.timeline.sources import sources_of

_ENDINGS: Final = {
    ".otio": ExchangeFormat.OTIO,
    ".edl": ExchangeFormat.EDL,
    ".xml": ExchangeFormat.FCP7,
}


def export(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A composition, as JSON."),
    ],
    *,
    to: Annotated[
        ExchangeFormat, typer.Option("--to", help="OpenTimelineIO, CMX 3600 or Final Cut Pro 7.")
    ] = ExchangeFormat.OTIO,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FOLDER", help="The folder; by default FILE's name."),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option("--rate", help="Frames per second of the document: 23.976, 25, 29.97, …"),
    ] = None,
    drop_frame: Annotated[
        bool | None,
        typer.Option(
            "--drop-frame/--non-drop-frame",
            help="How timecodes count at 29.97 and 59.94; by default drop-frame.",
        ),
    ] = None,
    brand: BrandOption = None,
    target: TargetOption = None,
    ratio: Ratio = None,
    size: Size = None,
    fps: Fps = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Write a composition for an editing program, as a folder with its media.

    Cuts of videos, pictures and sounds are those of the files, which are copied; texts and effects
    are rendered, with transparency. What is not carried over is printed as warnings.
    """
    folder = out or Path(file.stem)
    _refuse_file_name(folder)
    if folder.exists() and not force:
        raise InvalidRequest(f"{folder} exists already", field="-o", hint="--force replaces files")
    common = CommonOptions.of(remote, local=local, force=True, as_json=as_json)
    wanted = target_frame(target, ratio, size, fps)
    with all_problems(file, as_json=as_json):
        data = branded_composition(read_json(file), brand, common.server, wanted, target)
        data = for_target(data, target, wanted, "timeline_export")
        timeline = read_timeline(data, (wanted or USUAL_FRAME).fps)
        check_files(timeline, file.parent)
        sources = sources_of(timeline)
        command = RenderCommand(
            type="timeline_export",
            params={**data, "to": to.value, "rate": rate, "drop_frame": drop_frame},
            inputs={"media": [file.parent / source for source in sources]} if sources else {},
            format=wanted,
            labels={"params.rate": "--rate", "params.drop_frame": "--drop-frame"},
        )
        command.check()
        with (
            tempfile.TemporaryDirectory(prefix="gala-") as scratch,
            open_session(common) as session,
        ):
            archive = Path(scratch) / "project.zip"
            session.make(command, {"project": archive})
            session.outputs.commit([archive])
            names = _unpack(archive, folder)
            session.print_warnings()
            about = session.about_work()
    if as_json:
        print_json({"folder": str(folder), "files": names, **about})
        return
    typer.echo(visible(str(folder)))


def _refuse_file_name(folder: Path) -> None:
    """Raise InvalidRequest for a name such as ``film.edl``: people mean a file by it."""
    meant = _ENDINGS.get(folder.suffix.lower())
    if meant is not None and not folder.is_dir():
        raise InvalidRequest(
            f"-o: {folder} would be a folder, with the document and its media",
            field="-o",
            hint=f"name a folder, and the format with --to: --to {meant} -o {folder.stem}",
        )


def _unpack(archive: Path, folder: Path) -> list[str]:
    """Unpack an archive; names that lead out of the folder are made safe by the library."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
        return packed.namelist()
