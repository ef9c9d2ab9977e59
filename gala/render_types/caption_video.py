"""``caption_video``: what is said in a video, shown on it."""

from __future__ import annotations

from pydantic import Field

from gala.errors import InvalidRequest
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.captions import SUBTITLES_INPUT
from gala.render_types.params.captions import CaptionParams, WordList
from gala.render_types.params.transcription import VTT_OUTPUT
from gala.render_types.params.video_encoding import VideoParams
from gala.render_types.params.voice import LanguageTag, SpokenText


class CaptionVideoParams(WordList, VideoParams):
    """Where the words come from, and how they look."""

    text: SpokenText | None = Field(
        default=None,
        description=(
            "What is said in the video, as it is to be shown; it is laid on the sound. Without"
            " `text`, `words` and a subtitle file the video is transcribed."
        ),
        examples=["Hello there, how are you?"],
    )
    language: LanguageTag | None = Field(
        default=None,
        description="Language of what is said as BCP 47 (`es`, `en-GB`); by default found out.",
        examples=["es"],
    )
    captions: CaptionParams = Field(default=CaptionParams(), description="How the captions look.")


def _check(params: CaptionVideoParams, inputs: frozenset[str]) -> None:
    given = (params.words is not None, params.text is not None, "subtitles" in inputs)
    if sum(given) > 1:
        raise InvalidRequest(
            "params.words, params.text and inputs.subtitles_asset_id: only one of them.",
            field="params.words",
        )


TYPE = RenderType(
    name="caption_video",
    summary=(
        "Captions on a video, word by word as they are spoken: from a subtitle file, from words"
        " with times, from the text that is said, or transcribed. Sound, size and rate stay."
    ),
    params=CaptionVideoParams,
    inputs={
        "video": InputSpec(
            "The video to show them on.", frozenset({MediaClass.VIDEO}), required=True
        ),
        "subtitles": SUBTITLES_INPUT,
    },
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"), VTT_OUTPUT),
    takes_format=False,
    check=_check,
    example={"captions": {"style": "highlight", "position": "bottom"}},
    example_inputs={"video": ("video",), "subtitles": ("subtitles",)},
)
