"""Swagger UI on its own port, with files from an installed package, so that it works offline.

``python -m gala_api.swagger_ui``
"""

from __future__ import annotations

import asyncio
import html
import sys
from collections.abc import Callable
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from threading import Lock

from gala.installation import importing

with importing("api"):
    from pydantic import ValidationError
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, JSONResponse, Response
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    from gala import log
    from gala.settings import report_settings_errors
    from gala_api.granian_server import serve
    from gala_api.settings import SwaggerSettings

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GALA API</title>
<link rel="icon" href="static/favicon.png">
<link rel="stylesheet" href="static/swagger-ui.css">
<style>
.swagger-ui .filter .operation-filter-input { max-width: none; }
@media (max-width: 640px) {
  .swagger-ui .opblock-tag { display: grid; grid-template-columns: 1fr auto; }
  .swagger-ui .opblock-tag small { grid-row: 2; padding: 0; }
}
</style>
</head>
<body>
<div id="swagger-ui"></div>
<script src="static/swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
"""

_START = """// The filter of Swagger UI compares names of groups only. This one also finds
// operations by path, summary and id, and unfolds the groups that it leaves.
const mentions = (text, phrase) => (text ?? "").toLowerCase().includes(phrase);

const operationMatches = (operation, phrase) =>
  mentions(operation.get("path"), phrase) ||
  ["summary", "operationId"].some((name) =>
    mentions(operation.getIn(["operation", name]), phrase));

const narrowed = (group, name, phrase) =>
  mentions(name, phrase) ? group : group.update("operations", (operations) =>
    operations.filter((operation) => operationMatches(operation, phrase)));

const isPhrase = (filter) => typeof filter === "string" && filter !== "" && filter !== "true";

const OperationFilter = () => ({
  fn: {
    opsFilter: (groups, filter) => groups
      .map((group, name) => narrowed(group, name, filter.trim().toLowerCase()))
      .filter((group) => group.get("operations").size > 0),
  },
  statePlugins: {layout: {wrapSelectors: {
    isShown: (original) => (state, thing, shown) => original(
      thing, thing[0] === "operations-tag" && isPhrase(state.get("filter")) || shown),
  }}},
});

window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  plugins: [OperationFilter],
  onComplete: () => {
    const box = document.querySelector(".operation-filter-input");
    box.placeholder = "Find operations, e.g. cancel";
    box.setAttribute("aria-label", "Find operations");
  },
  displayRequestDuration: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
"""


def create_page(settings: SwaggerSettings) -> Starlette:
    """Return an application with the page, its files and the document of the API."""
    document = _document(settings)

    async def page(_request: Request) -> Response:
        return HTMLResponse(_PAGE)

    async def start(_request: Request) -> Response:
        return Response(_START, media_type="text/javascript")

    async def openapi(_request: Request) -> Response:
        return await asyncio.to_thread(document)

    with as_file(files("fastapi_offline") / "static") as static:
        return Starlette(
            routes=[
                Route("/", page),
                Route("/start.js", start),
                Route("/openapi.json", openapi),
                Mount("/static", StaticFiles(directory=Path(static))),
            ]
        )


def _document(settings: SwaggerSettings) -> Callable[[], Response]:
    """Return a function that describes the API; its first call takes seconds."""
    first = Lock()

    @cache
    def response() -> Response:
        # Late: the API and its document are five times the rest of the process, and most that start
        # are never asked for a page.
        from gala_api.app import create_app  # noqa: PLC0415

        document = create_app().openapi()
        base_url = settings.public_base_url or f"http://localhost:{settings.api_port}"
        url = html.escape(base_url.rstrip("/"))
        document["servers"] = [{"url": url, "description": "This GALA"}]
        return JSONResponse(document)

    def once() -> Response:
        with first:
            return response()

    return once


def page() -> Starlette:
    """Return the application that granian loads."""
    return create_page(SwaggerSettings())


def main() -> int:
    """Serve the page until stopped."""
    try:
        settings = SwaggerSettings()
    except ValidationError as error:
        report_settings_errors("swagger", error)
        return 2
    log.configure(service="swagger", level=settings.log_level, log_format=settings.log_format)
    serve(
        "gala_api.swagger_ui:page",
        host=settings.swagger_host,
        port=settings.swagger_port,
        log_config=log.dict_config(
            service="swagger", level=settings.log_level, log_format=settings.log_format
        ),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
