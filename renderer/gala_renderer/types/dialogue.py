"""Plans ``dialogue``: speech of several voices in turns."""

from __future__ import annotations

import asyncio
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
from gala_renderer.speech.turns import in_company

NAME: Final = "dialogue"


def depends_on(order: RenderOrder, services: EngineResources) -> str:
    """Return the speech engines that are used, and their versions."""
    params = cast(DialogueParams, order.params)
    engines = {turn.choose(services.speech).engine for turn in _turns(params, None)}
    return " ".join(sorted(f"{engine.name} {engine.version}" for engine in engines))


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to speak turn by turn, then to encode unless a plain WAV file is requested."""
    params = cast(DialogueParams, order.params)
    used = {voice.sample for voice in params.voices()}
    samples = await outputs.voice_samples(context, order.files("sample"), used)
    turns = await asyncio.to_thread(_turns, params, samples)
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


def _turns(params: DialogueParams, samples: Mapping[int, Path] | None) -> list[Turn]:
    """Return the turns; without samples of voices they only tell the engines."""
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
                sample=(
                    None if samples is None else outputs.chosen_sample(voice.sample, samples, field)
                ),
                pause_after=pause_ms / 1000,
                field=field,
            )
        )
    return in_company(turns)


def _words(params: DialogueParams, said: TurnsSpeech) -> list[dict[str, Any]]:
    return [
        {"speaker": turn.speaker, **word}
        for turn, words in zip(params.turns, said.turns, strict=True)
        for word in outputs.words_json(words, phonemes=params.phonemes)
    ]
