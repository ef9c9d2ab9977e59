"""``test_hostile``: what a decoder would do that a user's file has taken over."""

from __future__ import annotations

from pydantic import Field

from gala.media import AssetKind, Format
from gala.render_types.base import OutputSpec, RenderType, TypeParams


class HostileParams(TypeParams):
    """What to try, and what of the machine outside it happens to know."""

    attacks: tuple[str, ...]
    known: dict[str, str] = Field(default_factory=dict)


TYPE = RenderType(
    name="test_hostile",
    summary="A program that tries to break out.",
    params=HostileParams,
    outputs=(OutputSpec("report", AssetKind.OTHER, "application/json"),),
    format=Format(width=16, height=16, fps=1),
)
