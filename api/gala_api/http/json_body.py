"""JSON request bodies, checked before the framework parses them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

import anyio
import anyio.to_thread
from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json

from gala.errors import InvalidRequest, PayloadTooLarge, UnsupportedMedia
from gala_api.auth.access import check

MAX_JSON_BYTES: Final = 1024 * 1024
MAX_JSON_VALUES: Final = 100_000
"""Parsing holds the interpreter's lock for as long as it creates values, about 0.1 s for so many,
and all other requests wait."""
MAX_MEMBERS: Final = 10_000
"""How many members one object may have; every one that is unknown costs an error."""
MAX_NAME_CHARACTERS: Final = 80
"""How much of a member's name is quoted in an error."""

_QUICK_BYTES: Final = 16 * 1024
"""Bodies up to this size are parsed in less time than it takes to wake up a thread."""
_parsing = anyio.CapacityLimiter(1)
"""Each thread more that parses delays other requests by another turn of the interpreter's lock."""


class JsonRequest(Request):
    """A request whose JSON body has a bounded size and only values that Postgres can store."""

    _bytes: bytes
    _parsed: Any

    async def load(self) -> None:
        """Read and check the body.

        Raise PayloadTooLarge, UnsupportedMedia, or InvalidRequest if the body is not JSON, is
        nested too deep, repeats a member, or has a number or character that Postgres cannot store.
        Large bodies are parsed in a thread.
        """
        self._bytes = await self._read()
        if not self._bytes:
            raise InvalidRequest("A JSON body is required.", field="body", rule="missing")
        _require_json(self.headers.get("content-type", ""))
        if len(self._bytes) <= _QUICK_BYTES:
            self._parsed = _parse(self._bytes)
        else:
            self._parsed = await anyio.to_thread.run_sync(_parse, self._bytes, limiter=_parsing)

    async def _read(self) -> bytes:
        content = bytearray()
        async for chunk in self.stream():
            content += chunk
            if len(content) > MAX_JSON_BYTES:
                raise PayloadTooLarge(
                    f"The JSON body is larger than {MAX_JSON_BYTES} bytes.",
                    max_bytes=MAX_JSON_BYTES,
                )
        return bytes(content)

    async def body(self) -> bytes:
        """Return the bytes of the body."""
        return self._bytes

    async def json(self) -> Any:
        """Return the parsed body."""
        return self._parsed


def _require_json(content_type: str) -> None:
    mime = content_type.partition(";")[0].strip().lower()
    if mime != "application/json" and not mime.endswith("+json"):
        raise UnsupportedMedia(
            f"The body is {mime or 'of an undeclared type'}; send JSON.",
            hint="Add the header 'Content-Type: application/json'.",
        )


def _parse(content: bytes) -> Any:
    _require_few_values(content)
    try:
        from_json(content, allow_inf_nan=False)
    except ValueError as error:
        message = f"The body is not valid JSON: {error}."
        raise InvalidRequest(message, field="body", rule="json_invalid") from error
    # The strict parser silently keeps the last of two members of one name.
    return _checked(json.loads(content, object_pairs_hook=_Members), ())


def _require_few_values(content: bytes) -> None:
    # Those within texts are counted, too: to tell them apart is parsing.
    if sum(map(content.count, (b",", b"[", b"{"))) > MAX_JSON_VALUES:
        raise PayloadTooLarge(
            f"The JSON body has more than {MAX_JSON_VALUES} values; commas and opening brackets are"
            " counted.",
            max_values=MAX_JSON_VALUES,
        )


class _Members(list[tuple[str, Any]]):
    """The members of an object in order, including repeated ones."""


def _checked(value: Any, path: tuple[str, ...]) -> Any:
    match value:
        case _Members():
            return _object(value, path)
        case list():
            return [_checked(item, (*path, str(index))) for index, item in enumerate(value)]
        case str() if "\0" in value:
            raise _invalid(path, "The character U+0000 is not allowed.", "no_nul")
        case float() if not math.isfinite(value):
            raise _invalid(path, "This number is out of range.", "finite_number")
        case _:
            return value


def _object(members: _Members, path: tuple[str, ...]) -> dict[str, Any]:
    if len(members) > MAX_MEMBERS:
        message = f"An object may have at most {MAX_MEMBERS} members."
        raise _invalid(path, message, "too_many_members")
    found: dict[str, Any] = {}
    for name, item in members:
        _checked(name, path)
        member = (*path, name[:MAX_NAME_CHARACTERS])
        if name in found:
            raise _invalid(member, "This field occurs twice.", "repeated")
        found[name] = _checked(item, member)
    return found


def _invalid(path: Iterable[str], message: str, rule: str) -> InvalidRequest:
    field = ".".join(path) or "body"
    return InvalidRequest(f"{field}: {message}", field=field, rule=rule)


class JsonRoute(APIRoute):
    """A route that checks the caller's access first, and then its JSON body, if it takes one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with these checks before it."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def handle_checked(request: Request) -> Response:
            await check(request, self.dependencies)
            checked = JsonRequest(request.scope, request.receive)
            await checked.load()
            return await handle(checked)

        return handle_checked
