"""``captioned_video``: a voice over a picture or video, with word-by-word captions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from gala.errors import InvalidRequest
from gala.media import AssetKind, Format, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.captions import CaptionParams, CaptionsField
from gala.render_types.params.colors import Color
from gala.render_types.params.framing import Fit
from gala.render_types.params.motion import Motion, MotionField
from gala.render_types.params.narration import NarrationSoundParams
from gala.render_types.params.own_fonts import FONT, FONT_INPUT, OwnFonts, named_fonts
from gala.render_types.params.safe_margins import SafeMarginsParams
from gala.render_types.params.video_encoding import VideoParams
from gala.render_types.params.voice import (
    SpokenText,
    VoiceChoice,
    VoiceParams,
)
from gala.render_types.params.voice_names import check_voices


class CaptionedVideoParams(
    VoiceParams, VideoParams, NarrationSoundParams, OwnFonts, SafeMarginsParams
):
    """Params of a captioned video."""

    text: SpokenText | None = Field(
        default=None,
        description=(
            "The text to speak and show, 1 to 100,000 characters; `[pause 0.5s]` makes a pause,"
            " and so does a blank line; `[lang en]…[/lang]` is spoken in that language."
            " With `inputs.voice_asset_id` it is the text of that voice and is aligned to it."
        ),
        examples=["Hola, mundo."],
    )
    captions: CaptionsField = Field(
        default=CaptionParams(),
        description="Look of the captions; `false` or `null` shows none.",
    )
    motion: MotionField = Field(
        default=Motion(), description="Camera motion over a still background picture."
    )
    background_color: Color = Field(
        default="#000000", description="Background color if there is no background input."
    )

    background_fit: Annotated[Fit, Field(strict=False)] = Field(
        default=Fit.COVER,
        description=(
            "How a background of another aspect ratio fills the frame: `cover` crops, `contain`"
            " adds bars of `background_color`, `blur` puts all of it in front of a blurred copy."
            " A picture with `motion` covers; without `cover` there is none unless it is sent."
        ),
    )

    def voice_choices(self, inputs: frozenset[str]) -> Iterator[VoiceChoice]:
        """Yield the voice, unless an input is the finished voice."""
        if "voice" not in inputs:
            yield from super().voice_choices(inputs)


def _check(params: CaptionedVideoParams, inputs: frozenset[str]) -> None:
    if params.text is None and "voice" not in inputs:
        raise InvalidRequest(
            "params.text: required, unless inputs.voice_asset_id has a finished voice.",
            field="params.text",
        )
    if "sample" in inputs and "voice" in inputs:
        raise InvalidRequest(
            "inputs.sample_asset_id: not used with inputs.voice_asset_id; leave one of them out.",
            field="inputs.sample_asset_id",
        )
    check_voices(params, inputs)


TYPE = RenderType(
    name="captioned_video",
    summary="A voice over a picture or video, with every word captioned as it is spoken.",
    params=CaptionedVideoParams,
    inputs={
        "background": InputSpec(
            "Picture (moved as set in `motion`) or video (looped or cut to the voice's length),"
            " cropped to fill the frame.",
            frozenset({MediaClass.IMAGE, MediaClass.VIDEO}),
        ),
        "voice": InputSpec(
            "A finished voice, instead of speech made from the text.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
        ),
        "subtitles": InputSpec(
            "Subtitle file (SRT, VTT, ASS and others, as in `captions`) with the captions, instead"
            " of captions made from the words.",
            frozenset({MediaClass.TEXT}),
        ),
        "music": InputSpec(
            "Background music; looped or cut to the length, faded in and out.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
        ),
        "sample": InputSpec(
            "A recording of the voice to clone, for engines that clone voices.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
        ),
        FONT: FONT_INPUT,
    },
    named_inputs=named_fonts,
    outputs=(
        OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),
        OutputSpec("captions", AssetKind.CAPTIONS, "text/vtt"),
        OutputSpec("words", AssetKind.CAPTIONS, "application/json"),
        OutputSpec("thumbnail", AssetKind.THUMBNAIL, "image/jpeg"),
    ),
    format=Format(width=1080, height=1920, fps=30),
    check=_check,
    example={"text": "Hola, mundo. [pause 300ms] Esto es GALA.", "language": "es"},
    example_inputs={"background": ("picture",)},
)
