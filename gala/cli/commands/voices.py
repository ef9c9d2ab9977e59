"""``gala voices``: the voices of the speech engines, here or on a server."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Final

import typer

from gala.cli.audio_player import play as play_file
from gala.cli.console import print_json, print_status, print_table
from gala.cli.rendering.completion import voices as voice_names
from gala.cli.rendering.engines import open_engine
from gala.cli.rendering.options import AsJson, CommonOptions, Force, Local, Remote
from gala.engine import Engine, SpeechVoice
from gala.errors import InvalidRequest
from gala.files import atomic_file
from gala.name_suggestions import VOICE_LISTING, language_suggestion, suggestion
from gala.render_types.params.espeak_voices import split_voice
from gala.render_types.params.language_tags import within
from gala.render_types.params.voice import SpeechEngineName
from gala.voice_gender import VoiceGender

_MAX_PLAYED: Final = 3
"""How many voices are played if none is named."""
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_+-]+")


def voices(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="Only this voice: ef_dora, es, es+f3.",
            autocompletion=voice_names,
        ),
    ] = None,
    *,
    language: Annotated[
        str | None, typer.Option(metavar="TAG", help="Only voices of this language: es, en-GB.")
    ] = None,
    engine: Annotated[SpeechEngineName | None, typer.Option(help="Only this engine's.")] = None,
    gender: Annotated[VoiceGender | None, typer.Option(help="Only these voices.")] = None,
    play: Annotated[
        bool,
        typer.Option(
            "--play", help=f"Play the sample of NAME, or of the first {_MAX_PLAYED} voices."
        ),
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Save the sample to a .mp3 file, or all to a folder."),
    ] = None,
    force: Force = False,
    remote: Remote = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """List the voices of the speech engines that are installed, or hear them.

    A voice of espeak can be combined with a variant: es+f3.
    """
    common = CommonOptions.of(remote, local=local, force=force, as_json=as_json)
    wanted = [engine] if engine not in {None, SpeechEngineName.AUTO} else list(SpeechEngineName)
    with open_engine(common.server) as used:
        listed = [one for one in used.voices() if one.engine in wanted]
        missing = [(one, used.lacks(one)) for one in wanted]
        found = _matching(listed, name, language, gender)
        if save is not None:
            _save(used, found, save, force=force)
        if play:
            _play(used, found[:_MAX_PLAYED])
    if as_json:
        print_json({"voices": [asdict(one) for one in found]})
    elif not play and save is None:
        _print(found)
        for engine_name, reason in missing:
            if reason:
                print_status(f"{engine_name}: {reason}")


def _matching(
    listed: Sequence[SpeechVoice],
    name: str | None,
    language: str | None,
    gender: VoiceGender | None,
) -> Sequence[SpeechVoice]:
    found = listed if name is None else [_named(listed, name)]
    if language is not None:
        found = _of_language(found, language)
    return found if gender is None else [one for one in found if one.gender == gender]


def _print(found: Sequence[SpeechVoice]) -> None:
    print_table(
        ("voice", "engine", "language", "gender", "licence"),
        ((one.name, one.engine, one.language, one.gender, one.licence) for one in found),
    )


def _named(found: Sequence[SpeechVoice], name: str) -> SpeechVoice:
    """Return the voice of that name, which may have a variant of espeak appended."""
    names = [one.name for one in found]
    base = name
    if "+" in name and name.partition("+")[0] in names:
        base, variant = split_voice(name, voices=names, field="NAME")
        name = f"{base}+{variant}"
    voice = next((one for one in found if one.name == base), None)
    if voice is None:
        raise InvalidRequest(
            f"NAME: there is no voice {name!r} here."
            f" {suggestion(name, names, listing=VOICE_LISTING)}",
            field="NAME",
        )
    return replace(voice, name=name)


def _save(engine: Engine, found: Sequence[SpeechVoice], target: Path, *, force: bool) -> None:
    """Save the sample of one voice to a file, or those of all to a folder."""
    to_file = target.suffix.lower() == ".mp3" and not target.is_dir()
    if to_file and len(found) != 1:
        raise InvalidRequest(
            f"--save: {len(found)} voices match; name a folder, or one voice", field="--save"
        )
    for voice in found:
        path = target if to_file else target / _file_name(voice)
        _write(path, engine.voice_sample(voice), force=force)
        print_status(f"{voice.name}: {path}")


def _play(engine: Engine, found: Sequence[SpeechVoice]) -> None:
    """Play the samples one after the other, or save them if this machine cannot."""
    with tempfile.TemporaryDirectory(prefix="gala-voice-") as folder:
        for voice in found:
            file = Path(folder, _file_name(voice))
            file.write_bytes(engine.voice_sample(voice))
            print_status(f"{voice.name} ({voice.engine}, {voice.language})")
            if not play_file(file):
                path = Path(_file_name(voice))
                _write(path, file.read_bytes(), force=False)
                print_status(f"no program here plays it; the sample is {path.absolute()}")


def _write(path: Path, content: bytes, *, force: bool) -> None:
    if path.exists() and path.read_bytes() != content and not force:
        raise InvalidRequest(
            f"{path} already exists", field="--save", hint="replace it with --force"
        )
    with atomic_file(path) as temporary:
        temporary.write_bytes(content)


def _file_name(voice: SpeechVoice) -> str:
    """Return a file name for the voice, whose name a server may have chosen."""
    return f"{_NOT_IN_NAMES.sub('_', voice.name)[:100]}.mp3"


def _of_language(found: Sequence[SpeechVoice], language: str) -> list[SpeechVoice]:
    """Return the voices of a language, or, for ``en-GB``, of a variety of it."""
    matching = [one for one in found if within(one.language, language)]
    if not matching:
        known = sorted({one.language for one in found})
        primary = {one.partition("-")[0] for one in known}
        raise InvalidRequest(
            f"--language: there is no voice for {language!r} here."
            f" {language_suggestion(language, known, also=primary)}",
            field="--language",
        )
    return matching
