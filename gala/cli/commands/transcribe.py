"""``gala transcribe``: what is said, as text or captions."""

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


class Written(StrEnum):
    """How it is written."""

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
        Path, typer.Argument(metavar=MEDIA, help="A sound, or a video that has sound.")
    ],
    *,
    out: Out = None,
    written: Annotated[
        Written | None, typer.Option("--format", help="By default as -o ends, or txt.")
    ] = None,
    language: Language = None,
    param: Param = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Write down what is said. Needs Whisper here, or a server that has it.

    Without -o it is printed: the text, or with --json all of it, words with their times included.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    target = None if out is None or out == STDOUT else out
    if out == STDOUT and as_json and written not in {None, Written.JSON}:
        raise InvalidRequest(f"{OUT} -: standard output holds the JSON", field=OUT)
    form = _form(target, written, as_json=as_json)
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
        text = _text(session, made.texts, form)
        if target:
            session.write(str(form), target, text)
            session.deliver()
    if target is None:
        session.print_warnings()
        _print(text, session, form)


def _form(target: Path | None, written: Written | None, *, as_json: bool) -> Written:
    if target is None:
        if as_json and written not in {None, Written.JSON}:
            raise InvalidRequest(f"--format: with --json, {written} needs -o", field="--format")
        return written or (Written.JSON if as_json else Written.TXT)
    check_name(target, OUT)
    subtitles.check_ending(target, OUT, _PLAIN)
    form = Written(ending(target).removeprefix("."))
    if written not in {None, form}:
        raise InvalidRequest(f"--format: {written} is not how {target} ends", field="--format")
    return form


def _text(session: RenderSession, texts: Mapping[str, str], form: Written) -> str:
    match form:
        case Written.JSON:
            return texts["words"]
        case Written.TXT:
            return str(json.loads(texts["words"])["text"]).strip() + "\n"
        case Written.VTT:
            return texts["captions"]
        case _:
            return subtitles.convert_captions(session, texts["captions"], f".{form}")


def _print(text: str, session: RenderSession, form: Written) -> None:
    if form is Written.JSON:
        about = {**json.loads(text), **(session.about_work() if session.common.as_json else {})}
        text = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
    sys.stdout.write(text)
    sys.stdout.flush()
