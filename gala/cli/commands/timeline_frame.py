"""``gala timeline frame``: one frame of a composition as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gala.cli.api_connection import connect_to
from gala.cli.console import AsJson, print_json, visible
from gala.cli.rendering.branding import BrandOption, branded_composition
from gala.cli.rendering.composition_file import all_problems, check_files, read_json
from gala.cli.rendering.engines import load_engine
from gala.cli.rendering.options import (
    USUAL_FRAME,
    CommonOptions,
    Force,
    Fps,
    Local,
    Out,
    Ratio,
    Remote,
    Size,
)
from gala.cli.rendering.output_files import AtomicOutputs
from gala.cli.rendering.output_paths import STDOUT, ending
from gala.cli.rendering.targets import TargetOption, target_frame
from gala.engine import DrawsFrames, FrameQuery
from gala.errors import EngineMissing, InvalidRequest
from gala.frame_protocol import MAX_FRAME_WIDTH, FrameFormat
from gala.timeline.document.times import time_in_film
from gala.timeline.reader import read_timeline
from gala.timeline.sources import sources_of

_FORMATS: Final[Mapping[str, FrameFormat]] = {
    ".png": FrameFormat.PNG,
    ".jpg": FrameFormat.JPEG,
    ".jpeg": FrameFormat.JPEG,
    ".webp": FrameFormat.WEBP,
}


def draw_frame(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A composition, as JSON."),
    ],
    *,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="Seconds, or a timecode: 1:23.5, 00:01:23:15.")
    ] = "0",
    out: Out = None,
    width: Annotated[
        int | None,
        typer.Option(min=16, max=MAX_FRAME_WIDTH, help="Width of the picture in pixels."),
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
    """Draw one frame of a composition, as it is in the film, without rendering the film.

    Files that it names are on this machine, their paths relative to FILE; with --url, they are
    assets of the server. The ending of -o is that of the format: .png, .jpg or .webp. Texts that
    decide on times are spoken first, once.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    picture_file = Path(f"{file.stem}.png") if out is None else out
    form = _format_of(picture_file)
    wanted = target_frame(target, ratio, size, fps)
    with all_problems(file, as_json=as_json):
        data = branded_composition(read_json(file), brand, common.server, wanted, target)
    frame = wanted or USUAL_FRAME
    query = FrameQuery(
        params=data,
        frame=frame,
        at=time_in_film(at, frame.fps, "--at"),
        format=form,
        width=width,
    )
    with AtomicOutputs(force=force) as outputs:
        outputs.check_writable([picture_file])
        with all_problems(file, as_json=as_json):
            picture = _drawn(query, file.parent, common)
        outputs.path(picture_file).write_bytes(picture)
        outputs.commit([picture_file])
    if as_json:
        print_json({"path": str(picture_file), "format": form, "size": len(picture)})
    elif picture_file != STDOUT:
        typer.echo(visible(str(picture_file)))


def _drawn(query: FrameQuery, folder: Path, common: CommonOptions) -> bytes:
    if common.server is not None:
        with connect_to(common.server) as client:
            return client.timeline_frame(
                query.params,
                query.at,
                format=query.format,
                width=query.width,
                output={"format": query.frame.model_dump()},
            )
    engine: Any = load_engine()
    if not isinstance(engine, DrawsFrames):
        raise EngineMissing("The media engine here draws no single frames.")
    timeline = read_timeline(query.params, query.frame.fps)
    check_files(timeline, folder)
    sources = sources_of(timeline)
    files = {source: folder / source for source in sources}
    return engine.timeline_frame(replace(query, files=files))


def _format_of(target: Path) -> FrameFormat:
    if target == STDOUT:
        return FrameFormat.PNG
    found = _FORMATS.get(ending(target))
    if found is None:
        raise InvalidRequest(f"-o: {target} does not end with {', '.join(_FORMATS)}", field="--out")
    return found
