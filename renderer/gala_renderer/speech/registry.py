"""Registry of the renderer's speech engines by name, and the choice between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gala.default_voice import DefaultVoice
from gala.errors import EngineMissing, InvalidRequest
from gala_renderer.speech.protocol import (
    ChosenByLanguage,
    HasBackends,
    OwnsVoices,
    SpeechEngine,
    Voice,
)
from gala_renderer.transcription.language_detection import DEFAULT_LANGUAGE, detect_language

AUTO: Final = "auto"
_PREFERRED: Final = "kokoro"
_EVERYWHERE: Final = "espeak"


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The engine for a text; ``hint`` says how to get a better one, if that is possible."""

    engine: SpeechEngine
    hint: str | None = None


class SpeechEngines:
    """All engines, whether or not they are available here, in the order of listings."""

    def __init__(
        self, engines: Iterable[SpeechEngine], *, default_voice: DefaultVoice = DefaultVoice.AUTO
    ):
        self._engines = {engine.name: engine for engine in engines}
        self._default_voice = default_voice

    @property
    def all(self) -> Mapping[str, SpeechEngine]:
        """The engines by name."""
        return MappingProxyType(self._engines)

    def default(self, language: str = DEFAULT_LANGUAGE) -> SpeechEngine:
        """Return the engine that speaks a language best. Raise ``EngineMissing``."""
        return self._for_language(language, "params.engine").engine

    def find(self, name: str | None, *, field: str = "params.engine") -> SpeechEngine:
        """Return the engine of that name, if available; None or ``auto`` is the default.

        Raise ``InvalidRequest`` naming ``field`` and listing the engines, or ``EngineMissing``
        saying what to install or set.
        """
        if name is None or name == AUTO:
            return self.default()
        engine = self._engines.get(name)
        if engine is None:
            known = ", ".join(self._engines)
            raise InvalidRequest(
                f"{field}: Unknown speech engine {name!r}. Engines: {known}.", field=field
            )
        reason = engine.available()
        if reason is not None:
            raise EngineMissing(f"{field}: {reason}", field=field)
        return engine

    def choose(
        self,
        name: str | None,
        *,
        text: str,
        voice: str | None = None,
        language: str | None = None,
        field: str = "params",
    ) -> EngineChoice:
        """Return the engine that a request means; ``field`` is that of its voice.

        ``auto`` (or None) is the engine that the name of the voice belongs to, otherwise the best
        one for the language, which is guessed from the text if it is not given. Blocks for a second
        if that loads a model. Raise as :meth:`find` does.
        """
        if name is not None and name != AUTO:
            return EngineChoice(self.find(name, field=f"{field}.engine"))
        owner = self._owner(voice) if voice else None
        if owner is not None:
            return EngineChoice(self.find(owner.name, field=f"{field}.voice"))
        return self._for_language(language or detect_language(text), f"{field}.engine")

    async def voices(self) -> Mapping[str, Sequence[Voice]]:
        """Return the voices of all available engines, by the engine's name."""
        ready = [engine for engine in self._engines.values() if engine.available() is None]
        return {engine.name: await engine.voices() for engine in ready}

    def backends(self) -> Mapping[str, str]:
        """Return what runs the models of the available engines that have a choice, by engine."""
        return {
            engine.name: engine.backend()
            for engine in self._engines.values()
            if isinstance(engine, HasBackends) and engine.available() is None
        }

    def _owner(self, voice: str) -> SpeechEngine | None:
        """Return the engine whose voices have names of this form."""
        for name in (_PREFERRED, _EVERYWHERE):
            engine = self._engines.get(name)
            if engine is not None and isinstance(engine, OwnsVoices) and engine.owns(voice):
                return engine
        return None

    def _for_language(self, language: str, field: str) -> EngineChoice:
        better = self._engines.get(_PREFERRED)
        lacking = None
        if (
            self._default_voice is not DefaultVoice.ESPEAK_NG
            and better is not None
            and isinstance(better, ChosenByLanguage)
            and better.knows(language)
        ):
            lacking = better.lacks_for(language)
            if lacking is None:
                return EngineChoice(better)
            if self._default_voice is DefaultVoice.KOKORO:
                raise EngineMissing(f"{field}: GALA_VOICE is kokoro. {lacking}", field=field)
        usual = self._engines.get(_EVERYWHERE)
        reason = usual.available() if usual else "No speech engine is installed here."
        if usual is None or reason is not None:
            raise EngineMissing(" ".join(filter(None, (lacking, reason))), field=field)
        hint = f"espeak-ng speaks {language} here. {lacking}" if lacking else None
        return EngineChoice(usual, hint)
