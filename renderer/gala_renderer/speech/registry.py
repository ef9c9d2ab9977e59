"""Registry of the renderer's speech engines, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from gala.errors import EngineMissing, InvalidRequest
from gala_renderer.speech.protocol import HasBackends, SpeechEngine, Voice

PREFERRED: Final = ("kokoro", "espeak")
"""The default engine is the first of these that is available."""


class SpeechEngines:
    """All engines, whether or not they are available here, in the order of listings."""

    def __init__(self, engines: Iterable[SpeechEngine]):
        self._engines = {engine.name: engine for engine in engines}

    @property
    def all(self) -> Mapping[str, SpeechEngine]:
        """The engines by name."""
        return MappingProxyType(self._engines)

    def default(self) -> SpeechEngine:
        """Return the best available engine. Raise ``EngineMissing`` if there is none."""
        reasons = []
        for name in PREFERRED:
            engine = self._engines.get(name)
            if engine is None:
                continue
            reason = engine.available()
            if reason is None:
                return engine
            reasons.append(reason)
        raise EngineMissing(" ".join(reasons) or "No speech engine is installed here.")

    def find(self, name: str | None, *, field: str = "params.engine") -> SpeechEngine:
        """Return the engine of that name, if available; None or ``auto`` is the default.

        Raise ``InvalidRequest`` naming ``field`` and listing the engines, or ``EngineMissing``
        saying what to install or set.
        """
        if name is None or name == "auto":
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
