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
_READS = ToolAnnotations(read_only_hint=True)
_FORMAT = "jpeg"
_USUAL_WIDTH = 480


def add_films(server: MCPServer[Any], api: ApiAccess) -> None:
    """Add the tools to a server."""

    @server.tool(annotations=_READS)
    async def plan_film(
        ctx: Ctx, composition: Composition, aspect_ratio: AspectRatio = None
    ) -> JsonObject:
        """Return when and where each element of a composition is seen, and warnings; at once."""
        return await api.call(
            ctx,
            lambda gala: gala.timeline_plan(composition, output=_output(aspect_ratio)),
        )

    @server.tool(annotations=_READS)
    async def film_frame(
        ctx: Ctx,
        composition: Composition,
        at: Annotated[float, Field(ge=0, description="Seconds of the film")] = 0.0,
        aspect_ratio: AspectRatio = None,
        width: Annotated[int, Field(ge=16, le=1920, description="Pixels")] = _USUAL_WIDTH,
    ) -> Image:
        """Return one frame of a composition as a picture to look at, without a job."""
        picture = await api.call(
            ctx,
            lambda gala: gala.timeline_frame(
                composition, at, format=_FORMAT, width=width, output=_output(aspect_ratio)
            ),
        )
        return Image(data=picture, format=_FORMAT)


def _output(aspect_ratio: str | None) -> JsonObject:
    return {} if aspect_ratio is None else {"aspect_ratio": aspect_ratio}
