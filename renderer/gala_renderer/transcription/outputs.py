"""The outputs ``words`` (JSON) and ``captions`` (WebVTT) of a transcription or alignment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gala_renderer.captions.segmentation import SegmentationRules, captions
from gala_renderer.captions.subtitle_files import vtt
from gala_renderer.engine.context import RenderContext
from gala_renderer.speech.words import Word

OUTPUTS: Final[Mapping[str, str]] = {"words": "words.json", "captions": "captions.vtt"}

_RULES: Final = SegmentationRules(max_chars=42, max_lines=2)
"""The usual line length of broadcast subtitles."""


def write_outputs(context: RenderContext, about: Mapping[str, Any], words: Sequence[Word]) -> None:
    """Write both output files; ``about`` is the content of the JSON file."""
    text = json.dumps(about, ensure_ascii=False) + "\n"
    context.part(OUTPUTS["words"]).write_text(text, encoding="utf-8")
    subtitles = vtt(captions(words, _RULES))
    context.part(OUTPUTS["captions"]).write_text(subtitles, encoding="utf-8")


def word_json(word: Word) -> dict[str, Any]:
    """Return a word as JSON, with times in seconds rounded to the millisecond."""
    start, end = round(word.start, 3), round(word.end, 3)
    return {"text": word.text.rstrip(), "start_ts": start, "end_ts": end}
