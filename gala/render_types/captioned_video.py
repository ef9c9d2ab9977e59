"""``captioned_video``: a voice over a picture or video, every word shown as it is spoken."""

from __future__ import annotations

from pydantic import Field

from gala.errors import InvalidRequest
from gala.media import AssetKind, Format, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.captions import CaptionParams
from gala.render_types.params.colors import Colour
from gala.render_types.params.motion import Motion
from gala.render_types.params.video_encoding import VideoParams
from gala.render_types.params.voice import USUAL_LUFS, LoudnessTarget, SpokenText, VoiceParams


class CaptionedVideoParams(VoiceParams, VideoParams):
    """Params of a captioned video."""

    text: SpokenText | None = Field(
        default=None,
        description=(
            "What is spoken and shown, 1 to 100,000 characters; `[pause 0.5s]` is a pause. With an"
            " `inputs.voice_asset_id` it is what that voice says, and is aligned to it."
        ),
        examples=["Hola, mundo."],
    )
    captions: CaptionParams | None = Field(
        default=CaptionParams(), description="How the words look; `null` shows none."
    )
    motion: Motion = Field(
        default=Motion(), description="How the camera goes over a picture that stands still."
    )
    background_color: Colour = Field(
        default="#000000", description="What is behind everything, without a background."
    )
    loudness_lufs: LoudnessTarget = USUAL_LUFS
    music_volume_db: float = Field(
        default=-18.0,
        ge=-60,
        le=6,
        description="Loudness of the music relative to that of the voice, in decibels.",
    )
    music_ducking_db: float = Field(
        default=6.0,
        ge=0,
        le=30,
        description="How far the music steps back while somebody speaks, in decibels.",
    )


def _check(params: CaptionedVideoParams, inputs: frozenset[str]) -> None:
    if params.text is None and "voice" not in inputs:
        raise InvalidRequest(
            "params.text: there is nothing to say; send a text, or a voice as"
            " inputs.voice_asset_id.",
            field="params.text",
        )
    if "sample" in inputs and "voice" in inputs:
        raise InvalidRequest(
            "inputs.sample_asset_id: with a finished voice nothing is cloned; leave it out.",
            field="inputs.sample_asset_id",
        )


TYPE = RenderType(
    name="captioned_video",
    summary="A voice over a picture or video, with every word shown as it is spoken.",
    params=CaptionedVideoParams,
    inputs={
        "background": InputSpec(
            "Picture (moved as `motion` says) or video (looped or cut to the voice), cropped to"
            " fill the frame.",
            frozenset({MediaClass.IMAGE, MediaClass.VIDEO}),
        ),
        "voice": InputSpec(
            "A finished voice, instead of one that is made from the text.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
        ),
        "subtitles": InputSpec(
            "SRT, VTT or ASS file with the captions, instead of those made from the words.",
            frozenset({MediaClass.TEXT}),
        ),
        "music": InputSpec(
            "Music under the voice; looped or cut, faded in and out.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
        ),
        "sample": InputSpec(
            "A voice to clone, for engines that clone.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
        ),
    },
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
