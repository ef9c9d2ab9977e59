"""``gala say``: speaks a text."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gala.cli.rendering import completion
from gala.cli.rendering.branding import BrandOption, with_brand
from gala.cli.rendering.input_files import STDIN, check_name, read_text
from gala.cli.rendering.options import (
    AsJson,
    CommonOptions,
    Force,
    Local,
    Out,
    Param,
    Remote,
    param_options,
    with_params,
)
from gala.cli.rendering.output_paths import ending, fill_format
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import RenderSession, open_session, single_output
from gala.cli.rendering.subtitles import check_ending, write_captions
from gala.errors import InvalidRequest
from gala.render_types.params.voice import SpeechEngineName
from gala.voice_gender import VoiceGender

VOICE_PANEL: Final = "Voice"
CAPTIONS: Final = "--captions"

Voice = Annotated[
    str | None,
    typer.Option(
        help="A voice of the engine: af_heart, es-419, en-us+f3.",
        autocompletion=completion.voices,
        rich_help_panel=VOICE_PANEL,
    ),
]
Gender = Annotated[
    VoiceGender | None,
    typer.Option(
        help="The gender of the voice, where --voice is not given.", rich_help_panel=VOICE_PANEL
    ),
]
Engine = Annotated[
    SpeechEngineName | None, typer.Option(help="The speech engine.", rich_help_panel=VOICE_PANEL)
]
Speed = Annotated[
    float | None,
    typer.Option(min=0.5, max=2, help="1 is normal speed.", rich_help_panel=VOICE_PANEL),
]
Language = Annotated[
    str | None, typer.Option(metavar="TAG", help="es, en-GB, …. Default: detected.")
]


def say(
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
    out: Out = None,
    captions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the words with their times: .srt, .vtt, .ass, .json."
        ),
    ] = None,
    voice: Voice = None,
    gender: Gender = None,
    engine: Engine = None,
    language: Language = None,
    speed: Speed = None,
    brand: BrandOption = None,
    param: Param = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Speak a text; the ending of -o selects wav, mp3, m4a, ogg (Opus) or flac.

    Without -o, writes speech.wav, or FILE.wav with --file FILE, to the current folder.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    content = read_text(text, file, text_label="TEXT")
    if content is None:
        raise InvalidRequest(
            "TEXT: there is nothing to say", field="TEXT", hint="give TEXT, - or --file"
        )
    options = param_options(
        voice=voice, gender=gender, engine=engine, language=language, speed=speed
    )
    command = RenderCommand(
        type="tts",
        params=with_params({"text": content, **options.params}, param),
        labels={**options.labels, "params.text": "TEXT"},
    )
    command = with_brand(command, brand, common)
    if captions is not None:
        check_name(captions, CAPTIONS)
        check_ending(captions, CAPTIONS)
    sound = single_output(command, out, _stem(file), roles=("audio",))
    _speak(command, sound, captions, common)


def _speak(
    command: RenderCommand, sound: dict[str, Path], captions: Path | None, common: CommonOptions
) -> None:
    params = fill_format(command.render_type, command.params, sound.values())
    command = replace(command, params=params)
    command.check()
    targets = [*sound.values(), *([captions] if captions else ())]
    with open_session(common, targets) as session:
        made = session.make(command, sound, read=("words",) if captions else ())
        if captions:
            _caption(session, captions, json.loads(made.texts["words"]))
        session.deliver()


def _caption(session: RenderSession, target: Path, words: list[dict[str, Any]]) -> None:
    if ending(target) == ".json":
        session.write("words", target, json.dumps(words, ensure_ascii=False) + "\n")
    else:
        write_captions(session, words, target)


def _stem(file: Path | None) -> str:
    return "speech" if file is None or str(file) == STDIN else file.stem
