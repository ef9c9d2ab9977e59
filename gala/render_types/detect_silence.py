"""``detect_silence``: list the silent parts of audio."""

from __future__ import annotations

from pydantic import Field

from gala.media import AssetKind
from gala.render_types.base import OutputSpec, RenderType, TypeParams
from gala.render_types.params.transcription import HEARD_INPUT


class DetectSilenceParams(TypeParams):
    """What counts as silence."""

    threshold_db: float = Field(
        default=-40.0,
        ge=-90,
        le=-5,
        description=(
            "Audio is silent where no channel exceeds this level, in dB relative to full scale, -90"
            " to -5. Pauses of a clean recording are at about -50, of a noisy one at -30."
        ),
        examples=[-35],
    )
    min_seconds: float = Field(
        default=0.5,
        ge=0.02,
        le=60,
        description="Silences shorter than this are ignored, in seconds, 0.02 to 60.",
        examples=[0.3],
    )


TYPE = RenderType(
    name="detect_silence",
    summary=(
        "List the silent parts of audio: `silences` is"
        ' `{"duration", "silences": [{"start_ts", "end_ts"}]}` in seconds.'
    ),
    params=DetectSilenceParams,
    inputs={"audio": HEARD_INPUT},
    outputs=(OutputSpec("silences", AssetKind.OTHER, "application/json"),),
    takes_format=False,
    example={"threshold_db": -40, "min_seconds": 0.2},
    example_inputs={"audio": ("voice",)},
)
