"""``gala submit``: submits a job, uploads its inputs and downloads its outputs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from gala.cli.api_connection import connect
from gala.cli.console import AsJson, Server, print_json, print_status
from gala.cli.progress import watch
from gala.cli.rendering.composition_file import all_problems, media_of, read_json
from gala.cli.rendering.options import with_params
from gala.cli.uploads import Upload, uploads_for
from gala.client import GalaClient, Job
from gala.errors import InvalidRequest
from gala.ids import Prefix, is_id
from gala.media import AspectRatio, AssetKind
from gala.mime import suffix_of
from gala.render_types import RenderType, find_type
from gala.targets import TargetName
from gala.timeline.reader import read_timeline
from gala.timeline.sources import named_files, renamed

INPUT_KINDS = {
    "bg": AssetKind.BACKGROUND,
    "music": AssetKind.MUSIC,
    "overlay": AssetKind.OVERLAY,
    "voice_audio": AssetKind.VOICE,
    "avatar_image": AssetKind.AVATAR_INPUT,
    "captions": AssetKind.CAPTIONS,
}
"""Asset kind of an uploaded file by input name."""


def submit(  # noqa: PLR0917 - typer's options
    type: Annotated[  # noqa: A002 - the contract's word
        str | None, typer.Argument(help="A render type, e.g. hello_render.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="The params as JSON, such as a composition; files that one names are uploaded.",
        ),
    ] = None,
    template: Annotated[
        str | None, typer.Option(help="A template's id or name, instead of TYPE.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="A display name for the job.")] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", help="KEY=TEXT, KEY:=JSON or A.B=…: music_volume_db:=-6"),
    ] = None,
    input: Annotated[  # noqa: A002 - the contract's word
        list[str] | None,
        typer.Option(
            "--input", "-i", help="NAME=FILE (uploaded), NAME=ASSET_ID or NAME=URL: bg=a.jpg"
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="A model (mdl_…) that presents or speaks. May be repeated."),
    ] = None,
    wait: Annotated[bool, typer.Option(help="Wait until the job has ended.")] = True,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder to download the outputs into.")
    ] = None,
    aspect_ratio: Annotated[
        AspectRatio | None, typer.Option(help="Aspect ratio of the frame.")
    ] = None,
    target: Annotated[
        TargetName | None,
        typer.Option(help="Where the film is shown; see `gala templates targets`."),
    ] = None,
    brand: Annotated[str | None, typer.Option(help="Name of a brand kit.")] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Submit a job, follow it, and download its outputs."""
    if type and template:
        raise InvalidRequest("give a render type or a template, not both")
    spec = find_type(type or "hello_render") if template is None else None
    with connect(server) as client:
        with uploads_for(client) as upload:
            job = client.submit(
                type=type,
                template_id=template,
                name=name,
                params=_params(upload, spec, file, param or ()),
                inputs=_inputs(upload, spec, input or ()) or None,
                output=_output(aspect_ratio, target),
                brand=brand,
                model_ids=model or (),
            )
        print_status(f"job {job.id}")
        if wait or out:
            job = watch(client, job)
        files = _download(client, job, out) if out else []
    if as_json:
        print_json(job)
    else:
        typer.echo("\n".join(map(str, files)) or job.id)


def _params(
    upload: Upload, spec: RenderType | None, file: Path | None, options: Iterable[str]
) -> dict[str, Any]:
    if file is None:
        return with_params({}, options)
    given = with_params(read_json(file), options)
    if spec is None or spec.name != "timeline":
        return given
    with all_problems(file, as_json=False):
        timeline = read_timeline(given)
        (sources,) = media_of(timeline, file.parent, on_server=True).values() or ((),)
    files = list(named_files(timeline))
    names = dict(zip(dict.fromkeys(one.source for one in files), sources, strict=True))
    uploaded = {
        name: source if isinstance(source, str) else _uploaded(upload, "media", source)
        for name, source in names.items()
    }
    return renamed(given, files, uploaded)


def _output(ratio: AspectRatio | None, target: TargetName | None) -> dict[str, str] | None:
    chosen = {"aspect_ratio": ratio, "target": target}
    return {name: value.value for name, value in chosen.items() if value is not None} or None


def _inputs(upload: Upload, spec: RenderType | None, options: Iterable[str]) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not name or not equals:
            raise InvalidRequest(f"--input {option!r} is not NAME=FILE, NAME=ASSET_ID or NAME=URL")
        is_url = value.startswith(("http://", "https://"))
        source = value if is_url else _asset_id(upload, name, value)
        if spec is None or name not in spec.inputs:
            # Only the server knows the inputs of a template's type; it rejects invalid ones.
            inputs[f"{name}_url" if is_url else f"{name}_asset_id"] = source
            continue
        field = spec.url_field(name) if is_url else spec.input_field(name)
        inputs[field] = [*inputs.get(field, ()), source] if spec.inputs[name].many else source
    return inputs


def _asset_id(upload: Upload, name: str, value: str) -> str:
    if is_id(Prefix.ASSET, value):
        return value
    file = Path(value)
    if not file.is_file():
        raise InvalidRequest(f"--input {name}: {value!r} is neither a file nor an asset id")
    return _uploaded(upload, name, file)


def _uploaded(upload: Upload, name: str, file: Path) -> str:
    if not file.is_file():
        raise InvalidRequest(f"{file}: there is no such file")
    print_status(f"uploading {file}")
    return upload(file, INPUT_KINDS.get(name, AssetKind.OTHER))


def _download(client: GalaClient, job: Job, folder: Path) -> list[Path]:
    files = []
    for output in job.outputs:
        for role, asset_id in output.asset_ids.items():
            file = folder / _file_name(job, output.variant, role, client.asset(asset_id).mime)
            files.append(client.download(asset_id, file))
    return files


def _file_name(job: Job, variant: int, role: str, mime: str | None) -> str:
    number = f"-{variant}" if len(job.outputs) > 1 else ""
    return f"{job.id}{number}-{role}{suffix_of(mime) if mime else ''}"
