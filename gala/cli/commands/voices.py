"""``gala voices``: the voices of the speech engines, here or on a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Final

import typer

from gala.cli.console import print_json, print_status, print_table
from gala.cli.rendering.engines import open_engine
from gala.cli.rendering.options import AsJson, CommonOptions, Local, Remote
from gala.engine import SpeechVoice
from gala.errors import InvalidRequest
from gala.name_suggestions import language_suggestion
from gala.render_types.params.voice import SpeechEngineName

_SAME_LANGUAGE: Final = {"zh": "cmn", "cmn": "zh", "no": "nb", "nb": "no"}
"""Tags by which engines name the same language."""


def voices(
    *,
    language: Annotated[
        str | None, typer.Option(metavar="TAG", help="Only voices of this language: es, en-GB.")
    ] = None,
    engine: Annotated[SpeechEngineName | None, typer.Option(help="Only this engine's.")] = None,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """List the voices of the speech engines that are installed.

    A voice of espeak can be combined with a variant: es+f3.
    """
    common = CommonOptions.of(remote, local=local, as_json=as_json)
    wanted = [engine] if engine not in {None, SpeechEngineName.AUTO} else list(SpeechEngineName)
    with open_engine(common.server) as used:
        found = [one for one in used.voices() if one.engine in wanted]
        missing = [(name, used.lacks(name)) for name in wanted]
    if language is not None:
        found = _of_language(found, language)
    if as_json:
        print_json({"voices": [asdict(one) for one in found]})
        return
    print_table(
        ("voice", "engine", "language", "gender"),
        ((one.name, one.engine, one.language, one.gender) for one in found),
    )
    for name, reason in missing:
        if reason:
            print_status(f"{name}: {reason}")


def _of_language(found: Sequence[SpeechVoice], language: str) -> list[SpeechVoice]:
    """Return the voices of a language, or, for ``en-GB``, of a variety of it."""
    tag = language.lower().replace("_", "-")
    tags = {tag, _SAME_LANGUAGE.get(tag, tag)}
    matching = [
        one
        for one in found
        if any(one.language.lower() == wanted or one.language.lower().startswith(f"{wanted}-")
               for wanted in tags)
    ]  # fmt: skip
    if not matching:
        known = sorted({one.language for one in found})
        primary = {one.partition("-")[0] for one in known}
        raise InvalidRequest(
            f"--language: there is no voice for {language!r} here."
            f" {language_suggestion(language, known, also=primary)}",
            field="--language",
        )
    return matching
