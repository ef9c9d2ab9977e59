"""``gala transcribe``: converts speech to text or captions."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from gala.cli.commands.say import Language
from gala.cli.rendering import subtitles
from gala.cli.rendering.input_files import check_name
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
from gala.cli.rendering.output_paths import OUT, STDOUT, ending
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import RenderSession, open_session
from gala.errors import InvalidRequest


class TextFormat(StrEnum):
    """The format of a transcription."""

    TXT = "txt"
    JSON = "json"
    SRT = "srt"
    VTT = "vtt"
    ASS = "ass"


MEDIA: Final = "MEDIA"
_PLAIN: Final = (".txt", ".json")
_LABELS: Final = {"inputs.audio_asset_id": MEDIA, "inputs.audio": MEDIA}


def transcribe(
    media: Annotated[
        Path, typer.Argument(metavar=MEDIA, help="An audio file, or a video with sound.")
    ],
    *,
    out: Out = None,
    requested: Annotated[
        TextFormat | None, typer.Option("--format", help="Default: by the ending of -o, or txt.")
    ] = None,
    language: Language = None,
    param: Param = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Transcribe speech. Needs Whisper on this machine, or a server that has it.

    Without -o, prints the text, or with --json also all words with their times.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    target = None if out is None or out == STDOUT else out
    if out == STDOUT and as_json and requested not in {None, TextFormat.JSON}:
        raise InvalidRequest(f"{OUT} -: standard output is used for the JSON", field=OUT)
    text_format = _text_format(target, requested, as_json=as_json)
    options = param_options(language=language)
    command = RenderCommand(
        type="transcribe",
        params=with_params(options.params, param),
        inputs={"audio": [media]},
        labels={**options.labels, **_LABELS},
    )
    command.check()
    with open_session(common, [target] if target else []) as session:
        made = session.make(command, read=("words", "captions"))
        text = _text(session, made.texts, text_format)
        if target:
            session.write(str(text_format), target, text)
            session.deliver()
    if target is None:
        session.print_warnings()
        _print(text, session, text_format)


def _text_format(target: Path | None, requested: TextFormat | None, *, as_json: bool) -> TextFormat:
    if target is None:
        if as_json and requested not in {None, TextFormat.JSON}:
            raise InvalidRequest(f"--format: with --json, {requested} needs -o", field="--format")
        return requested or (TextFormat.JSON if as_json else TextFormat.TXT)
    check_name(target, OUT)
    subtitles.check_ending(target, OUT, _PLAIN)
    text_format = TextFormat(ending(target).removeprefix("."))
    if requested not in {None, text_format}:
        raise InvalidRequest(
            f"--format: {requested} differs from the ending of {target}", field="--format"
        )
    return text_format


def _text(session: RenderSession, texts: Mapping[str, str], text_format: TextFormat) -> str:
    match text_format:
        case TextFormat.JSON:
            return texts["words"]
        case TextFormat.TXT:
            return str(json.loads(texts["words"])["text"]).strip() + "\n"
        case TextFormat.VTT:
            return texts["captions"]
        case _:
            return subtitles.convert_captions(session, texts["captions"], f".{text_format}")


def _print(text: str, session: RenderSession, text_format: TextFormat) -> None:
    if text_format is TextFormat.JSON:
        about = {**json.loads(text), **(session.about_work() if session.common.as_json else {})}
        text = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
    sys.stdout.write(text)
    sys.stdout.flush()
