"""``gala templates``: films from templates, and the templates of a server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gala.brand_kits import NEUTRAL
from gala.cli.api_connection import connect
from gala.cli.console import AsJson, Server, print_json, print_table
from gala.cli.rendering.branding import BrandOption, kit_of
from gala.cli.rendering.composition_file import beside, media_of, written_as
from gala.cli.rendering.options import (
    CommonOptions,
    Force,
    Fps,
    Local,
    Out,
    Ratio,
    Remote,
    Size,
    with_params,
)
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.rows import RowsOption, read_rows
from gala.cli.rendering.rows import targets as row_targets
from gala.cli.rendering.session import make_files, single_output
from gala.cli.rendering.targets import TargetOption, target_frame
from gala.cli.rendering.templates import (
    PREVIEW_FPS,
    ChosenTemplate,
    all_problems,
    check_length,
    sample_params,
    save_frame,
    setting_of,
)
from gala.cli.uploads import uploads_for
from gala.client import GalaClient, Template
from gala.errors import InvalidRequest, NotFound
from gala.ids import Prefix, is_id
from gala.media import AssetKind
from gala.mime import suffix_of
from gala.name_suggestions import suggestion
from gala.targets import TARGETS, Target
from gala.templates.builtin import builtin_templates
from gala.templates.filling import Filled, Setting, fill
from gala.templates.folder import (
    ASSETS,
    PREVIEW,
    read_folder,
    replaced,
    texts_in,
    write_builtin,
    write_folder,
)
from gala.templates.params_schema import expand
from gala.timeline.problems import InvalidTimeline
from gala.timeline.reader import read_timeline
from gala.timeline.server_models import without_models

app = typer.Typer(
    help="Make films from templates; export, import and list the templates of a server.",
    no_args_is_help=True,
)

_CONTENT: Final = ("name", "type", "description", "duration_ms", "params_schema", "defaults")

TemplateName = Annotated[
    str, typer.Argument(metavar="TEMPLATE", help="A built-in template, or a folder with one.")
]
ServerTemplate = Annotated[str, typer.Argument(metavar="TEMPLATE", help="Name or id, tpl_….")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-p",
        metavar="NAME=TEXT",
        help="A variable or a named element: Title=Hello. NAME:=JSON for numbers and lists,"
        " NAME.FIELD=… for a field of an element, NAME.0=… for the first entry of a list. May be"
        " repeated.",
    ),
]


@app.command("list")
def list_(server: Server = None, as_json: AsJson = False) -> None:
    """List the templates: those built in, or with --url those of a server."""
    if server is not None:
        with connect(server) as client:
            listed = client.templates()
        if as_json:
            print_json(listed)
            return
        rows = [(one.name, one.type, one.version, one.description or "") for one in listed]
        print_table(("TEMPLATE", "TYPE", "VERSION", "DESCRIPTION"), rows)
        return
    found = builtin_templates().values()
    if as_json:
        listed_here = [{"name": one.name, "description": one.description} for one in found]
        print_json({"templates": listed_here})
        return
    print_table(("TEMPLATE", "DESCRIPTION"), [(one.name, one.description) for one in found])


@app.command()
def schema(template: TemplateName) -> None:
    """Print the JSON Schema of a template's params."""
    print_json(expand(ChosenTemplate.of(template).composition.params_schema))


@app.command()
def targets(as_json: AsJson = False) -> None:
    """List where films can be shown: size, length, bit rate, loudness."""
    found = TARGETS.values()
    if as_json:
        print_json({"targets": [_target(one) for one in found]})
        return
    print_table(
        ("TARGET", "SIZE", "SECONDS", "KBIT/S", "LUFS", "SOURCE"),
        [
            (one.name.value, f"{one.format.width}x{one.format.height}",
             f"{one.min_seconds:g} to {one.max_seconds or '∞'}", one.bit_rate_kbps,
             one.loudness_lufs, one.source)
            for one in found
        ],
    )  # fmt: skip


def _target(one: Target) -> dict[str, Any]:
    safe = one.safe_area
    return {
        "name": one.name,
        "title": one.title,
        "format": one.format.model_dump(),
        "min_seconds": one.min_seconds,
        "max_seconds": one.max_seconds,
        "safe_area": {side: getattr(safe, side) for side in ("top", "right", "bottom", "left")},
        "loudness_lufs": one.loudness_lufs,
        "bit_rate_kbps": one.bit_rate_kbps,
        "source": one.source,
    }


@app.command()
def render(
    template: TemplateName,
    *,
    values: Set = None,
    rows: RowsOption = None,
    brand: BrandOption = None,
    target: TargetOption = None,
    out: Out = None,
    ratio: Ratio = None,
    size: Size = None,
    fps: Fps = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Make a film from a template, or with --rows one for each row of a table.

    Files are paths on this machine, from the current folder. Without -o, the film is written to the
    current folder under the template's name. The ending of -o is that of the format, as in `gala
    timeline render`.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    chosen = ChosenTemplate.of(template)
    kit = NEUTRAL if brand is None else kit_of(brand, common.server)
    setting = setting_of(chosen, kit, target, target_frame(target, ratio, size, fps))
    given = list(values or ())
    if rows is None:
        with all_problems(template, as_json=as_json):
            _make(_filled(chosen, given, setting, out), common)
        return
    table = read_rows(rows)
    named = row_targets(table, out, chosen.name)
    films: list[_Film] = []
    # All are checked before the first is made.
    for row, path in zip(table, named, strict=True):
        with row.named_in_errors(), all_problems(template, as_json=as_json):
            films.append(_filled(chosen, [*given, *row.assignments], setting, path))
    for row, film in zip(table, films, strict=True):
        with row.named_in_errors(), all_problems(template, as_json=as_json):
            _make(film, common)


@dataclass(frozen=True, slots=True)
class _Film:
    """A template with its params, and the file that it becomes."""

    filled: Filled
    setting: Setting
    out: Path | None
    stem: str


def _filled(chosen: ChosenTemplate, values: list[str], setting: Setting, out: Path | None) -> _Film:
    given = chosen.with_numbers(with_params({}, values, option="--set"))
    filled = fill(chosen.composition, given, setting)
    check_length(filled.document, setting)
    return _Film(filled, setting, out, chosen.name)


def _make(film: _Film, common: CommonOptions) -> None:
    document = written_as(film.out, film.filled.document)
    on_server = common.server is not None
    fps = film.setting.format.fps
    command = RenderCommand(
        type="timeline",
        params=document,
        inputs=media_of(read_timeline(document, fps), Path(), on_server=on_server),
        format=film.setting.format,
        checked=without_models(document) if on_server else None,
    )
    try:
        made = single_output(command, film.out, stem=film.stem)
        make_files(command, {**made, **beside(made["video"], document)}, common)
    except InvalidTimeline as error:
        raise film.filled.translated(error) from error


@app.command()
def preview(
    template: TemplateName,
    *,
    values: Set = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", dir_okay=False, help="Default: preview.jpg, in the folder of TEMPLATE."
        ),
    ] = None,
    target: TargetOption = None,
    brand: BrandOption = None,
    ratio: Ratio = None,
    size: Size = None,
    force: Force = False,
) -> None:
    """Save a picture of a template: the most representative frame of its film, with sample values.

    `gala templates import` sends the preview.jpg of a folder along.
    """
    chosen = ChosenTemplate.of(template)
    file = out or (Path(template) if Path(template).is_dir() else Path()) / PREVIEW
    if file.exists() and not force:
        raise InvalidRequest(f"{file} exists", hint="--force replaces it", field="--out")
    kit = NEUTRAL if brand is None else kit_of(brand, None)
    setting = setting_of(chosen, kit, target, target_frame(target, ratio, size, None))
    with sample_params(chosen) as sampled:
        given = chosen.with_numbers(with_params(sampled, values, option="--set"))
        with all_problems(template, as_json=False):
            filled = fill(chosen.composition, given, setting)
        command = RenderCommand(
            type="timeline",
            params={**filled.document, "quality": "draft"},
            inputs=media_of(
                read_timeline(filled.document, setting.format.fps), Path(), on_server=False
            ),
            format=setting.format.model_copy(update={"fps": PREVIEW_FPS}),
        )
        command.check()
        save_frame(command, file)
    typer.echo(file)


@app.command("export")
def export(
    template: ServerTemplate,
    folder: Annotated[Path, typer.Argument(file_okay=False, help="A new folder.")],
    *,
    server: Server = None,
) -> None:
    """Write a template to a folder, with the files that it uses: one that is built in, or one of a
    server.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InvalidRequest(f"{folder} is not empty", hint="name a new folder")
    builtin = builtin_templates().get(template)
    if server is None and builtin is not None:
        write_builtin(builtin, folder)
        typer.echo(folder)
        return
    with connect(server) as client:
        found = _find(client, template)
        names = {}
        for asset_id in _assets_of(found):
            asset = client.asset(asset_id)
            name = f"{ASSETS}/{asset_id}{suffix_of(asset.mime) if asset.mime else ''}"
            client.download(asset_id, folder / name)
            names[asset_id] = name
        if found.preview_asset_id is not None:
            client.download(found.preview_asset_id, folder / PREVIEW)
    fields = {
        **{name: getattr(found, name) for name in _CONTENT},
        "format": None if found.format is None else found.format.model_dump(),
        "composition": replaced(found.composition, names),
        "defaults": replaced(found.defaults, names),
    }
    write_folder(folder, fields)
    typer.echo(folder)


@app.command("import")
def import_(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="A folder with a template.")
    ],
    *,
    name: Annotated[str | None, typer.Option(help="Another name than the template's.")] = None,
    replace: Annotated[
        bool, typer.Option(help="Change your template of that name: a new version of it.")
    ] = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Send the template in a folder to a server, with the files that it uses."""
    found = read_folder(folder)
    with connect(server) as client, uploads_for(client) as upload:
        fields = found.with_files(lambda file: upload(file, AssetKind.OTHER))
        fields = {**fields, "name": name or fields["name"]}
        preview = folder / PREVIEW
        if preview.is_file():
            fields["preview_asset_id"] = upload(preview, AssetKind.THUMBNAIL)
        mine = [one for one in client.templates(q=fields["name"]) if not one.builtin]
        same = next((one for one in mine if one.name == fields["name"]), None)
        if same is not None and replace:
            made = client.update_template(same.id, fields)
        else:
            made = client.create_template({"type": "timeline", **fields})
    if as_json:
        print_json(made)
    else:
        typer.echo(f"{made.id}  {made.name}, version {made.version}")


@app.command()
def versions(template: ServerTemplate, *, server: Server = None, as_json: AsJson = False) -> None:
    """List the versions of a template; jobs keep the one that they were submitted with."""
    with connect(server) as client:
        template_id = template if is_id(Prefix.TEMPLATE, template) else _find(client, template).id
        found = client.template_versions(template_id)
    if as_json:
        print_json(found)
        return
    print_table(("VERSION", "TYPE", "CREATED"), [(v.version, v.type, v.created_at) for v in found])


@app.command()
def delete(template: ServerTemplate, *, server: Server = None) -> None:
    """Delete a template. Its jobs and its versions stay."""
    with connect(server) as client:
        client.delete_template(_find(client, template).id)


def _find(client: GalaClient, named: str) -> Template:
    """Return a template by its id or name."""
    if is_id(Prefix.TEMPLATE, named):
        return client.template(named)
    listed = client.templates(q=named)
    found = [one for one in listed if one.name == named]
    if not found:
        names = [one.name for one in client.templates()]
        raise NotFound(f"There is no template {named!r}.", hint=suggestion(named, names))
    return client.template(min(found, key=lambda one: one.builtin).id)


def _assets_of(found: Template) -> list[str]:
    texts = [*texts_in(found.composition), *texts_in(found.defaults)]
    return list(dict.fromkeys(one for one in texts if is_id(Prefix.ASSET, one)))
