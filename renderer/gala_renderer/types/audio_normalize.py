"""Plans ``audio_normalize``: the sound is measured, then levelled in one pass."""

from __future__ import annotations

from typing import Any, Final, cast

from gala.render_types.audio_normalize import AudioNormalizeParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan, PythonStep, Report
from gala_renderer.ffmpeg import audio_output
from gala_renderer.ffmpeg.loudness import Levelling, find_levelling

NAME: Final = "audio_normalize"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to measure, to find the gain, then to encode."""
    params = cast(AudioNormalizeParams, order.params)
    file = order.files("audio")[0]
    media = await context.inspect(file)
    found = media.require_sound(file.field)
    seconds = media.seconds or 1.0
    rate, channels = audio_output.rate_of(params, found), audio_output.channels_of(params, found)
    name = audio_output.file_name(params.audio_format)
    levellings: list[Levelling] = []

    def source() -> Any:
        return audio_output.source(media, found, rate=rate, channels=channels)

    async def measure(report: Report) -> None:
        levelling = await find_levelling(
            context,
            source,
            seconds=seconds,
            rate=rate,
            lufs=params.loudness_lufs,
            peak_db=params.true_peak_db,
            report=report,
        )
        levellings.append(levelling)

    async def encode() -> Plan:
        levelled = levellings[-1].apply(source(), rate=rate)
        arguments = audio_output.written(
            levelled, context.part(name), params, rate=rate, channels=channels
        )
        return Plan(
            (FFmpegStep("encoding", arguments, seconds),),
            {"audio": name},
            warnings=_warnings(levellings[-1], params.loudness_lufs),
        )

    return Plan((PythonStep("measuring", measure, weight=2.0),), then=encode)


def _warnings(levelling: Levelling, lufs: float) -> tuple[str, ...]:
    if levelling.reached is None:
        return ("this sound is silent; it was left as it is",)
    if abs(levelling.reached - lufs) <= 1:
        return ()
    reached = f"this sound reaches {levelling.reached:.1f} LUFS, not {lufs:.1f}"
    return (f"{reached}: its peaks would have to be limited too much",)
