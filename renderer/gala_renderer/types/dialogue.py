"""Plans ``dialogue``: speech of several voices in turns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from gala.errors import InvalidRequest
from gala.render_types.dialogue import DialogueParams, SpeakerParams
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
    samples = await _samples(order, context)
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


async def _samples(order: RenderOrder, context: RenderContext) -> Mapping[int, Path]:
    """Return the voice samples that are used, by their number."""
    used = {voice.sample for voice in cast(DialogueParams, order.params).voices()} - {None}
    files = order.files("sample")
    return {
        number: await outputs.voice_sample(context, file, number)
        for number, file in enumerate(files, start=1)
        if number in used
    }


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
                sample=_sample(voice, samples, field),
                pause_after=pause_ms / 1000,
                field=field,
            )
        )
    return turns


def _sample(voice: SpeakerParams, samples: Mapping[int, Path], field: str) -> Path | None:
    if voice.sample is None:
        return None
    if voice.sample not in samples:
        raise InvalidRequest(
            f"{field}.sample: inputs.sample_asset_ids has no file {voice.sample}.",
            field=f"{field}.sample",
        )
    return samples[voice.sample]


def _words(params: DialogueParams, said: TurnsSpeech) -> list[dict[str, Any]]:
    return [
        {"speaker": turn.speaker, **word}
        for turn, words in zip(params.turns, said.turns, strict=True)
        for word in outputs.words_json(words, phonemes=params.phonemes)
    ]
