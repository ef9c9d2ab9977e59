"""Plans ``align``: forced alignment of a known text with its recording."""

from __future__ import annotations

from typing import Final, cast

from gala.render_types.align import AlignParams
from gala.render_types.params.speech_marks import without_language_marks
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.transcription.forced_alignment import align
from gala_renderer.transcription.outputs import OUTPUTS, word_json, write_outputs

NAME: Final = "align"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one alignment."""
    params = cast(AlignParams, order.params)
    (file,) = order.files("audio")
    media = await context.inspect(file)
    media.require_sound(file.field)

    async def run(report: Report) -> None:
        found = await align(context, media, params.text, params.language, report)
        about = {
            "language": found.language,
            "duration": round(found.seconds, 3),
            "method": found.method.value,
            "text": without_language_marks(params.text),
            "words": [word_json(word) for word in found.words],
        }
        write_outputs(context, about, found.words)

    return Plan((PythonStep("aligning", run),), OUTPUTS)
