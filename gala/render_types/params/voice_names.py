"""Checks of the names of voices, before a job runs.

Without a catalogue, what is known of the engines decides; a name that only the engine itself can
know passes. With the catalogue of a renderer, every name must be in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

from gala.errors import InvalidRequest
from gala.name_suggestions import VOICE_LISTING, suggestion
from gala.render_types.params import espeak_voices, kokoro_voices
from gala.render_types.params.spoken_languages import check_language
from gala.render_types.params.voice import SpeechEngineName, VoiceChoice, VoiceParams

CHATTERBOX_VOICE: Final = "default"
"""The only voice of Chatterbox; others are sent as samples."""

OPENAI_VOICES: Final = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage",
    "shimmer", "verse",
)  # fmt: skip
"""OpenAI's voices; other servers with its API may have others."""


@dataclass(frozen=True, slots=True)
class EngineVoices:
    """The names of an engine's voices, and of the variants that can be appended to them."""

    names: Collection[str]
    variants: Collection[str] = ()


Catalogue = Mapping[str, EngineVoices]
"""The voices of the available engines, by the engine's name."""

_BUILT_IN: Final[Catalogue] = {
    SpeechEngineName.KOKORO: EngineVoices(kokoro_voices.VOICES),
    SpeechEngineName.ESPEAK: EngineVoices(espeak_voices.VOICES, espeak_voices.VARIANTS),
    SpeechEngineName.CHATTERBOX: EngineVoices((CHATTERBOX_VOICE,)),
    SpeechEngineName.OPENAI: EngineVoices(OPENAI_VOICES),
}
"""The voices that are known without asking the engines."""

_AUTO: Final = (SpeechEngineName.KOKORO, SpeechEngineName.ESPEAK)
"""The engines that ``auto`` chooses from."""


@runtime_checkable
class ChoosesVoices(Protocol):
    """Params that name voices."""

    def voice_choices(self, inputs: frozenset[str]) -> Iterator[VoiceChoice]:
        """Yield the voices that speak and are named; ``inputs`` are the names of the inputs."""


def check_voices(params: Any, inputs: frozenset[str], catalogue: Catalogue | None = None) -> None:
    """Check the language, and all voices that the params name.

    Raise ``InvalidRequest`` as :func:`check_voice`.
    """
    if isinstance(params, VoiceParams) and "voice" not in inputs:
        check_language(params)
    if isinstance(params, ChoosesVoices):
        for choice in params.voice_choices(inputs):
            check_voice(choice, catalogue)


def check_voice(choice: VoiceChoice, catalogue: Catalogue | None = None) -> None:
    """Raise ``InvalidRequest``, with the nearest name, if the engine has no such voice.

    ``auto`` has the voices of Kokoro and espeak-ng, as far as they are in the catalogue. A named
    engine that is not in it is checked by what is known of it: whether it will be available is
    decided when the job runs.
    """
    if choice.engine is SpeechEngineName.AUTO:
        _check_any(choice, catalogue)
    elif choice.engine is not SpeechEngineName.OPENAI:
        try:
            _check_of(choice.engine, choice, catalogue)
        except InvalidRequest:
            _refuse_other_engine(choice, catalogue)
            raise


def _check_any(choice: VoiceChoice, catalogue: Catalogue | None) -> None:
    """Raise ``InvalidRequest`` if none of the engines that ``auto`` chooses from has the voice."""
    engines = [one for one in _AUTO if catalogue is None or one in catalogue]
    refusals: dict[SpeechEngineName, InvalidRequest] = {}
    for engine in engines:
        try:
            _check_of(engine, choice, catalogue)
        except InvalidRequest as error:
            refusals[engine] = error
        else:
            return
    _refuse_other_engine(choice, catalogue)
    first = choice.voice.partition("+")[0]
    for engine, refusal in refusals.items():
        # A known voice with an unknown variant, or mixed with an unknown one.
        if first.lower() in _voices(engine, catalogue).names and first != choice.voice:
            raise refusal
    names = [name for engine in engines for name in _voices(engine, catalogue).names]
    raise InvalidRequest(
        f"{choice.field}: There is no voice {choice.voice!r}."
        f" {suggestion(first, names, listing=VOICE_LISTING)}",
        field=choice.field,
    )


def _refuse_other_engine(choice: VoiceChoice, catalogue: Catalogue | None) -> None:
    """Raise ``InvalidRequest`` naming the engine that has the voice, if another one has it."""
    owner = next((one for one in _BUILT_IN if _has(one, choice, catalogue)), None)
    if owner is None:
        return
    if catalogue is not None and owner not in catalogue:
        problem = f"{choice.voice!r} is a voice of {owner}, which is not available here"
    else:
        auto = ", or to 'auto'" if owner in _AUTO else ""
        problem = f"{choice.voice!r} is a voice of {owner}; set engine to {str(owner)!r}{auto}"
    raise InvalidRequest(f"{choice.field}: {problem}.", field=choice.field)


def _has(engine: str, choice: VoiceChoice, catalogue: Catalogue | None) -> bool:
    with suppress(InvalidRequest):
        _check_of(engine, choice, catalogue)
        return True
    return False


def _check_of(engine: str, choice: VoiceChoice, catalogue: Catalogue | None) -> None:
    """Raise ``InvalidRequest`` if this engine has no such voice."""
    voice, field = choice.voice, choice.field
    known = _voices(engine, catalogue)
    match engine:
        case SpeechEngineName.KOKORO:
            names = known.names
            if catalogue is None:
                # The operator may have added voices of their own.
                own = filter(kokoro_voices.is_voice, kokoro_voices.voices_in(voice))
                names = (*names, *own)
            kokoro_voices.shares_of(voice, names, field=field)
        case SpeechEngineName.ESPEAK:
            espeak_voices.split_voice(
                voice, voices=known.names, variants=known.variants, field=field
            )
        case _ if voice not in known.names:
            raise InvalidRequest(
                f"{field}: {engine} has no voice {voice!r}. {suggestion(voice, known.names)}",
                field=field,
            )


def _voices(engine: str, catalogue: Catalogue | None) -> EngineVoices:
    found = (catalogue or {}).get(engine) or _BUILT_IN.get(engine)
    return found or EngineVoices(())
