"""The catalogue of voices that the renderer sends to the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol, runtime_checkable

from gala_renderer.speech.protocol import SpeechEngine, Voice
from gala_renderer.speech.registry import SpeechEngines


@runtime_checkable
class HasVariants(Protocol):
    """An engine whose voices can be combined with variants of timbre: ``es+f3``."""

    async def variants(self) -> Sequence[tuple[str, str | None]]:
        """Return the name and the gender, if known, of each variant."""


async def voice_listing(engines: SpeechEngines) -> dict[str, Any]:
    """Return the voices of the available engines, what else is known of these engines, and what
    the others lack."""
    found = await engines.voices()
    return {
        "engines": {name: [asdict(voice) for voice in voices] for name, voices in found.items()},
        "about": {name: await _about(engines.all[name]) for name in found},
        "without": {
            name: engine.available() for name, engine in engines.all.items() if name not in found
        },
    }


async def _about(engine: SpeechEngine) -> dict[str, Any]:
    variants = await engine.variants() if isinstance(engine, HasVariants) else ()
    return {
        "licence": engine.licence,
        "variants": [{"name": name, "gender": gender} for name, gender in variants],
    }


async def find_voice(engine: SpeechEngine, name: str) -> Voice | None:
    """Return a listed voice, or one with a variant appended; ``None`` if there is none."""
    listed = {voice.name: voice for voice in await engine.voices()}
    if name in listed:
        return listed[name]
    base, plus, variant = name.partition("+")
    if not plus or base not in listed or not isinstance(engine, HasVariants):
        return None
    genders = dict(await engine.variants())
    if variant not in genders:
        return None
    voice = listed[base]
    return Voice(
        name=name,
        language=voice.language,
        gender=genders[variant] or voice.gender,
        title=f"{voice.title}, {variant}",
        description=voice.description,
    )
