"""``audio_extract``: the audio of a video, copied or converted to another format."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.media import MediaClass
from gala.render_types.base import InputSpec, RenderType, TypeParams
from gala.render_types.params.audio_formats import SOUND_OUTPUT


class ExtractFormat(StrEnum):
    """Format of the extracted audio."""

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
            "`copy` takes the audio without loss: AAC as `.m4a`, MP3 as `.mp3`, Opus and Vorbis as"
            " `.ogg`, FLAC as `.flac`, PCM as `.wav`; any other codec is converted to AAC. Audio"
            " that already has the requested format is copied as well."
        ),
    )


TYPE = RenderType(
    name="audio_extract",
    summary="Extract the audio of a video to a file, copied without loss where possible.",
    params=AudioExtractParams,
    inputs={
        "video": InputSpec(
            "The video, or audio in another container.",
            frozenset({MediaClass.VIDEO, MediaClass.AUDIO}),
            required=True,
        ),
    },
    outputs=(SOUND_OUTPUT,),
    takes_format=False,
    example={"audio_format": "copy"},
    example_inputs={"video": ("video",)},
)
