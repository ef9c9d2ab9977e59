"""The tools about templates."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import ToolAnnotations
from pydantic import Field

from gala.client import GalaClient, Template
from gala.errors import NotFound
from gala.ids import Prefix, is_id
from gala.mcp_server.api_access import ApiAccess
from gala.mcp_server.descriptions import job_summary
from gala.name_suggestions import suggestion

Ctx = Context[Any, Any]
JsonObject = dict[str, Any]
_READS = ToolAnnotations(read_only_hint=True)
_TIMELINE = "timeline"


def add_templates(server: MCPServer[Any], api: ApiAccess) -> None:
    """Add the tools to a server."""

    @server.tool(annotations=_READS)
    async def list_templates(ctx: Ctx) -> list[JsonObject]:
        """List templates of films: a film is made from one with a few params."""
        found = await api.call(ctx, lambda gala: gala.templates(type=_TIMELINE))
        return [{"name": one.name, "description": one.description} for one in found]

    @server.tool(annotations=_READS)
    async def describe_template(ctx: Ctx, name: str) -> JsonObject:
        """Describe a template: the JSON Schema of its params, and its composition."""
        return await api.call(ctx, lambda gala: _described(gala, name))

    @server.tool()
    async def make_film(
        ctx: Ctx,
        *,
        template: str,
        params: Annotated[
            JsonObject,
            Field(
                description="Its variables, and named elements:"
                ' {"title": "Hello", "Title": {"color": "gold"}}'
            ),
        ],
        target: Annotated[
            str | None,
            Field(description="youtube, short, reel, tiktok, linkedin or square"),
        ] = None,
        aspect_ratio: Annotated[
            str | None, Field(description="Without target: 9:16, 1:1, 16:9 or 4:5")
        ] = None,
        brand: Annotated[str | None, Field(description="Name of a brand kit")] = None,
    ) -> JsonObject:
        """Submit a job for a film from a template; watch_job waits for it."""
        chosen = {"target": target, "aspect_ratio": aspect_ratio}
        output = {name: one for name, one in chosen.items() if one is not None}
        job = await api.call(
            ctx,
            lambda gala: gala.submit(
                template_id=template, params=params, brand=brand, output=output or None
            ),
        )
        return job_summary(job)


def _described(gala: GalaClient, name: str) -> JsonObject:
    found = _find(gala, name)
    return {
        "name": found.name,
        "description": found.description,
        "params_schema": gala.template_schema(found.id),
        "composition": found.composition,
    }


def _find(gala: GalaClient, name: str) -> Template:
    if is_id(Prefix.TEMPLATE, name):
        return gala.template(name)
    listed = gala.templates()
    own_first = sorted(listed, key=lambda one: one.builtin)
    found = next((one for one in own_first if one.name == name), None)
    if found is None:
        names = [one.name for one in listed]
        raise NotFound(f"There is no template {name!r}. {suggestion(name, names)}")
    return gala.template(found.id)
