"""``captions``: convert words, a text or a subtitle file to SRT, WebVTT and ASS."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from gala.errors import InvalidRequest
from gala.job import Lane
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.captions import LineRules, WordList
from gala.render_types.params.language_tags import LanguageTag
from gala.render_types.params.timecodes import Seconds
from gala.render_types.params.transcription import VTT_OUTPUT, WORDS_OUTPUT
from gala.render_types.params.voice import SpokenText

SUBTITLES_INPUT: Final = InputSpec(
    "A subtitle file of any dialect (SRT, WebVTT, ASS, SBV, LRC, MicroDVD, MPL2, SAMI, TTML) in any"
    " common encoding. Its tags and styles are ignored; a caption that cannot be read is left out,"
    " with a warning in the job's log.",
    frozenset({MediaClass.TEXT}),
)


class CaptionsParams(WordList, LineRules):
    """Source of the captions and rules for splitting them into lines."""

    text: SpokenText | None = Field(
        default=None,
        description=(
            "A text whose words are spread over the time from `start` to `end` by their length."
            " If there is audio, the type `align` is more exact."
        ),
        examples=["Hello there."],
    )
    start: Seconds = Field(default=0.0, description="Start of `text`: seconds or a timecode.")
    end: Seconds | None = Field(
        default=None,
        description="End of `text`: seconds or a timecode; required with `text`.",
        examples=[4.5],
    )
    language: LanguageTag | None = Field(
        default=None,
        description="Language of the words as a BCP 47 tag (`ja`, `tr`); rarely needed.",
        examples=["es"],
    )
    max_chars: int = Field(
        default=42,
        ge=1,
        le=200,
        description=(
            "Maximum characters per line, 1 to 200. Wide characters (Chinese, Japanese, Korean)"
            " count as two; a longer word gets a line of its own."
        ),
    )


def _check(params: CaptionsParams, inputs: frozenset[str]) -> None:
    given = (params.words is not None, params.text is not None, "subtitles" in inputs)
    if sum(given) != 1:
        raise InvalidRequest(
            "params.words, params.text or inputs.subtitles_asset_id: set only one of them.",
            field="params.words",
        )
    if params.text is not None and (params.end is None or params.end <= params.start):
        raise InvalidRequest(
            "params.end: required with params.text, and later than params.start.",
            field="params.end",
        )


TYPE = RenderType(
    name="captions",
    summary=(
        "Convert words with times, a text, or a subtitle file to WebVTT, SRT and ASS, and to JSON"
        " with the words."
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
