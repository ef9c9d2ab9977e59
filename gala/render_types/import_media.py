"""``import``: store a file unchanged as an asset after checking that it can be decoded."""

from __future__ import annotations

from typing import Final

from gala.media import AssetKind, MediaClass
from gala.mime import SUFFIXES
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams

UNKNOWN: Final = "application/octet-stream"


class ImportParams(TypeParams):
    """An import has no params."""


TYPE = RenderType(
    name="import",
    summary="Store a file from a URL as an asset, byte for byte, if it can be decoded.",
    params=ImportParams,
    inputs={
        "media": InputSpec(
            "The file: video, audio, an image, subtitles or an archive; no web page or other text.",
            frozenset(MediaClass),
            required=True,
        ),
    },
    outputs=(OutputSpec("media", AssetKind.OTHER, UNKNOWN, also=tuple(SUFFIXES)),),
    takes_format=False,
    example_inputs={"media": ("video",)},
)
