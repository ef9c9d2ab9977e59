"""``test_film``: a real FFmpeg that takes as long as its film lasts."""

from __future__ import annotations

from pydantic import Field

from gala.media import AssetKind, Format
from gala.render_types.base import OutputSpec, RenderType, TypeParams


class FilmParams(TypeParams):
    """Params of a render that takes its time."""

    seconds: float = Field(default=2.0, gt=0, le=600)
    text: str = ""


TYPE = RenderType(
    name="test_film",
    summary="A film made in real time.",
    params=FilmParams,
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    format=Format(width=32, height=32, fps=5),
)
