"""The engine of a command: the one in this process, or a server."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from pydantic import ValidationError

from gala.cli.api_connection import connect_to
from gala.cli.console import print_status
from gala.client.remote_engine import RemoteEngine
from gala.engine import Engine, Made, MediaOrder, OnProgress, SpeechVoice, local_engine
from gala.errors import EngineMissing, InvalidRequest
from gala.render_types.params import espeak_voices
from gala.render_types.params.voice import SpeechEngineName
from gala.render_types.params.voice_names import Catalogue, EngineVoices
from gala.server_address import ServerAddress
from gala.settings import settings_errors


@contextmanager
def open_engine(server: ServerAddress | None) -> Iterator[Engine]:
    """Yield the server as an engine, or this machine's for ``None``."""
    if server is None:
        yield LocalEngine()
        return
    with connect_to(server) as client:
        yield RemoteEngine(client, on_log=print_status)


def may_continue(engine: Engine) -> bool:
    """Return True if an interrupted command may have left a job running on a server."""
    return isinstance(engine, RemoteEngine) and engine.job_may_continue


class LocalEngine:
    """The engine in this process, loaded for the first order; errors point to ``--url``."""

    def make(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        """Make the order here and block until it is finished."""
        with _remote_hint():
            return load_engine().make(order, on_progress)

    async def make_async(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        """Make the order here without blocking the event loop."""
        with _remote_hint():
            return await load_engine().make_async(order, on_progress)

    def lacks(self, what: str) -> str | None:
        """Return what to install if ``what`` is missing on this machine."""
        return load_engine().lacks(what)

    def voices(self) -> Sequence[SpeechVoice]:
        """Return the voices of the speech engines on this machine."""
        with _remote_hint():
            return load_engine().voices()

    def voice_sample(self, voice: SpeechVoice) -> bytes:
        """Return the sample of a voice, made here."""
        with _remote_hint():
            return load_engine().voice_sample(voice)


def load_engine() -> Engine:
    """Return this process's engine. Raise ``InvalidRequest`` naming a setting that is invalid."""
    # Its warnings are part of each result; the log would repeat them.
    logging.getLogger("gala_renderer").setLevel(logging.ERROR)
    try:
        return local_engine()
    except ValidationError as error:
        raise InvalidRequest(settings_errors(error)) from error


@contextmanager
def _remote_hint() -> Iterator[None]:
    try:
        yield
    except EngineMissing as error:
        other = "a server that has it: --url URL"
        hint = f"{error.hint.removesuffix('.')}, or use {other}" if error.hint else f"Use {other}"
        raise EngineMissing(error.message, hint=hint) from error


def catalogue_of(voices: Iterable[SpeechVoice]) -> Catalogue:
    """Return the names of voices by engine, with the variants that espeak-ng has for each."""
    names: dict[str, list[str]] = {}
    for voice in voices:
        names.setdefault(voice.engine, []).append(voice.name)
    return {
        engine: EngineVoices(
            tuple(found), espeak_voices.VARIANTS if engine == SpeechEngineName.ESPEAK else ()
        )
        for engine, found in names.items()
    }
