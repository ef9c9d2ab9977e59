"""``gala models``: presenters with a body and a voice, stored on a server."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gala.cli.api_connection import connect
from gala.cli.commands.say import Engine, Gender, Language, Speed, Voice
from gala.cli.console import AsJson, Server, print_json, print_status, print_table
from gala.cli.rendering.options import Force, param_options, with_params
from gala.cli.rendering.presenter_body import BODY, presenter_body
from gala.client import GalaClient, Model
from gala.errors import GalaError, InvalidRequest, error_of
from gala.files import atomic_file
from gala.ids import Prefix, is_id
from gala.media import AssetKind
from gala.presenter_looks import Framing
from gala.render_types.params.presenters import PresenterBackground

app = typer.Typer(
    help="Add, list, show and delete models: presenters with a body and a voice.",
    no_args_is_help=True,
)

ModelId = Annotated[str, typer.Argument(help="mdl_…")]

_PERSONA: Final = "preset.presenter."
_OPTIONS: Final = ("voice", "engine", "language", "speed", "energy", "framing")


class PreviewKind(StrEnum):
    """What a preview shows."""

    FOUND = "found"
    NEUTRAL = "neutral"
    CLIP = "clip"


_SUFFIXES: Final = {
    PreviewKind.FOUND: ".png",
    PreviewKind.NEUTRAL: ".jpg",
    PreviewKind.CLIP: ".mp4",
}


@app.command("list")
def list_(
    q: Annotated[str | None, typer.Option(help="Part of the name, or a tag.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """List the latest models, newest first."""
    with connect(server) as client:
        found = client.models(q=q, limit=limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("model", "name", "body", "voice", "tags", "created"),
        (
            (one.id, one.stage_name, _kind(one), _persona(one).get("voice"), " ".join(one.tags),
             one.created_at)
            for one in found
        ),
    )  # fmt: skip


@app.command()
def add(
    body: Annotated[
        str,
        typer.Argument(
            metavar=BODY,
            help="A picture with a face, an asset id of one, a folder of sprites, or a drawn"
            " character: gala, leo, maya, sol.",
        ),
    ],
    *,
    name: Annotated[str, typer.Option(help="The stage name.")],
    voice: Voice = None,
    gender: Gender = None,
    engine: Engine = None,
    language: Language = None,
    speed: Speed = None,
    face: Annotated[
        int | None, typer.Option(min=1, max=50, help="Which face speaks; 1 is the largest.")
    ] = None,
    energy: Annotated[
        float | None, typer.Option(min=0, max=1, help="Energy of the movements. Default: 0.5.")
    ] = None,
    framing: Annotated[
        Framing | None, typer.Option(help="How much of the presenter is shown. Default: bust.")
    ] = None,
    background: Annotated[
        PresenterBackground | None, typer.Option(help="What is behind the presenter.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag. May be repeated.")] = None,
    consent: Annotated[
        str | None, typer.Option(help="A note about the consent of the person shown.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "-p",
            "--param",
            metavar="KEY=TEXT",
            help="Any field of preset.presenter; KEY:=JSON for numbers and lists, A.B=… for nested"
            " fields: captions.style=karaoke. May be repeated.",
        ),
    ] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Add a model and print its id. A picture without a face that can speak is refused."""
    options = param_options(
        voice=voice, gender=gender, engine=engine, language=language, speed=speed, energy=energy,
        framing=framing, background=background,
    )  # fmt: skip
    with connect(server) as client, _uploaded(client, body) as uploaded:
        chosen = uploaded if face is None else {**uploaded, "face": face}
        persona = with_params({"body": chosen, **options.params}, param)
        with _named(body):
            model = client.create_model(name, presenter=persona, tags=tag or (), consent=consent)
    for warning in model.previews.warnings if model.previews else ():
        print_status(_in_options(warning, body))
    if as_json:
        print_json(model)
    else:
        typer.echo(model.id)


@app.command()
def show(model_id: ModelId, server: Server = None, as_json: AsJson = False) -> None:
    """Show a model."""
    with connect(server) as client:
        model = client.model(model_id)
    if as_json:
        print_json(model)
        return
    shown: dict[str, object] = {
        "model": model.id,
        "name": model.stage_name,
        "tags": " ".join(model.tags),
        "body": _kind(model),
        **{f"presenter.{key}": _shown(value) for key, value in _persona(model).items()},
        "consent": model.consent,
        "created": model.created_at,
    }
    if model.uploaded_by:
        by = model.uploaded_by
        shown["uploaded"] = f"{by.at.astimezone():%F %T} by {by.owner_id} {by.key_id or ''}"
    if model.previews:
        shown["previews"] = model.previews.status
        shown["warnings"] = " ".join(model.previews.warnings)
    print_table(("", ""), shown.items())


@app.command()
def preview(
    model_id: ModelId,
    kind: Annotated[
        PreviewKind,
        typer.Option(help="A frame at rest, two seconds of movement, or what was found."),
    ] = PreviewKind.NEUTRAL,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", dir_okay=False, help="The file. Default: MODEL-KIND.jpg, …"),
    ] = None,
    force: Force = False,
    server: Server = None,
) -> None:
    """Save a preview of a model, and print the path of the file."""
    file = out or Path(f"{model_id}-{kind}{_SUFFIXES[kind]}")
    if file.exists() and not force:
        raise InvalidRequest(f"{file} already exists", hint="replace it with --force")
    with connect(server) as client:
        content = client.model_preview(model_id, kind)
    with atomic_file(file) as temporary:
        temporary.write_bytes(content)
    typer.echo(file)


@app.command()
def delete(model_id: ModelId, server: Server = None) -> None:
    """Delete a model and its previews; assets such as its picture remain."""
    with connect(server) as client:
        client.delete_model(model_id)
    print_status(f"deleted {model_id}")


def _persona(model: Model) -> Mapping[str, Any]:
    found = model.preset.get("presenter")
    return found if isinstance(found, dict) else {}


def _shown(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _kind(model: Model) -> str:
    body = _persona(model).get("body") or {}
    if body.get("portrait_asset_id") or (not body and model.asset_ids):
        return "portrait"
    return "sprites" if body.get("sprites") else "drawn"


@contextmanager
def _uploaded(client: GalaClient, body: str) -> Iterator[dict[str, Any]]:
    """Upload the pictures of BODY and yield the body; delete them if the block fails."""
    if is_id(Prefix.ASSET, body):
        yield {"portrait_asset_id": body}
        return
    found, files = presenter_body(body)
    ids: list[str] = []
    try:
        for path in itertools.chain(*files.values()):
            asset = client.upload(path, kind=AssetKind.AVATAR_INPUT)
            ids.append(asset.id)
        yield _with_assets(found, ids)
    except GalaError:
        for asset_id in ids:
            client.delete_asset(asset_id)
        raise


def _with_assets(body: Mapping[str, Any], ids: list[str]) -> dict[str, Any]:
    """Return the body with assets in place of the numbers of its pictures."""
    if "portrait" in body:
        return {"portrait_asset_id": ids[body["portrait"] - 1]}
    if "sprites" not in body:
        return dict(body)
    sprites = body["sprites"]
    pictures = {name: ids[number - 1] for name, number in sprites["pictures"].items()}
    return {"sprites": {**sprites, "pictures": pictures}}


@contextmanager
def _named(body: str) -> Iterator[None]:
    """Raise the server's errors with the names of arguments and options."""
    try:
        yield
    except GalaError as error:
        hint = None if error.hint is None else _in_options(error.hint, body)
        message = _in_options(error.message, body)
        details = {**error.details, "field": None}
        raise error_of(error.code, message, hint=hint, details=details) from error


def _in_options(text: str, body: str) -> str:
    """Return the text with arguments and options in place of the fields of the model."""
    labels = {
        f"{_PERSONA}body.portrait_asset_id": body,
        f"{_PERSONA}body.face": "--face",
        **{f"{_PERSONA}{name}": f"--{name}" for name in _OPTIONS},
        # The names that -p takes.
        _PERSONA: "",
    }
    for name, label in labels.items():
        text = text.replace(name, label)
    return text
