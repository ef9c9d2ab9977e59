"""``test_noop``: writes a few bytes at once, without FFmpeg."""

from __future__ import annotations

from pydantic import Field

from gala.media import AssetKind, Format
from gala.render_types.base import OutputSpec, RenderType, TypeParams


class NoopParams(TypeParams):
    """Params of a minimal render."""

    size: int = Field(default=16, ge=1, le=1 << 31)


TYPE = RenderType(
    name="test_noop",
    summary="A few bytes.",
    params=NoopParams,
    outputs=(OutputSpec("video", AssetKind.OTHER, "application/octet-stream"),),
    format=Format(width=16, height=16, fps=1),
)
