"""``gala present``: a presenter speaks a text."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from gala.cli.commands.caption import QualityOption
from gala.cli.commands.say import Engine, Gender, Language, Speed, Voice
from gala.cli.rendering import completion
from gala.cli.rendering.branding import BrandOption, with_brand
from gala.cli.rendering.input_files import read_text
from gala.cli.rendering.optional_values import with_usual_value
from gala.cli.rendering.options import (
    AsJson,
    CommonOptions,
    Force,
    Fps,
    Local,
    Out,
    Param,
    Ratio,
    Remote,
    Size,
    param_options,
    with_params,
)
from gala.cli.rendering.output_paths import ending
from gala.cli.rendering.presenter_body import (
    BODY,
    POINTS,
    body_names,
    dialogue_turns,
    face_points,
    presenter_body,
)
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import make_files, single_output
from gala.cli.rendering.targets import TargetOption, for_target, target_frame
from gala.errors import InvalidRequest
from gala.presenter_looks import Framing
from gala.render_types.params.framing import Anchor
from gala.render_types.params.presenter_backgrounds import background_choice
from gala.render_types.params.presenter_files import PresenterWithFiles, joined
from gala.render_types.params.presenters import Driver

_WITH: Final = "--with"
_WITH_VOICE: Final = "--with-voice"
_CORNER: Final = "--corner"
_USUAL_CORNER: Final = Anchor.BOTTOM_RIGHT


class PresentCommand(TyperCommand):
    """A command whose option ``--corner`` needs no value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        places = {one.value for one in Anchor}
        full = with_usual_value(args, _CORNER, places, _USUAL_CORNER.value)
        return super().parse_args(ctx, [*full])


def present(
    body: Annotated[
        str,
        typer.Argument(
            metavar=BODY,
            help="A picture with a face, a folder of sprites, or a drawn character: gala, leo,"
            " maya, sol.",
        ),
    ],
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT", help="The text; - reads standard input. \\[pause 0.5s] is a pause."
        ),
    ] = None,
    *,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the text from a file.")
    ] = None,
    audio: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A recorded voice; TEXT, if given, is what it says."),
    ] = None,
    out: Out = None,
    voice: Voice = None,
    gender: Gender = None,
    engine: Engine = None,
    language: Language = None,
    speed: Speed = None,
    framing: Annotated[
        Framing | None, typer.Option(help="How much of the presenter is shown. Default: bust.")
    ] = None,
    background: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="keep, blur, none (transparent), a picture, a video, or a color: #224466.",
        ),
    ] = None,
    face: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            help="Which face of the picture speaks, the largest first. Default: 1.",
        ),
    ] = None,
    points: Annotated[
        list[str] | None,
        typer.Option(
            POINTS,
            metavar="NAME=X,Y",
            help="Where features of a drawing or an animal are, in fractions of the picture:"
            " left_eye=0.4,0.42. May be repeated.",
        ),
    ] = None,
    driver: Annotated[
        Driver | None,
        typer.Option(help="What moves portraits; service is the operator's. Default: builtin."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Other movements. Default: 0.")
    ] = None,
    others: Annotated[
        list[str] | None,
        typer.Option(
            _WITH,
            metavar=BODY,
            help="Another presenter, for a dialogue: each line of TEXT is a turn, in order, or of"
            " the presenter whose number or name it begins with: '2: Hello', 'leo: Hello'."
            " May be repeated.",
        ),
    ] = None,
    their_voices: Annotated[
        list[str] | None,
        typer.Option(
            _WITH_VOICE,
            metavar="VOICE",
            help="The voice of the presenter of each --with; by default each has another.",
            autocompletion=completion.voices,
        ),
    ] = None,
    corner: Annotated[
        Anchor | None,
        typer.Option(
            _CORNER,
            metavar="[PLACE]",
            help="Show the presenter in a circle over the background: bottom-right, if no place"
            f" follows, or {', '.join(one for one in Anchor if one is not _USUAL_CORNER)}.",
        ),
    ] = None,
    energy: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Energy of the movements. Default: 0.5."),
    ] = None,
    captions: Annotated[bool, typer.Option(help="Whether words are shown.")] = True,
    music: Annotated[Path | None, typer.Option(metavar="FILE", help="Background music.")] = None,
    logo: Annotated[Path | None, typer.Option(metavar="FILE", help="A logo on top.")] = None,
    target: TargetOption = None,
    ratio: Ratio = None,
    size: Size = None,
    fps: Fps = None,
    brand: BrandOption = None,
    quality: QualityOption = None,
    param: Param = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Let a portrait, sprites or a drawn character speak, alone or in dialogue.

    1080x1920 unless --target, --size or --aspect-ratio is given. With --background none, the ending
    of -o selects the format: .webm, .mov (ProRes 4444), .zip (PNG files). Without -o, writes
    BODY.mp4.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    inputs: dict[str, list[Path]] = {
        name: [path]
        for name, path in (("voice", audio), ("music", music), ("logo", logo))
        if path is not None
    }
    cast, pictures = joined([presenter_body(body), *_beside(others, their_voices)])
    inputs |= pictures
    own = {"face": face, "points": face_points(points) if points else None}
    cast[0] |= {name: value for name, value in own.items() if value is not None}
    acting = {"energy": energy, "driver": None if driver is None else driver.value}
    for one in cast:
        one |= {name: value for name, value in acting.items() if value is not None}
    content = read_text(text, file, text_label="TEXT")
    options = param_options(
        voice=voice, gender=gender, engine=engine, language=language, speed=speed, framing=framing,
        quality=quality, seed=seed,
    )  # fmt: skip
    params: dict[str, Any] = {
        **options.params,
        **_said(content, cast, [body, *(others or ())]),
        "presenters": cast,
    }
    chosen, behind = background_choice(background, "" if out is None else ending(out))
    params |= chosen
    if behind is not None:
        inputs["background"] = [behind]
    if corner is not None:
        params["inset"] = {} if corner is _USUAL_CORNER else {"position": corner.value}
    if not captions:
        params["captions"] = None
    wanted = target_frame(target, ratio, size, fps)
    command = RenderCommand(
        type="presenter",
        params=for_target(with_params(params, param), target, wanted, "presenter"),
        inputs=inputs,
        format=wanted,
        labels={**options.labels, **_LABELS, **_labels_of(cast, params)},
    )
    command = with_brand(command, brand, common)
    drawn = "character" in cast[0]
    stem = body if drawn else Path(body).resolve().stem
    make_files(command, single_output(command, out, stem), common)


def _beside(
    bodies: Sequence[str] | None, voices: Sequence[str] | None
) -> Iterator[PresenterWithFiles]:
    """Yield the presenters of ``--with``, with their voices."""
    bodies, voices = bodies or (), voices or ()
    if len(voices) > len(bodies):
        raise InvalidRequest(
            f"{_WITH_VOICE}: it is the voice of a presenter of {_WITH}, of which there are"
            f" {len(bodies)}",
            field=_WITH_VOICE,
        )
    for body, voice in itertools.zip_longest(bodies, voices):
        presenter, files = presenter_body(body, _WITH)
        own = {} if voice is None else {"voice": voice}
        yield PresenterWithFiles({**presenter, **own}, files)


def _said(
    text: str | None, cast: Sequence[dict[str, Any]], bodies: Sequence[str]
) -> dict[str, Any]:
    """Return what is said, as a text or as turns; presenters who take turns get names."""
    if text is None:
        return {}
    if len(cast) == 1:
        return {"text": text}
    for number, one in enumerate(cast, start=1):
        one["name"] = str(number)
    return {"turns": dialogue_turns(text, body_names(bodies))}


def _labels_of(cast: Sequence[Mapping[str, Any]], params: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of arguments and options by the fields of presenters and turns."""
    turns = range(len(params.get("turns", ())))
    found = {f"params.turns.{number}.text": "TEXT" for number in turns}
    for point, axis in itertools.product(cast[0].get("points", ()), "01"):
        found[f"params.presenters.0.points.{point}.{axis}"] = f"{POINTS} {point}"
    for number in range(len(cast)):
        for name in ("face", "energy", "driver", "points"):
            found[f"params.presenters.{number}.{name}"] = f"--{name}"
        found[f"params.presenters.{number}.voice"] = _WITH_VOICE
    return found


_LABELS: Final = {
    "params.text": "TEXT",
    "params.turns": "TEXT",
    "params.presenters": _WITH,
    "params.background_color": "--background",
    "params.inset": _CORNER,
    "params.inset.position": _CORNER,
    "inputs.portrait_asset_ids": BODY,
    "inputs.portrait": BODY,
    "inputs.sprite_asset_ids": BODY,
    "inputs.sprite": BODY,
    "inputs.voice_asset_id": "--audio",
    "inputs.voice": "--audio",
    "inputs.background_asset_id": "--background",
    "inputs.background": "--background",
    "inputs.music_asset_id": "--music",
    "inputs.music": "--music",
    "inputs.logo_asset_id": "--logo",
    "inputs.logo": "--logo",
}
