"""The MCP server, used by a client of the official MCP package."""

from __future__ import annotations

import base64
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import av
import pytest
from PIL import Image

from gala.supervisor import Process, Program, free_port
from tests.platform.stack import Stack
from tests.support import http
from tests.support.wait import wait_until

if TYPE_CHECKING:
    from mcp import Client

SMALL = {"format": {"width": 180, "height": 320, "fps": 25}}


def command(stack: Stack, *more: str) -> list[str]:
    return [sys.executable, "-m", "gala.cli", "mcp", "--base-url", stack.base_url, *more]


@asynccontextmanager
async def assistant(stack: Stack) -> AsyncIterator[Client]:
    """Return a client that starts `gala mcp` itself and uses its stdin and stdout."""
    # Above, every process that collects the tests would need more than a second for it.
    from mcp import Client, StdioServerParameters

    program, *arguments = command(stack)
    server = StdioServerParameters(command=program, args=arguments, env=dict(os.environ))
    async with Client(server, read_timeout_seconds=60) as client:
        yield client


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    answer = await client.call_tool(tool, arguments)
    text = answer.content[0].text if answer.content else ""  # type: ignore[union-attr]
    assert not answer.is_error, text
    structured = answer.structured_content or {}
    return structured.get("result", structured) if structured else json.loads(text)


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    return str(answer.content[0].text)  # type: ignore[union-attr]


async def picture(client: Client, **arguments: Any) -> Any:
    """Return the frame that an assistant is shown."""
    answer = await client.call_tool("film_frame", arguments)
    assert not answer.is_error, answer.content
    (shown,) = answer.content
    assert shown.mime_type == "image/jpeg"  # type: ignore[union-attr]
    return Image.open(io.BytesIO(base64.b64decode(shown.data)))  # type: ignore[union-attr]


def test_an_assistant_makes_a_captioned_video_and_fetches_it(
    shared_stack: Stack, tmp_path: Path
) -> None:
    progress: list[float] = []

    async def on_progress(done: float, _total: float | None, _message: str | None) -> None:
        progress.append(done)

    async def work() -> dict[str, Any]:
        async with assistant(shared_stack) as client:
            types = {one["type"] for one in await call(client, "list_types")}
            assert "captioned_video" in types
            assert (
                "text"
                in (await call(client, "describe_type", name="captioned_video"))["params_schema"][
                    "properties"
                ]
            )
            voices = await call(client, "list_voices", language="es")
            assert any(voice["engine"] == "espeak" for voice in voices)
            job = await call(
                client,
                "submit_job",
                type="captioned_video",
                params={"text": "Hola, mundo.", "language": "es", "engine": "espeak"},
                output=SMALL,
                name="by an assistant",
            )
            done = await client.call_tool(
                "watch_job",
                {"job_id": job["job_id"], "seconds": 60},
                progress_callback=on_progress,
            )
            assert not done.is_error
            ended = await call(client, "watch_job", job_id=job["job_id"])
            target = tmp_path / "video.mp4"
            await call_text(client, "fetch_asset", ended["asset_ids"]["video"], target)
            link = await client.call_tool(
                "asset_link", {"asset_id": ended["asset_ids"]["thumbnail"]}
            )
            return {**ended, "link": link.content[0].text}  # type: ignore[union-attr]

    ended = anyio.run(work)
    assert ended["status"] == "DONE", ended
    assert progress
    assert progress[-1] == 1.0
    with av.open(tmp_path / "video.mp4") as video:
        assert {stream.type for stream in video.streams} == {"video", "audio"}
    assert http.get(ended["link"], trust_env=False).headers["content-type"] == "image/jpeg"


async def call_text(client: Client, tool: str, asset_id: str, target: Path) -> None:
    answer = await client.call_tool(tool, {"asset_id": asset_id, "path": str(target)})
    assert not answer.is_error, answer.content


def test_an_assistant_uploads_lists_cancels_and_learns_what_went_wrong(
    shared_stack: Stack, tmp_path: Path
) -> None:
    note = tmp_path / "captions.srt"
    note.write_text("1\n00:00:00,000 --> 00:00:01,000\nHola\n")

    async def work() -> None:
        async with assistant(shared_stack) as client:
            asset = await call(client, "upload_asset", path=str(note), kind="captions")
            listed = await call(client, "list_assets", kind="captions", limit=200)
            assert asset["id"] in {one["id"] for one in listed}
            drawn = {"body": {"character": {"name": "leo"}}, "language": "es"}
            model = await call(client, "create_model", stage_name="Leo", presenter=drawn)
            models = await call(client, "list_models", search="Leo")
            assert model["id"] in {one["id"] for one in models}
            job = await call(
                client,
                "submit_job",
                type="presenter",
                params={"text": "Una frase."},
                name="long",
                model_ids=[model["id"]],
            )
            await call(client, "cancel_job", job_id=job["job_id"])
            ended = await call(client, "watch_job", job_id=job["job_id"], seconds=30)
            assert ended["status"] == "CANCELLED"
            jobs = await call(client, "list_jobs", status="CANCELLED")
            assert job["job_id"] in {one["job_id"] for one in jobs}
            assert "params.text" in await refused(client, "submit_job", type="tts", params={})
            assert "tts" in await refused(client, "describe_type", name="nothing")
            assert "no file" in await refused(client, "upload_asset", path=str(tmp_path / "no"))
            message = await refused(client, "fetch_asset", asset_id=asset["id"], path=str(note))
            assert "exists already" in message

    anyio.run(work)


def test_over_http_no_tool_touches_the_servers_files_and_no_web_page_gets_in(
    shared_stack: Stack,
) -> None:
    port = free_port()
    arguments = command(shared_stack, "--transport", "http", "--port", str(port))
    server = Process(Program(name="mcp", argv=tuple(arguments), env=dict(os.environ)))

    async def look() -> None:
        from mcp import Client

        async with Client(f"http://127.0.0.1:{port}/mcp", read_timeout_seconds=30) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert {"submit_job", "watch_job", "cancel_job", "asset_link"} <= tools
            assert not {"upload_asset", "fetch_asset"} & tools
            assert await call(client, "list_jobs", limit=1) is not None
            templates = {one["name"] for one in await call(client, "list_templates")}
            assert {"hello", "data-story"} <= templates
            described = await call(client, "describe_template", name="hello")
            assert described["params_schema"]["required"] == ["title"]
            film = await call(
                client, "make_film", template="hello", params={"title": "Hi"}, target="tiktok"
            )
            assert (await call(client, "cancel_job", job_id=film["job_id"]))["status"] in {
                "CANCELLED",
                "RUNNING",
            }
            red = {"type": "shape", "color": "red", "duration": 2}
            composition = {"tracks": [{"clips": [red]}]}
            plan = await call(client, "plan_film", composition=composition, aspect_ratio="1:1")
            assert (plan["duration"], plan["format"]["width"]) == (2, plan["format"]["height"])
            shown = await picture(
                client, composition=composition, at=1, width=64, aspect_ratio="16:9"
            )
            assert (shown.size, shown.getpixel((32, 18))[0] > 230) == ((64, 36), True)
            late = await refused(client, "film_frame", composition=composition, at=2)
            assert "ends at 2 s" in late

    server.start()
    try:
        wait_until(lambda: _listens(port), 30, what="the MCP server")
        anyio.run(look)
        assert _status_for(port, "Host", "evil.example") == HTTPStatus.MISDIRECTED_REQUEST
        assert _status_for(port, "Origin", "http://evil.example") == HTTPStatus.FORBIDDEN
    finally:
        server.stop()


def _status_for(port: int, header: str, value: str) -> int:
    """Return the status of a request with this header, as a browser sends it for a web page."""
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    headers = {"accept": "application/json, text/event-stream", header: value}
    url = f"http://127.0.0.1:{port}/mcp"
    return http.post(url, json=ping, headers=headers, trust_env=False).status_code


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_with_a_key_of_our_own_it_listens_on_this_machine_only(shared_stack: Stack) -> None:
    done = subprocess.run(
        check=False,
        args=command(shared_stack, "--transport", "http", "--host", "0.0.0.0", "--port", "1"),
        env={**os.environ, "GALA_API_KEY": "gala_secret"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode != 0
    assert "127.0.0.1" in done.stderr


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
