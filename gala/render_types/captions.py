"""``captions``: words, a text or a subtitle file as SRT, WebVTT and ASS."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from gala.errors import InvalidRequest
from gala.job import Lane
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.captions import LineRules, WordList
from gala.render_types.params.timecodes import Seconds
from gala.render_types.params.transcription import VTT_OUTPUT, WORDS_OUTPUT
from gala.render_types.params.voice import LanguageTag, SpokenText

SUBTITLES_INPUT: Final = InputSpec(
    "An SRT, WebVTT or ASS file in any usual encoding; its tags and styles are dropped.",
    frozenset({MediaClass.TEXT}),
)


class CaptionsParams(WordList, LineRules):
    """Where the captions come from, and how words are gathered into them."""

    text: SpokenText | None = Field(
        default=None,
        description=(
            "A text whose words share the time from `start` to `end` by their length; where there"
            " is a sound, `align` does better."
        ),
        examples=["Hello there."],
    )
    start: Seconds = Field(default=0.0, description="When `text` begins, in seconds.")
    end: Seconds | None = Field(
        default=None, description="When `text` ends, in seconds; required with it.", examples=[4.5]
    )
    language: LanguageTag | None = Field(
        default=None,
        description="Language of the words as BCP 47 (`ja`, `tr`); most need not be told.",
        examples=["es"],
    )
    max_chars: int = Field(
        default=42,
        ge=1,
        le=200,
        description=(
            "Characters of a line, 1 to 200; wide ones (Chinese, Japanese, Korean) count two, and a"
            " longer word has a line for itself."
        ),
    )


def _check(params: CaptionsParams, inputs: frozenset[str]) -> None:
    given = (params.words is not None, params.text is not None, "subtitles" in inputs)
    if sum(given) != 1:
        raise InvalidRequest(
            "params.words, params.text or inputs.subtitles_asset_id: one of them is needed, and"
            " only one.",
            field="params.words",
        )
    if params.text is not None and (params.end is None or params.end <= params.start):
        raise InvalidRequest(
            "params.end: a text needs to know when it ends, after its start.", field="params.end"
        )


TYPE = RenderType(
    name="captions",
    summary=(
        "Captions as files: words with times, a text, or a subtitle file become WebVTT, SRT and"
        " ASS, and JSON with the words."
    ),
    params=CaptionsParams,
    inputs={"subtitles": SUBTITLES_INPUT},
    outputs=(
        VTT_OUTPUT,
        OutputSpec("srt", AssetKind.CAPTIONS, "application/x-subrip"),
        OutputSpec("ass", AssetKind.CAPTIONS, "text/x-ssa"),
        WORDS_OUTPUT,
    ),
    takes_format=False,
    lane=Lane.INTERACTIVE,
    check=_check,
    example={
        "words": [
            {"text": "Hello", "start_ts": 0.2, "end_ts": 0.6},
            {"text": "there.", "start_ts": 0.6, "end_ts": 1.1},
        ]
    },
)
