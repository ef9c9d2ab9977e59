"""``probe``: describe a media file."""

from __future__ import annotations

from gala.job import Lane
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams


class ProbeParams(TypeParams):
    """A probe has no params."""


TYPE = RenderType(
    name="probe",
    summary="Describe a media file: length, size, frame rate, codecs, colors, audio.",
    params=ProbeParams,
    inputs={
        "media": InputSpec(
            "The file to inspect: a video, a picture or audio.",
            frozenset({MediaClass.IMAGE, MediaClass.VIDEO, MediaClass.AUDIO}),
            required=True,
        ),
    },
    outputs=(OutputSpec("info", AssetKind.OTHER, "application/json"),),
    takes_format=False,
    lane=Lane.INTERACTIVE,
    example_inputs={"media": ("video",)},
)
