"""``probe``: what a media file is, without making anything of it."""

from __future__ import annotations

from gala.job import Lane
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams


class ProbeParams(TypeParams):
    """A probe has no params."""


TYPE = RenderType(
    name="probe",
    summary="What a media file is: length, size, frame rate, codecs, colours, sound.",
    params=ProbeParams,
    inputs={
        "media": InputSpec(
            "The file to look into: a video, a picture or a sound.",
            frozenset({MediaClass.IMAGE, MediaClass.VIDEO, MediaClass.AUDIO}),
            required=True,
        ),
    },
    outputs=(OutputSpec("info", AssetKind.OTHER, "application/json"),),
    takes_format=False,
    lane=Lane.INTERACTIVE,
    example_inputs={"media": ("video",)},
)
