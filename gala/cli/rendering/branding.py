"""``--brand``: a brand kit, of a file or of a server, in films that commands make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from gala.brand_kits import BrandKit
from gala.cli.api_connection import connect, connect_to
from gala.cli.rendering.composition_file import is_of_server
from gala.cli.rendering.options import USUAL_FRAME, CommonOptions
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.templates import read_kit
from gala.engine import Source
from gala.errors import InvalidRequest, NotFound
from gala.media import Format
from gala.render_types.params.own_fonts import FONT, OwnFonts
from gala.render_types.timeline import TYPE
from gala.server_address import ServerAddress
from gala.targets import TARGETS, TargetName
from gala.templates.branding import branded, branded_files
from gala.templates.filling import Setting
from gala.templates.target_captions import with_captions_for

BrandOption = Annotated[
    str | None,
    typer.Option(
        "--brand",
        metavar="NAME",
        help="A brand kit: a JSON file, or the name of one that the server has (`gala brands`).",
    ),
]


def kit_of(brand: str, server: ServerAddress | None) -> BrandKit:
    """Return the kit of a file, or that of this name on the server, by default the usual one.

    Files are named from the folder of the kit. Raise InvalidRequest or NotFound.
    """
    file = Path(brand)
    if file.is_file():
        return _placed(read_kit(file), file.parent)
    if file.suffix == ".json" or "/" in brand:
        raise InvalidRequest(f"--brand: there is no file {brand}", field="--brand")
    with connect(None) if server is None else connect_to(server) as client:
        try:
            return BrandKit.parse(dict(client.brand_kit(brand).kit))
        except NotFound as error:
            raise NotFound(f"--brand: {error.message}", hint=error.hint) from error


def _placed(kit: BrandKit, folder: Path) -> BrandKit:
    names = {
        source: str((folder / source).resolve())
        for _, source in kit.files
        if not is_of_server(source)
    }
    return kit.with_sources(names)


def branded_composition(
    data: Mapping[str, Any],
    brand: str | None,
    server: ServerAddress | None,
    frame: Format | None,
    target: TargetName | None,
) -> dict[str, Any]:
    """Return a composition with what brand kit and target add.

    Raise InvalidTimeline or as `kit_of`.
    """
    place = None if target is None else TARGETS[target]
    if brand is None:
        return dict(data) if place is None else with_captions_for(place, data)
    setting = Setting(format=frame or USUAL_FRAME, brand=kit_of(brand, server), target=place)
    return branded(data, setting, TYPE)


def with_brand(command: RenderCommand, brand: str | None, common: CommonOptions) -> RenderCommand:
    """Return the command with what a brand kit adds where it sets nothing itself."""
    if brand is None:
        return command
    kit, spec = kit_of(brand, common.server), command.render_type
    setting = Setting(format=command.format or spec.format or USUAL_FRAME, brand=kit)
    files: dict[str, list[Source]] = {
        name: [_source(name, source, common)]
        for name, source in branded_files(kit, spec, command.inputs)
    }
    params = branded(command.params, setting, spec)
    if issubclass(spec.params, OwnFonts):
        fonts = dict.fromkeys(one for faces in params.get("fonts", {}).values() for one in faces)
        if fonts and FONT not in command.inputs:
            files[FONT] = [_source("a font", source, common) for source in fonts]
    return replace(command, params=params, inputs={**command.inputs, **files})


def _source(name: str, source: str, common: CommonOptions) -> Source:
    is_remote = is_of_server(source)
    if is_remote and common.server is None:
        raise InvalidRequest(
            f"--brand: {name} of the kit is {source[:80]!r}, which a server reads",
            field="--brand",
            hint="add --url, or name a file of this machine in a kit of your own",
        )
    return source if is_remote else Path(source)
