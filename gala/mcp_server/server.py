"""The MCP server and its tools."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from gala.errors import InvalidRequest
from gala.installation import version
from gala.job import JobStatus
from gala.mcp_server.api_access import ApiAccess
from gala.mcp_server.descriptions import job_summary, type_details, type_summary
from gala.mcp_server.films import add_films
from gala.mcp_server.templates import add_templates
from gala.media import AssetKind
from gala.render_types import all_types, find_type
from gala.render_types.params.voice import SpeechEngineName

_INSTRUCTIONS: Final = """\
GALA makes audiovisual content as jobs: spoken, captioned and edited videos, audio, transcripts.
A film from a template: list_templates, describe_template, make_film.
A film of your own: a job of type timeline; look at it first with plan_film and film_frame.
Models (list_models, create_model) are presenters with a body and a voice.
Find a type with list_types and describe_type, add media with import_asset (or upload_asset where
available), submit_job, watch_job until it has ended, then fetch_asset or asset_link.
"""
_POLL_SECONDS: Final = 0.5
_MAX_WATCH_SECONDS: Final = 600.0

Ctx = Context[Any, Any]
JobId = Annotated[str, Field(description="An id returned by submit_job: job_…")]
AssetId = Annotated[str, Field(description="An id of an output or import: ast_…")]
JsonObject = dict[str, Any]

_READS: Final = ToolAnnotations(read_only_hint=True)


def make_server(base_url: str, *, api_key: str | None = None, local: bool = True) -> MCPServer[Any]:
    """Create the server. With ``local``, its tools may read and write the user's files."""
    server: MCPServer[Any] = MCPServer(
        "GALA", instructions=_INSTRUCTIONS, version=version(), log_level="WARNING"
    )
    api = ApiAccess(base_url, api_key, local)
    _add_types(server, api)
    _add_jobs(server, api)
    _add_assets(server, api)
    _add_models(server, api)
    add_templates(server, api)
    add_films(server, api)
    if local:
        _add_files(server, api)
    return server


def serve_stdio(base_url: str, *, api_key: str | None) -> None:
    """Serve the assistant that started this process on stdio until it disconnects."""
    make_server(base_url, api_key=api_key).run("stdio")


def serve_http(base_url: str, *, api_key: str | None, host: str, port: int) -> None:
    """Serve at ``http://host:port/mcp``. Keys sent by callers are passed on to the API.

    Raise InvalidRequest if ``api_key`` is set and ``host`` is not a loopback address: every caller
    would act with that key.
    """
    if api_key is not None and not _is_loopback(host):
        raise InvalidRequest(
            f"--host: with GALA_API_KEY set, every client that reaches {host} would use that key",
            hint="unset GALA_API_KEY and let callers send their own, or listen on 127.0.0.1",
        )
    server = make_server(base_url, api_key=api_key, local=False)
    server.run("streamable-http", host=host, port=port)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _add_types(server: MCPServer[Any], api: ApiAccess) -> None:
    @server.tool(annotations=_READS)
    def list_types() -> list[JsonObject]:
        """List all render types with a summary of each."""
        return [type_summary(render_type) for render_type in all_types().values()]

    @server.tool(annotations=_READS)
    def describe_type(name: str) -> JsonObject:
        """Describe a render type: its inputs, the JSON Schema of its params, an example."""
        found = find_type(name)
        if found is None:
            raise ToolError(f"There is no type {name!r}; there are: {', '.join(all_types())}.")
        return type_details(found)

    @server.tool(annotations=_READS)
    async def list_voices(
        ctx: Ctx,
        language: str | None = None,
        engine: SpeechEngineName | None = None,
        gender: Literal["female", "male"] | None = None,
    ) -> list[JsonObject]:
        """List the voices; `language` (es, en-GB) selects those that speak it.

        `id` is what `voice` takes in params; `sample_url` is an MP3 file to listen to.
        """
        return await api.call(
            ctx, lambda gala: gala.voices(language=language, engine=engine, gender=gender)
        )


def _add_jobs(server: MCPServer[Any], api: ApiAccess) -> None:
    @server.tool()
    async def submit_job(
        ctx: Ctx,
        *,
        type: str,  # noqa: A002 - name in the API
        params: JsonObject,
        inputs: Annotated[
            JsonObject | None,
            Field(description='Assets by field, e.g. {"background_asset_id": "ast_…"}'),
        ] = None,
        name: str | None = None,
        output: Annotated[
            JsonObject | None,
            Field(
                description='E.g. {"aspect_ratio": "9:16"} or {"target": "reel"}, if the type has a'
                " format"
            ),
        ] = None,
        brand: Annotated[str | None, Field(description="Name of a brand kit")] = None,
        model_ids: Annotated[
            list[str] | None,
            Field(description="Models (list_models) that present or, in other types, speak"),
        ] = None,
    ) -> JsonObject:
        """Submit a job. Returns at once; the job is stored and will not be lost."""
        job = await api.call(
            ctx,
            lambda gala: gala.submit(
                type=type,
                params=params,
                inputs=inputs,
                name=name,
                output=output,
                brand=brand,
                model_ids=model_ids or (),
            ),
        )
        return job_summary(job)

    @server.tool(annotations=_READS)
    async def watch_job(
        ctx: Ctx,
        job_id: JobId,
        seconds: Annotated[float, Field(gt=0, le=_MAX_WATCH_SECONDS)] = 120.0,
    ) -> JsonObject:
        """Wait until a job has ended, reporting progress; return its state after `seconds`."""
        with anyio.move_on_after(seconds):
            while True:
                job = await api.call(ctx, lambda gala: gala.job(job_id))
                await ctx.report_progress(job.progress, 1.0, str(job.phase))
                if job.ended:
                    return job_summary(job)
                await anyio.sleep(_POLL_SECONDS)
        return job_summary(await api.call(ctx, lambda gala: gala.job(job_id)))

    @server.tool(annotations=_READS)
    async def list_jobs(
        ctx: Ctx,
        status: JobStatus | None = None,
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
    ) -> list[JsonObject]:
        """List the latest jobs, newest first."""
        jobs = await api.call(ctx, lambda gala: gala.jobs(status=status, limit=limit))
        return [job_summary(job) for job in jobs]

    @server.tool()
    async def cancel_job(ctx: Ctx, job_id: JobId) -> JsonObject:
        """Cancel a job. A running one becomes CANCELLED once its processes have ended."""
        return job_summary(await api.call(ctx, lambda gala: gala.cancel(job_id)))

    @server.tool()
    async def retry_job(ctx: Ctx, job_id: JobId) -> JsonObject:
        """Retry a FAILED job under the same id."""
        return job_summary(await api.call(ctx, lambda gala: gala.retry(job_id)))


def _add_models(server: MCPServer[Any], api: ApiAccess) -> None:
    @server.tool(annotations=_READS)
    async def list_models(
        ctx: Ctx,
        search: str | None = None,
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
    ) -> list[JsonObject]:
        """List the latest models: presenters with a body and a voice, for submit_job."""
        models = await api.call(ctx, lambda gala: gala.models(q=search, limit=limit))
        return [model.model_dump(mode="json", exclude_none=True) for model in models]

    @server.tool()
    async def create_model(
        ctx: Ctx,
        stage_name: str,
        presenter: Annotated[
            JsonObject,
            Field(
                description='E.g. {"body": {"portrait_asset_id": "ast_…"}, "voice": "ef_dora",'
                ' "language": "es"}; {"body": {"character": {"name": "leo"}}} is drawn'
            ),
        ],
        consent: Annotated[
            str | None, Field(description="What is known of the consent of the person shown")
        ] = None,
    ) -> JsonObject:
        """Create a model. A portrait is checked: without a face that can speak it is refused."""
        model = await api.call(
            ctx,
            lambda gala: gala.create_model(stage_name, presenter=presenter, consent=consent),
        )
        return model.model_dump(mode="json", exclude_none=True)


def _add_assets(server: MCPServer[Any], api: ApiAccess) -> None:
    @server.tool(annotations=_READS)
    async def list_assets(
        ctx: Ctx,
        kind: AssetKind | None = None,
        search: str | None = None,
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
    ) -> list[JsonObject]:
        """List the latest assets, newest first."""
        assets = await api.call(ctx, lambda gala: gala.assets(kind=kind, q=search, limit=limit))
        return [asset.model_dump(mode="json", exclude_none=True) for asset in assets]

    @server.tool()
    async def import_asset(
        ctx: Ctx, url: str, kind: AssetKind = AssetKind.OTHER, label: str | None = None
    ) -> JsonObject:
        """Import a file from a public URL as an asset; watch its job with watch_job."""
        asset = await api.call(ctx, lambda gala: gala.import_url(url, kind=kind, label=label))
        return asset.model_dump(mode="json", exclude_none=True)

    @server.tool(annotations=_READS)
    async def asset_link(ctx: Ctx, asset_id: AssetId) -> str:
        """Return a temporary link to an asset's content that works in a browser."""
        return await api.call(ctx, lambda gala: gala.asset_url(asset_id))


def _add_files(server: MCPServer[Any], api: ApiAccess) -> None:
    @server.tool()
    async def upload_asset(
        ctx: Ctx, path: str, kind: AssetKind = AssetKind.OTHER, label: str | None = None
    ) -> JsonObject:
        """Upload a file of this machine as an asset for use as an input of jobs."""
        file = _existing(path)
        asset = await api.call(ctx, lambda gala: gala.upload(file, kind=kind, label=label))
        return asset.model_dump(mode="json", exclude_none=True)

    @server.tool()
    async def fetch_asset(
        ctx: Ctx,
        asset_id: AssetId,
        path: Annotated[
            str, Field(description="Target path; an existing file is not overwritten.")
        ],
    ) -> str:
        """Save an asset's content to a file of this machine."""
        target = _free(path)
        return str(await api.call(ctx, lambda gala: gala.download(asset_id, target)))


def _existing(path: str) -> Path:
    file = Path(path).expanduser()
    if not file.is_file():
        raise ToolError(f"There is no file {path!r} on this machine.")
    return file


def _free(path: str) -> Path:
    target = Path(path).expanduser()
    if target.exists():
        raise ToolError(f"{path!r} exists already; choose another name.")
    return target
