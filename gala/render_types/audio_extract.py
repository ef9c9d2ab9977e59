"""``audio_extract``: the sound of a video, copied as it is or in the format asked for."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.media import MediaClass
from gala.render_types.base import InputSpec, RenderType, TypeParams
from gala.render_types.params.audio_formats import SOUND_OUTPUT


class ExtractFormat(StrEnum):
    """What the sound becomes."""

    COPY = "copy"
    WAV = "wav"
    MP3 = "mp3"
    M4A = "m4a"
    OGG = "ogg"
    FLAC = "flac"


class AudioExtractParams(TypeParams):
    """Params of an extraction."""

    audio_format: Annotated[ExtractFormat, Field(strict=False)] = Field(
        default=ExtractFormat.COPY,
        description=(
            "`copy` takes the sound as it is, without loss: AAC as `.m4a`, MP3 as `.mp3`, Opus and"
            " Vorbis as `.ogg`, FLAC as `.flac`, PCM as `.wav`; any other becomes AAC. A format"
            " that the sound has already is copied, too."
        ),
    )


TYPE = RenderType(
    name="audio_extract",
    summary="The sound of a video as a file of its own, copied without loss where possible.",
    params=AudioExtractParams,
    inputs={
        "video": InputSpec(
            "The video, or a sound in another container.",
            frozenset({MediaClass.VIDEO, MediaClass.AUDIO}),
            required=True,
        ),
    },
    outputs=(SOUND_OUTPUT,),
    takes_format=False,
    example={"audio_format": "copy"},
    example_inputs={"video": ("video",)},
)
