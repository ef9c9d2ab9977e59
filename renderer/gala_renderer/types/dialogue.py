"""Plans ``dialogue``: speech of several voices in turns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from gala.render_types.dialogue import DialogueParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.engine.resources import EngineResources
from gala_renderer.speech import outputs
from gala_renderer.speech.synthesize import Turn, TurnsSpeech, speak_turns

NAME: Final = "dialogue"


def depends_on(order: RenderOrder, services: EngineResources) -> str:
    """Return the speech engines that are used, and their versions."""
    params = cast(DialogueParams, order.params)
    engines = {
        Turn(text=turn.text, voice=voice, field=f"params.turns.{number}")
        .choose(services.speech)
        .engine
        for number, (turn, voice) in enumerate(zip(params.turns, params.voices(), strict=True))
    }
    return " ".join(sorted(f"{engine.name} {engine.version}" for engine in engines))


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to speak turn by turn, then to encode unless a plain WAV file is requested."""
    params = cast(DialogueParams, order.params)
    used = {voice.sample for voice in params.voices()}
    samples = await outputs.voice_samples(context, order.files("sample"), used)
    turns = _turns(params, samples)
    done: list[TurnsSpeech] = []

    async def speak(report: Report) -> None:
        target = outputs.speech_path(context, params)
        lufs = params.loudness_lufs
        done.append(await speak_turns(context, turns, target=target, lufs=lufs, report=report))

    async def deliver() -> Plan:
        delivery = outputs.deliver(context, params, done[0])
        name = outputs.write_json(context, "words.json", _words(params, done[0]))
        return outputs.spoken(Plan(delivery.steps, {**delivery.outputs, "words": name}), done[0])

    return Plan((PythonStep("speaking", speak, weight=20),), then=deliver)


def _turns(params: DialogueParams, samples: Mapping[int, Path]) -> list[Turn]:
    turns = []
    for number, (turn, voice) in enumerate(zip(params.turns, params.voices(), strict=True)):
        last = number + 1 == len(params.turns)
        pause_ms = turn.pause_after_ms
        if pause_ms is None:
            pause_ms = 0 if last else params.pause_ms
        field = f"params.turns.{number}"
        turns.append(
            Turn(
                text=turn.text,
                voice=voice,
                speaker=turn.speaker,
                sample=outputs.chosen_sample(voice.sample, samples, field),
                pause_after=pause_ms / 1000,
                field=field,
            )
        )
    return turns


def _words(params: DialogueParams, said: TurnsSpeech) -> list[dict[str, Any]]:
    return [
        {"speaker": turn.speaker, **word}
        for turn, words in zip(params.turns, said.turns, strict=True)
        for word in outputs.words_json(words, phonemes=params.phonemes)
    ]
