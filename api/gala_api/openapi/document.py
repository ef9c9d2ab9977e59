"""The OpenAPI 3.1 document of the app, which ``docs/openapi.yaml`` is a copy of."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from threading import Lock
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gala.installation import version
from gala.render_types import all_types
from gala_api.auth.openapi import add_access
from gala_api.errors.formats import PROBLEM_JSON
from gala_api.openapi import examples
from gala_api.openapi.generator_forms import adapt
from gala_api.openapi.idempotency import add_replay_header
from gala_api.openapi.job_requests import add_render_types
from gala_api.openapi.part import Examples, OpenApiPart
from gala_api.openapi.schema_tree import Document, operations, schemas
from gala_api.rate_limit.openapi import add_rates
from gala_api.schemas.assets import ImportAssetRequest
from gala_api.schemas.common import Problem

_DESCRIPTION: Final = """\
GALA (Generación Audiovisual Local con Avatares) turns requests into finished audiovisual content.

Submit a job (`POST /jobs`) and fetch the finished video (`GET /assets/{assetId}/content`). When
`POST` responds, the job is committed; every job ends DONE, FAILED or CANCELLED, and the error of
each attempt is kept.

Errors are `application/problem+json` (RFC 9457) and carry `error{code, message, details}`;
`details.field` names the failing field by its path, e.g. `params.text`. Unknown names are
rejected, with the nearest known one.

With `AUTH_MODE=none` there is no authentication. Otherwise every operation with a `security`
requires an API key or token and responds 401 without one, or 403 if its role or scopes lack the
permission that the operation names. Resources of other owners are reported as not found.

Too many requests are answered with 429 and `Retry-After`; `RateLimit` says how many remain.
"""

_FIRST_TAGS: Final = [
    {"name": "Jobs", "description": "Start here: a job makes assets from params and assets."},
    {"name": "Assets", "description": "Media files: inputs and outputs of jobs."},
    {"name": "Templates", "description": "Named ways to use a render type."},
    {"name": "Models", "description": "Avatars: images, voice and framing of a persona."},
    {"name": "Timelines", "description": "How compositions are written, and what they will be."},
    {"name": "Pronunciations", "description": "How names and words are spoken."},
    {"name": "Voices", "description": "The voices that speak, with a sample of each."},
]
_LAST_TAGS: Final = [
    {"name": "Identity", "description": "The caller, API keys, and quotas."},
    {"name": "Health", "description": "Liveness, readiness, health and metrics."},
]

_SCHEMAS: Final = "#/components/schemas/"
_REFERENCE: Final = re.compile(rf'"{_SCHEMAS}([^"]+)"')

_STABLE_NAMES: Final = {
    "FileStatusResponse": "Standing",
    "gala__render_types__hello_render__Fit": "gala__types__hello_render__Fit",
    "gala__render_types__params__framing__Fit": "gala__types__words__framing__Fit",
}
"""Names of schemas that generated clients use, by the names that the classes have now."""

_LINKS: Final = {
    "uploadAsset": (
        "asset",
        "assetId",
        ("getAsset", "getAssetURL", "streamAssetContent", "deleteAsset"),
    ),
    "createModel": (
        "model",
        "modelId",
        ("getModel", "getModelPreview", "updateModel", "deleteModel"),
    ),
    "createTemplate": (
        "template",
        "templateId",
        ("getTemplate", "updateTemplate", "deleteTemplate"),
    ),
    "createJob": ("job", "jobId", ("getJob", "cancelJob", "retryJob", "followJob")),
}
"""Links from a created resource to operations on it: envelope, id parameter, operations."""


def contract(app: FastAPI) -> Document:
    """Return the document of the app's routes, with every schema that clients need."""
    parts: Sequence[OpenApiPart] = app.state.openapi_parts
    document = get_openapi(
        title="GALA API",
        version=version(),
        openapi_version="3.1.0",
        description=_DESCRIPTION,
        routes=app.routes,
        tags=_tags(parts),
        servers=[{"url": "/", "description": "The server that this document comes from"}],
    )
    _add_schemas(document, (model for part in parts for model in part.models))
    _drop_framework_errors(document)
    _tidy_up(document)
    _add_examples(document, examples.REQUESTS, examples.RESPONSES)
    for part in parts:
        _add_examples(document, part.request_examples, part.response_examples)
    _add_links(document)
    add_access(document, app)
    add_rates(document)
    add_replay_header(document)
    document = adapt(document)
    _share_errors(document)
    return _with_stable_names(document)


def _tags(parts: Sequence[OpenApiPart]) -> list[Document]:
    """Return the groups of operations in the order in which Swagger UI shows them."""
    own, other = (
        [
            {"name": part.tag, "description": part.description}
            for part in parts
            if part.for_other_clients is for_other
        ]
        for for_other in (False, True)
    )
    return [*_FIRST_TAGS, *own, *_LAST_TAGS, *other]


def _with_stable_names(document: Document) -> Document:
    text = json.dumps(document)
    for name, stable in _STABLE_NAMES.items():
        text = text.replace(f'"{name}"', f'"{stable}"').replace(f'/{name}"', f'/{stable}"')
    renamed: Document = json.loads(text)
    components = renamed["components"]
    components["schemas"] = dict(sorted(components["schemas"].items()))
    return renamed


def _add_schemas(document: Document, others: Iterable[type[BaseModel]]) -> None:
    received: list[type[BaseModel]] = [
        *(one.params for one in all_types().values()),
        ImportAssetRequest,
    ]
    sent: list[type[BaseModel]] = [Problem, *others]
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in received),
        *((model, "serialization") for model in sent),
    ]
    roots, added = models_json_schema(models, ref_template=f"{_SCHEMAS}{{model}}")
    components = document["components"]["schemas"]
    # A model that describes itself in another way does not need what its fields refer to.
    for name in _referred(list(roots.values()), added["$defs"]):
        components.setdefault(name, added["$defs"][name])
    add_render_types(components)


def _referred(schema: Any, definitions: Mapping[str, Any]) -> list[str]:
    """Return the names of the definitions that a schema refers to, directly or not, sorted."""
    found: set[str] = set()
    waiting = [json.dumps(schema)]
    while waiting:
        names = set(_REFERENCE.findall(waiting.pop())) - found
        found |= names
        waiting += [json.dumps(definitions[name]) for name in names]
    return sorted(found)


def _drop_framework_errors(document: Document) -> None:
    """Remove the 422 that FastAPI declares for each route; here such errors are 400s."""
    for operation in operations(document):
        response = operation["responses"].get("422", {})
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        if schema.get("$ref", "").endswith("/HTTPValidationError"):
            del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


def _tidy_up(document: Document) -> None:
    """Remove titles that repeat names, duplicates, and descriptions without content."""
    for place in schemas(document):
        _tidy(place.schema)
    for operation in operations(document):
        for parameter in operation.get("parameters", []):
            _tidy_parameter(parameter)
        for status, response in operation["responses"].items():
            if response["description"] == "Successful Response":
                response["description"] = HTTPStatus(int(status)).phrase


def _tidy_parameter(parameter: Document) -> None:
    schema = parameter["schema"]
    schema.pop("description", None)
    # A query parameter or header can be absent, but not null.
    kinds = schema.pop("anyOf", [])
    for kind in kinds:
        if kind != {"type": "null"}:
            schema |= kind


def _tidy(schema: Document) -> None:
    # Pydantic makes titles of names that clients know anyway; generators name classes by them.
    schema.pop("title", None)
    for keyword in ("minimum", "maximum"):
        if keyword in schema and schema[keyword] == int(schema[keyword]):
            schema[keyword] = int(schema[keyword])


def _add_examples(document: Document, requests: Examples, responses: Examples) -> None:
    for operation in operations(document):
        name = operation["operationId"]
        if name in requests:
            content = operation["requestBody"]["content"]["application/json"]
            content["examples"] = {
                title: {"value": value} for title, value in requests[name].items()
            }
        for status, value in responses.get(name, {}).items():
            (content,) = operation["responses"][status]["content"].values()
            content["example"] = value


def _add_links(document: Document) -> None:
    for operation in operations(document):
        name = operation["operationId"]
        if name in _LINKS:
            envelope, parameter, targets = _LINKS[name]
            pointer = f"$response.body#/{envelope}/id"
            operation["responses"]["201"]["links"] = {
                target: {"operationId": target, "parameters": {parameter: pointer}}
                for target in targets
            }


def _share_errors(document: Document) -> None:
    """Move error responses that operations share to ``components``."""
    shared: Document = {}
    for operation in operations(document):
        for status, response in operation["responses"].items():
            if PROBLEM_JSON in response.get("content", {}):
                name = _name_of(response)
                shared[name] = response
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    document["components"]["responses"] = dict(sorted(shared.items()))


def _name_of(response: Document) -> str:
    """Return a name: ``ASSET_IN_USE`` → ``AssetInUse``; several codes are joined by ``Or``."""
    codes = response["content"][PROBLEM_JSON]["examples"]
    return "Or".join("".join(part.capitalize() for part in code.split("_")) for code in codes)


def install(app: FastAPI, parts: Sequence[OpenApiPart] = (), *, prefix: str = "") -> None:
    """Serve the document as JSON and YAML; ``parts`` are what the adapters add.

    ``prefix`` is the path at which a proxy has the API. Each form is written once, in a thread, as
    that takes a second or two.
    """
    app.state.openapi_parts = tuple(parts)
    writing = Lock()

    def cached() -> Document:
        if app.openapi_schema is None:
            written = contract(app)
            if prefix:
                written["servers"][0]["url"] = prefix
            app.openapi_schema = written
        return app.openapi_schema

    @cache
    def json_text() -> bytes:
        return bytes(JSONResponse(cached()).body)

    @cache
    def yaml_text() -> str:
        # Late, as the app itself needs no YAML.
        from gala_api.openapi.yaml_format import as_yaml  # noqa: PLC0415

        return as_yaml(cached())

    def written(text: Callable[[], str | bytes]) -> str | bytes:
        with writing:
            return text()

    async def as_json(_request: Request) -> Response:
        text = await asyncio.to_thread(written, json_text)
        return Response(text, media_type=JSONResponse.media_type)

    async def as_text(_request: Request) -> Response:
        text = await asyncio.to_thread(written, yaml_text)
        return Response(text, media_type="application/yaml")

    app.openapi = cached  # type: ignore[method-assign]
    app.add_route("/openapi.json", as_json, include_in_schema=False)
    app.add_route("/openapi.yaml", as_text, include_in_schema=False)
