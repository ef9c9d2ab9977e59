"""The tools about compositions: what a film will be, before it is made."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.types import ToolAnnotations
from pydantic import Field

from gala.mcp_server.api_access import ApiAccess

Ctx = Context[Any, Any]
JsonObject = dict[str, Any]
Composition = Annotated[
    JsonObject,
    Field(description="The params of a job of type timeline; describe_type has their schema"),
]
AspectRatio = Annotated[
    str | None, Field(description="Of the film: 9:16, 1:1, 16:9 or 4:5; by default 9:16")
]
TargetText = Annotated[
    str | None,
    Field(description="Where it is shown: youtube, short, reel, tiktok, linkedin or square"),
]
BrandText = Annotated[str | None, Field(description="Name of a brand kit")]
_READS = ToolAnnotations(read_only_hint=True)
_FORMAT = "jpeg"
_USUAL_WIDTH = 480


def add_films(server: MCPServer[Any], api: ApiAccess) -> None:
    """Add the tools to a server."""

    @server.tool(annotations=_READS)
    async def plan_film(
        ctx: Ctx,
        composition: Composition,
        aspect_ratio: AspectRatio = None,
        target: TargetText = None,
        brand: BrandText = None,
    ) -> JsonObject:
        """Return when and where each element of a composition is seen, and warnings; at once."""
        return await api.call(
            ctx,
            lambda gala: gala.timeline_plan(
                composition, output=_output(aspect_ratio, target), brand=brand
            ),
        )

    @server.tool(annotations=_READS)
    async def film_frame(  # noqa: PLR0917 - called by name
        ctx: Ctx,
        composition: Composition,
        at: Annotated[float | str, Field(description="Seconds of the film, or a timecode")] = 0.0,
        aspect_ratio: AspectRatio = None,
        target: TargetText = None,
        brand: BrandText = None,
        width: Annotated[int, Field(ge=16, le=1920, description="Pixels")] = _USUAL_WIDTH,
    ) -> Image:
        """Return one frame of a composition as a picture to look at, without a job."""
        picture = await api.call(
            ctx,
            lambda gala: gala.timeline_frame(
                composition,
                at,
                format=_FORMAT,
                width=width,
                output=_output(aspect_ratio, target),
                brand=brand,
            ),
        )
        return Image(data=picture, format=_FORMAT)


def _output(aspect_ratio: str | None, target: str | None) -> JsonObject:
    chosen = {"aspect_ratio": aspect_ratio, "target": target}
    return {name: value for name, value in chosen.items() if value is not None}
