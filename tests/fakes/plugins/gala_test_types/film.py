"""``test_film``: runs FFmpeg for as long as its video lasts."""

from __future__ import annotations

from pydantic import Field

from gala.media import AssetKind, Format
from gala.render_types.base import OutputSpec, RenderType, TypeParams


class FilmParams(TypeParams):
    """Params of a render of a chosen duration."""

    seconds: float = Field(default=2.0, gt=0, le=600)
    text: str = ""


TYPE = RenderType(
    name="test_film",
    summary="A film made in real time.",
    params=FilmParams,
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    format=Format(width=32, height=32, fps=5),
)
