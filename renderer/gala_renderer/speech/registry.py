"""The speech engines of this renderer, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from gala.errors import EngineMissing, InvalidRequest
from gala_renderer.speech.protocol import SpeechEngine, Voice

PREFERRED: Final = ("kokoro", "espeak")
"""Which engine speaks when none is named: the first of these that can."""


class SpeechEngines:
    """Every engine that GALA knows, whether or not it can speak here.

    They are given in the order in which people are told about them.
    """

    def __init__(self, engines: Iterable[SpeechEngine]):
        self._engines = {engine.name: engine for engine in engines}

    @property
    def all(self) -> Mapping[str, SpeechEngine]:
        """The engines by name."""
        return MappingProxyType(self._engines)

    def default(self) -> SpeechEngine:
        """The best engine that can speak here; raises ``EngineMissing`` if none can."""
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
        """The engine of that name, ready to speak; ``None`` or ``auto`` is the default.

        Raises ``InvalidRequest`` naming ``field`` with what there is, and ``EngineMissing`` with
        what to install or set.
        """
        if name is None or name == "auto":
            return self.default()
        engine = self._engines.get(name)
        if engine is None:
            known = ", ".join(self._engines)
            raise InvalidRequest(
                f"{field}: there is no speech engine {name!r}; there are {known}.", field=field
            )
        reason = engine.available()
        if reason is not None:
            raise EngineMissing(f"{field}: {reason}", field=field)
        return engine

    async def voices(self) -> Mapping[str, Sequence[Voice]]:
        """The voices of every engine that can speak here, by the engine's name."""
        ready = [engine for engine in self._engines.values() if engine.available() is None]
        return {engine.name: await engine.voices() for engine in ready}
