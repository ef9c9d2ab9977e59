"""``caption_video``: draw captions of the speech on a video."""

from __future__ import annotations

from pydantic import Field

from gala.errors import InvalidRequest
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.captions import SUBTITLES_INPUT
from gala.render_types.params.captions import CaptionParams, WordList
from gala.render_types.params.language_tags import LanguageTag
from gala.render_types.params.own_fonts import FONT, FONT_INPUT, OwnFonts, named_fonts
from gala.render_types.params.safe_margins import SafeMarginsParams
from gala.render_types.params.transcription import VTT_OUTPUT
from gala.render_types.params.video_encoding import VideoParams
from gala.render_types.params.voice import SpokenText


class CaptionVideoParams(WordList, VideoParams, OwnFonts, SafeMarginsParams):
    """Source and look of the captions."""

    text: SpokenText | None = Field(
        default=None,
        description=(
            "The spoken text as it is to be shown; it is aligned to the audio. Without `text`,"
            " `words` and a subtitle file the video is transcribed."
        ),
        examples=["Hello there, how are you?"],
    )
    language: LanguageTag | None = Field(
        default=None,
        description="Spoken language as a BCP 47 tag (`es`, `en-GB`); detected by default.",
        examples=["es"],
    )
    captions: CaptionParams = Field(default=CaptionParams(), description="How the captions look.")


def _check(params: CaptionVideoParams, inputs: frozenset[str]) -> None:
    given = (params.words is not None, params.text is not None, "subtitles" in inputs)
    if sum(given) > 1:
        raise InvalidRequest(
            "params.words, params.text and inputs.subtitles_asset_id: set only one of them.",
            field="params.words",
        )


TYPE = RenderType(
    name="caption_video",
    summary=(
        "Draw captions on a video, word by word as they are spoken: from a subtitle file, words"
        " with times, the spoken text, or a transcription. Audio, size and frame rate are kept."
    ),
    params=CaptionVideoParams,
    inputs={
        "video": InputSpec("The video to caption.", frozenset({MediaClass.VIDEO}), required=True),
        "subtitles": SUBTITLES_INPUT,
        FONT: FONT_INPUT,
    },
    named_inputs=named_fonts,
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"), VTT_OUTPUT),
    takes_format=False,
    check=_check,
    example={"captions": {"style": "highlight", "position": "bottom"}},
    example_inputs={"video": ("video",), "subtitles": ("subtitles",)},
)
