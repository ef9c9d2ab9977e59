"""``test_hostile``: acts like a decoder that a user's file has taken over."""

from __future__ import annotations

from pydantic import Field

from gala.media import AssetKind, Format
from gala.render_types.base import OutputSpec, RenderType, TypeParams


class HostileParams(TypeParams):
    """The attack to try, and facts about the machine that it may know."""

    attacks: tuple[str, ...]
    known: dict[str, str] = Field(default_factory=dict)


TYPE = RenderType(
    name="test_hostile",
    summary="A program that tries to break out.",
    params=HostileParams,
    outputs=(OutputSpec("report", AssetKind.OTHER, "application/json"),),
    format=Format(width=16, height=16, fps=1),
)
