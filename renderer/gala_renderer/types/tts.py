"""Plans ``tts``: speech of a text."""

from __future__ import annotations

from typing import Final, cast

from gala.render_types.tts import TtsParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.engine.resources import EngineResources
from gala_renderer.speech import outputs
from gala_renderer.speech.synthesize import Turn, TurnsSpeech, speak_turns

NAME: Final = "tts"


def depends_on(order: RenderOrder, services: EngineResources) -> str:
    """Return the speech engine that is used, and its version."""
    params = cast(TtsParams, order.params)
    engine = Turn(text=params.text, voice=params).choose(services.speech).engine
    return f"{engine.name} {engine.version}"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to speak, then to encode unless a plain WAV file is requested."""
    params = cast(TtsParams, order.params)
    file = order.input("sample")
    sample = await outputs.voice_sample(context, file) if file else None
    turn = Turn(text=params.text, voice=params, sample=sample)
    done: list[TurnsSpeech] = []

    async def speak(report: Report) -> None:
        target = outputs.speech_path(context, params)
        lufs = params.loudness_lufs
        done.append(await speak_turns(context, [turn], target=target, lufs=lufs, report=report))

    async def deliver() -> Plan:
        words = outputs.words_json(done[0].words, phonemes=params.phonemes)
        delivery = outputs.deliver(context, params, done[0])
        name = outputs.write_json(context, "words.json", words)
        return outputs.spoken(Plan(delivery.steps, {**delivery.outputs, "words": name}), done[0])

    return Plan((PythonStep("speaking", speak, weight=20),), then=deliver)
