"""The contract, OpenAPI 3.1, made from the app and kept as ``docs/openapi.yaml``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gala.ids import Prefix, pattern
from gala.net.urls import MAX_URL_CHARACTERS
from gala.render_types import all_types
from gala_api.auth.openapi import add_access
from gala_api.errors.formats import PROBLEM_JSON
from gala_api.jobs.inputs import MAX_FILES
from gala_api.openapi import examples
from gala_api.openapi.part import Examples, OpenApiPart
from gala_api.rate_limit.openapi import add_rates
from gala_api.schemas.assets import ImportAssetRequest
from gala_api.schemas.common import Problem

Document = dict[str, Any]

_DESCRIPTION: Final = """\
GALA (Generación Audiovisual Local con Avatares) turns requests into finished audiovisual content.

A job goes in (`POST /jobs`), a finished video comes out (`GET /assets/{assetId}/content`).
When `POST` answers, the job is committed; every job ends DONE, FAILED or CANCELLED, with each
attempt's error kept.

Errors are `application/problem+json` (RFC 9457) and carry `error{code, message, details}`;
`details.field` names the failing field by its path, e.g. `params.text`. Names that are not known
are refused, with the nearest one that is.

With `AUTH_MODE=none` nobody is asked who they are. Else every operation but those that say nothing
of security wants a key or token, and answers 401 to who has none, 403 to whose role or scopes do
not give the permission that it names; what belongs to others is not found.

Who asks too often is answered 429 with `Retry-After`; `RateLimit` tells how far it is to there.
"""

_FIRST_TAGS: Final = [
    {"name": "Health", "description": "Alive, ready, well."},
    {"name": "Assets", "description": "Media that goes in and comes out."},
    {"name": "Models", "description": "Avatars: pictures, voice and framing of a persona."},
    {"name": "Templates", "description": "Named ways to use a render type."},
]
_LAST_TAGS: Final = [
    {"name": "Identity", "description": "Who asks, and the keys that are given out."},
    {"name": "Jobs", "description": "Work that turns assets and params into new assets."},
]

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
    "createModel": ("model", "modelId", ("getModel", "updateModel", "deleteModel")),
    "createTemplate": (
        "template",
        "templateId",
        ("getTemplate", "updateTemplate", "deleteTemplate"),
    ),
    "createJob": ("job", "jobId", ("getJob", "cancelJob", "retryJob", "followJob")),
}
"""What can be done with a resource that was just created: its envelope, its id's name, and how."""


def operation_id(route: APIRoute) -> str:
    """`create_job` → `createJob`: names for people and client generators."""
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def contract(app: FastAPI) -> Document:
    """The contract of the app's routes, with every schema that clients need."""
    parts: Sequence[OpenApiPart] = app.state.openapi_parts
    document = get_openapi(
        title="GALA API",
        version=version("gala"),
        openapi_version="3.1.0",
        description=_DESCRIPTION,
        routes=app.routes,
        tags=[
            *_FIRST_TAGS,
            *({"name": part.tag, "description": part.description} for part in parts),
            *_LAST_TAGS,
        ],
        servers=[{"url": "http://localhost:8080", "description": "Local"}],
    )
    _add_schemas(document)
    _drop_framework_errors(document)
    _drop_framework_words(document)
    _add_examples(document, examples.REQUESTS, examples.RESPONSES)
    for part in parts:
        _add_examples(document, part.request_examples, part.response_examples)
    _add_links(document)
    add_access(document, app)
    add_rates(document)
    _share_errors(document)
    return _with_stable_names(document)


def _with_stable_names(document: Document) -> Document:
    text = json.dumps(document)
    for name, stable in _STABLE_NAMES.items():
        text = text.replace(f'"{name}"', f'"{stable}"').replace(f'/{name}"', f'/{stable}"')
    renamed: Document = json.loads(text)
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = dict(sorted(schemas.items()))
    return renamed


def _operations(document: Document) -> Iterator[Document]:
    for operations in document["paths"].values():
        yield from operations.values()


def _add_schemas(document: Document) -> None:
    params = [one.params for one in all_types().values()]
    models = [(model, "validation") for model in (*params, ImportAssetRequest)]
    models.append((Problem, "serialization"))
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    components = document["components"]["schemas"]
    for name, schema in schemas["$defs"].items():
        components.setdefault(name, schema)
    for request in ("CreateJobRequest", "CreateTemplateRequest", "UpdateTemplateRequest"):
        _name_types(components[request]["properties"]["type"])
    body = components["CreateJobRequest"]["properties"]
    body["params"]["anyOf"] = [
        {"$ref": f"#/components/schemas/{model.__name__}", "description": one.summary}
        for one, model in zip(all_types().values(), params, strict=True)
    ] + [{"type": "object", "description": "Params that the template's schema declares."}]
    body["inputs"] |= {"properties": _inputs(), "additionalProperties": {"type": "null"}}
    document["components"]["schemas"] = dict(sorted(components.items()))


def _name_types(schema: Document) -> None:
    text = schema["anyOf"][0] if "anyOf" in schema else schema
    for keyword in ("minLength", "maxLength", "pattern"):
        del text[keyword]
    text["enum"] = list(all_types())


def _inputs() -> Document:
    """Every input of every type, as an asset and as a URL."""
    asset = {"type": "string", "pattern": pattern(Prefix.ASSET)}
    url = {"type": "string", "maxLength": MAX_URL_CHARACTERS}
    found: Document = {}
    for render_type in all_types().values():
        for name, spec in render_type.inputs.items():
            fields = {render_type.input_field(name): asset, render_type.url_field(name): url}
            for field, one in fields.items():
                form = {"type": "array", "items": one, "maxItems": MAX_FILES} if spec.many else one
                described = {"anyOf": [form, {"type": "null"}], "description": spec.summary}
                found.setdefault(field, described)
    return found


def _drop_framework_errors(document: Document) -> None:
    """FastAPI declares a 422 of its own for each route; here such errors are 400s."""
    for operation in _operations(document):
        answer = operation["responses"].get("422", {})
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if schema.get("$ref", "").endswith("/HTTPValidationError"):
            del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


def _drop_framework_words(document: Document) -> None:
    """Titles that only repeat names, what is said twice, and descriptions that say nothing."""
    _tidy(document["components"]["schemas"])
    for operation in _operations(document):
        for parameter in operation.get("parameters", []):
            _tidy_parameter(parameter)
        for status, response in operation["responses"].items():
            if response["description"] == "Successful Response":
                response["description"] = HTTPStatus(int(status)).phrase


def _tidy_parameter(parameter: Document) -> None:
    schema = parameter["schema"]
    schema.pop("description", None)
    # What is not sent is not null: queries and headers know no such thing.
    kinds = schema.pop("anyOf", [])
    for kind in kinds:
        if kind != {"type": "null"}:
            schema |= kind
    _tidy(schema)


def _tidy(schema: Any) -> None:
    if isinstance(schema, list):
        for item in schema:
            _tidy(item)
    if isinstance(schema, dict):
        # A property may be called `title` too; then it is no text.
        if isinstance(schema.get("title"), str):
            del schema["title"]
        for keyword, item in schema.items():
            if keyword in {"minimum", "maximum"} and item == int(item):
                schema[keyword] = int(item)
            elif keyword not in {"examples", "default"}:
                _tidy(item)


def _add_examples(document: Document, requests: Examples, responses: Examples) -> None:
    for operation in _operations(document):
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
    for operation in _operations(document):
        name = operation["operationId"]
        if name in _LINKS:
            envelope, parameter, targets = _LINKS[name]
            pointer = f"$response.body#/{envelope}/id"
            operation["responses"]["201"]["links"] = {
                target: {"operationId": target, "parameters": {parameter: pointer}}
                for target in targets
            }


def _share_errors(document: Document) -> None:
    """Errors that many operations answer with are written down once."""
    shared: Document = {}
    for operation in _operations(document):
        for status, response in operation["responses"].items():
            if PROBLEM_JSON in response.get("content", {}):
                name = _name_of(response)
                shared[name] = response
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    document["components"]["responses"] = dict(sorted(shared.items()))


def _name_of(response: Document) -> str:
    """`ASSET_IN_USE` → `AssetInUse`; several codes of one status are joined by `Or`."""
    codes = response["content"][PROBLEM_JSON]["examples"]
    return "Or".join("".join(word.capitalize() for word in code.split("_")) for code in codes)


class _Dumper(yaml.SafeDumper):
    """YAML for people: blocks for text of several lines, lists indented, nothing by anchor."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


def _as_block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _as_block)


def as_yaml(document: Document) -> str:
    """The contract as it stands in the repository."""
    # By way of JSON: only plain types, as the app serves them.
    plain = json.loads(json.dumps(document))
    text: str = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


def install(app: FastAPI, parts: Sequence[OpenApiPart] = ()) -> None:
    """Serve the document as JSON and YAML; ``parts`` are what the adapters add."""
    app.state.openapi_parts = tuple(parts)

    def cached() -> Document:
        if app.openapi_schema is None:
            app.openapi_schema = contract(app)
        return app.openapi_schema

    async def as_json(_request: Request) -> Response:
        return JSONResponse(cached())

    async def as_text(_request: Request) -> Response:
        return Response(as_yaml(cached()), media_type="application/yaml")

    app.openapi = cached  # type: ignore[method-assign]
    app.add_route("/openapi.json", as_json, include_in_schema=False)
    app.add_route("/openapi.yaml", as_text, include_in_schema=False)
