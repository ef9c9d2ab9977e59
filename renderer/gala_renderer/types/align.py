"""Makes ``align``: a known text laid on its sound."""

from __future__ import annotations

from typing import Final, cast

from gala.render_types.align import AlignParams
from gala_renderer.engine.context import Studio
from gala_renderer.engine.order import Order
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.transcription.forced_alignment import align
from gala_renderer.transcription.outputs import OUTPUTS, tell, word_json

NAME: Final = "align"


async def plan(order: Order, studio: Studio) -> Plan:
    """One listening."""
    params = cast(AlignParams, order.params)
    (file,) = order.files("audio")
    media = await studio.inspect(file)
    media.require_sound(file.field)

    async def listen(report: Report) -> None:
        found = await align(studio, media, params.text, params.language, report)
        about = {
            "language": found.language,
            "duration": round(found.seconds, 3),
            "method": found.method.value,
            "text": params.text,
            "words": [word_json(word) for word in found.words],
        }
        tell(studio, about, found.words)

    return Plan((PythonStep("aligning", listen),), OUTPUTS)
