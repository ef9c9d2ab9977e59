"""Error responses: a status for every code, and a body for clients of v0 and of RFC 9457."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import OperationalError

from gala.errors import ErrorCode, GalaError, TemplateNameExists, Unavailable
from gala_api.errors import handlers
from gala_api.errors.status import STATUS
from gala_api.errors.validation import invalid_fields, nearest
from tests.support import http


def everywhere(kind: type[GalaError]) -> Iterator[type[GalaError]]:
    for child in kind.__subclasses__():
        yield child
        yield from everywhere(child)


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    width: int = 1


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    width: int = 1
    heights: int = 1


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    inner: Inner | None = None
    items: tuple[Item, ...] = Field(default=(), strict=False)


class Client:
    """Sends requests to an app in this process, without a server."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def __call__(self, method: str, path: str) -> httpx.Response:
        return asyncio.run(self._request(method, path))

    async def _request(self, method: str, path: str) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with http.AsyncClient(transport=transport, base_url="http://gala") as client:
            return await client.request(method, path)


@pytest.fixture(scope="module")
def ask() -> Client:
    app = FastAPI()
    handlers.install(app)

    @app.post("/outer")
    def take(body: Outer) -> None: ...

    @app.get("/fails/{how}")
    def fail(how: str, limit: Annotated[int, Query()] = 1) -> None:
        raise {
            "taken": TemplateNameExists(field="name"),
            "away": Unavailable("Storage is away.", hint="Wait."),
            "database": OperationalError("SELECT secret", {}, Exception("gone")),
            "bug": RuntimeError("a secret"),
        }[how]

    return Client(app)


def test_every_code_has_a_status() -> None:
    assert set(ErrorCode) == set(STATUS)


def test_every_error_of_the_tree_has_a_message_and_a_code() -> None:
    for kind in everywhere(GalaError):
        assert kind.__doc__, kind
        assert kind.code in ErrorCode


def test_an_error_reads_in_both_dialects(ask: Client) -> None:
    answer = ask("GET", "/fails/taken")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    message = "A template with this name already exists."
    assert answer.json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": message,
        "instance": "/fails/taken",
        "error": {
            "code": "TEMPLATE_NAME_EXISTS",
            "message": message,
            "details": {"field": "name"},
        },
    }


def test_a_hint_is_told(ask: Client) -> None:
    assert ask("GET", "/fails/away").json()["error"]["details"] == {"hint": "Wait."}


def test_a_database_that_is_away_is_unavailable_and_its_words_stay_inside(
    ask: Client,
) -> None:
    answer = ask("GET", "/fails/database")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "UNAVAILABLE"
    assert "secret" not in answer.text


def test_a_bug_is_an_internal_error_and_its_words_stay_inside(ask: Client) -> None:
    answer = ask("GET", "/fails/bug")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "INTERNAL_ERROR"
    assert "secret" not in answer.text


def test_a_wrong_query_names_the_parameter(ask: Client) -> None:
    assert ask("GET", "/fails/taken?limit=x").json()["error"]["details"]["field"] == "limit"


def test_a_method_that_is_missing_is_answered_with_those_that_are_there(
    ask: Client,
) -> None:
    answer = ask("DELETE", "/outer")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def told(body: dict[str, Any]) -> dict[str, Any]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(body)
    details = invalid_fields(caught.value.errors(), prefix=("body",), model=Outer).details
    return dict(details)


def test_a_missing_field_is_named() -> None:
    assert told({}) == {"field": "body.name", "rule": "missing"}


def test_a_mistyped_name_explains_a_missing_one() -> None:
    details = told({"nam": "x"})
    assert details["field"] == "body.nam"
    assert details["did_you_mean"] == "body.name"
    assert [problem["rule"] for problem in details["problems"]] == ["missing", "extra_forbidden"]


def test_a_mistyped_name_is_compared_with_its_neighbours() -> None:
    details = told({"name": "x", "inner": {"widht": 1}})
    assert details["did_you_mean"] == "body.inner.width"


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ({"name": "a", "items": [{"widht": 2}]}, "body.items.0.width"),
        ({"name": "a", "width": 2}, "body.inner.width"),
        ({"name": "a", "heights": 2}, "body.items.0.heights"),
    ],
)
def test_a_name_of_a_list_or_of_what_is_within_is_found(body: dict[str, Any], meant: str) -> None:
    assert told(body)["did_you_mean"] == meant


def test_at_most_twenty_problems_are_told() -> None:
    assert len(told({f"x{n}": 1 for n in range(1000)})["problems"]) == 20


def test_a_name_of_a_megabyte_is_not_said_back() -> None:
    assert len(told({"name": "x", "n" * 1_000_000: 1})["field"]) < 100


def test_the_nearest_name_has_to_be_near() -> None:
    assert nearest("txt", ["text", "text_color"]) == "text"
    assert nearest("zzz", ["text"]) is None
