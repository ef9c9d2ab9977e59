"""``gala present``: a presenter speaks a text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gala.cli.commands.caption import QualityOption
from gala.cli.commands.say import Engine, Language, Speed, Voice
from gala.cli.rendering.input_files import read_text
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
    frame,
    param_options,
    with_params,
)
from gala.cli.rendering.output_paths import ending
from gala.cli.rendering.presenter_body import BODY, presenter_body
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import make_files, single_output
from gala.presenter_looks import Framing
from gala.render_types.params.presenter_backgrounds import background_choice


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
    corner: Annotated[
        bool,
        typer.Option("--corner", help="Show the presenter in a circle over the background."),
    ] = False,
    energy: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Energy of the movements. Default: 0.5."),
    ] = None,
    captions: Annotated[bool, typer.Option(help="Whether words are shown.")] = True,
    music: Annotated[Path | None, typer.Option(metavar="FILE", help="Background music.")] = None,
    logo: Annotated[Path | None, typer.Option(metavar="FILE", help="A logo on top.")] = None,
    ratio: Ratio = None,
    size: Size = None,
    fps: Fps = None,
    quality: QualityOption = None,
    param: Param = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Let a portrait, sprites or a drawn character speak.

    1080x1920 unless --size or --aspect-ratio is given. With --background none, the ending of -o
    selects the format: .webm, .mov (ProRes 4444), .zip (PNG files). Without -o, writes BODY.mp4.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    inputs: dict[str, list[Path]] = {
        name: [path]
        for name, path in (("voice", audio), ("music", music), ("logo", logo))
        if path is not None
    }
    presenter = presenter_body(body, inputs) | ({} if energy is None else {"energy": energy})
    content = read_text(text, file, text_label="TEXT")
    options = param_options(
        text=content, voice=voice, engine=engine, language=language, speed=speed,
        framing=framing, quality=quality,
    )  # fmt: skip
    params: dict[str, Any] = {**options.params, "presenters": [presenter]}
    chosen, behind = background_choice(background, "" if out is None else ending(out))
    params |= chosen
    if behind is not None:
        inputs["background"] = [behind]
    if corner:
        params["inset"] = {}
    if not captions:
        params["captions"] = None
    command = RenderCommand(
        type="presenter",
        params=with_params(params, param),
        inputs=inputs,
        format=frame(ratio, size, fps),
        labels={**options.labels, **_LABELS},
    )
    drawn = "character" in presenter
    stem = body if drawn else Path(body).resolve().stem
    make_files(command, single_output(command, out, stem), common)


_LABELS: Final = {
    "params.text": "TEXT",
    "params.presenters.0.energy": "--energy",
    "params.background_color": "--background",
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
