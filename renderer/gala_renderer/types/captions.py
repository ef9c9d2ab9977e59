"""Plans ``captions``: caption files from words, a text or a subtitle file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final, cast

from gala.render_types.captions import CaptionsParams
from gala.render_types.params.speech_marks import without_language_marks
from gala_renderer.captions.pipeline import from_subtitles, from_words, spoken, write
from gala_renderer.captions.segmentation import TimedCaption
from gala_renderer.captions.subtitle_files import read_subtitles
from gala_renderer.captions.text_rules import timed
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan, PythonStep, Report
from gala_renderer.speech.words import Word
from gala_renderer.transcription.outputs import word_json

NAME: Final = "captions"

_FILES: Final = {"captions": "captions.vtt", "srt": "captions.srt", "ass": "captions.ass"}
_OUTPUTS: Final = {**_FILES, "words": "words.json"}


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Read the words and group them into captions; plan to write the files."""
    captions, warnings = await _captions(order, context)

    async def write_files(report: Report) -> None:
        for name in _FILES.values():
            write(captions, context, name)
        text = json.dumps(_json(captions, cast(CaptionsParams, order.params)), ensure_ascii=False)
        context.part(_OUTPUTS["words"]).write_text(text + "\n", encoding="utf-8")
        report(1.0)

    return Plan((PythonStep("writing", write_files),), _OUTPUTS, warnings)


async def _captions(
    order: RenderOrder, context: RenderContext
) -> tuple[tuple[TimedCaption, ...], tuple[str, ...]]:
    params = cast(CaptionsParams, order.params)
    file = order.input("subtitles")
    if file is not None:
        found = await read_subtitles(file, context)
        made = await asyncio.to_thread(from_subtitles, found.subtitles, params, params.language)
        return made, found.warnings
    words: Sequence[Word] = spoken(params.words or ())
    if params.text is not None:
        words = timed(
            without_language_marks(params.text),
            params.start,
            params.end or params.start,
            params.language,
        )
    return await asyncio.to_thread(from_words, words, params, params.language), ()


def _json(captions: Sequence[TimedCaption], params: CaptionsParams) -> dict[str, Any]:
    return {
        "language": params.language,
        "words": [word_json(word) for caption in captions for word in caption.words],
        "segments": [
            {
                "text": "\n".join(caption.texts),
                "start_ts": round(caption.start, 3),
                "end_ts": round(caption.end, 3),
            }
            for caption in captions
        ],
    }
