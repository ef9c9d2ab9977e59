"""What the types that listen share: what they hear, and what they tell."""

from __future__ import annotations

from typing import Final

from gala.media import AssetKind, MediaClass
from gala.types.base import InputSpec, OutputSpec

HEARD_INPUT: Final = InputSpec(
    "The sound to listen to: an audio file, or a video that has sound.",
    frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
    required=True,
)
WORDS_OUTPUT: Final = OutputSpec("words", AssetKind.CAPTIONS, "application/json")
VTT_OUTPUT: Final = OutputSpec("captions", AssetKind.CAPTIONS, "text/vtt")
