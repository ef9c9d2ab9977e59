"""Default voices: of the speaker's gender, and different for each speaker of a dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from gala.voice_gender import VoiceGender
from gala_renderer.speech.protocol import SpeechEngine, Voice
from gala_renderer.speech.turns import Turn


@runtime_checkable
class HasUsualVoices(Protocol):
    """A speech engine with several voices for a language, that sound different."""

    async def usual_voices(self, language: str | None) -> Sequence[Voice]:
        """Return them, the default first; none if the engine does not speak the language."""


async def with_usual_voices(
    turns: Sequence[Turn], engines: Sequence[SpeechEngine]
) -> tuple[Turn, ...]:
    """Return the turns with a voice for each speaker who has a gender, or speaks with others.

    A speaker without a voice is assigned the first unassigned voice of the turn's language; when
    none is left, speakers share the first. A turn whose only speaker has no gender keeps the
    engine's default voice.
    """
    cast = _Cast()
    for turn, engine in zip(turns, engines, strict=True):
        if turn.voice.voice is not None:
            cast.add(turn, engine, turn.voice.voice)
    alone = len({turn.speaker for turn in turns}) == 1
    # Who needs a certain gender chooses first.
    order = sorted(range(len(turns)), key=lambda number: turns[number].voice.gender is None)
    found = list(turns)
    for number in order:
        turn, engine = turns[number], engines[number]
        needs_none = alone and turn.voice.gender is None
        if turn.voice.voice is None and not needs_none and isinstance(engine, HasUsualVoices):
            voice = cast.voice_for(turn, engine, await engine.usual_voices(turn.language))
            if voice is not None:
                found[number] = replace(turn, voice=turn.voice.model_copy(update={"voice": voice}))
    return tuple(found)


@dataclass(slots=True)
class _Cast:
    """The voices that are assigned."""

    _speakers: dict[str, dict[str, object]] = field(default_factory=dict)
    """Speakers by the name of the engine and by that of their voice."""

    def add(self, turn: Turn, engine: SpeechEngine, voice: str) -> None:
        self._speakers.setdefault(engine.name, {}).setdefault(voice, turn.speaker)

    def voice_for(self, turn: Turn, engine: SpeechEngine, voices: Sequence[Voice]) -> str | None:
        """Return the voice of the turn's speaker, else the first unassigned one, else the first."""
        names = [voice.name for voice in _of_gender(voices, turn.voice.gender)]
        assigned = self._speakers.get(engine.name, {})
        own = (name for name in names if name in assigned and assigned[name] == turn.speaker)
        free = (name for name in names if name not in assigned)
        voice = next(own, None) or next(free, None) or next(iter(names), None)
        if voice is not None:
            self.add(turn, engine, voice)
        return voice


def _of_gender(voices: Sequence[Voice], gender: VoiceGender | None) -> Sequence[Voice]:
    """Return the voices of a gender; all, where none is wanted or the engine has none of it."""
    return [voice for voice in voices if voice.gender == gender] or voices
