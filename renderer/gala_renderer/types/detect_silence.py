"""Plans ``detect_silence``: FFmpeg finds the silent ranges of a sound."""

from __future__ import annotations

from typing import Final, cast

from gala.render_types.detect_silence import DetectSilenceParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.speech.outputs import write_json
from gala_renderer.transcription.silence import find_silences

NAME: Final = "detect_silence"
_NAME: Final = "silences.json"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one pass over the sound."""
    params = cast(DetectSilenceParams, order.params)
    (file,) = order.files("audio")
    media = await context.inspect(file)
    media.require_sound(file.field)

    async def detect(report: Report) -> None:
        found = await find_silences(
            context,
            media,
            threshold_db=params.threshold_db,
            min_seconds=params.min_seconds,
            report=report,
        )
        silences = [{"start_ts": round(start, 3), "end_ts": round(end, 3)} for start, end in found]
        write_json(context, _NAME, {"duration": media.seconds, "silences": silences})

    return Plan((PythonStep("listening", detect),), {"silences": _NAME})
