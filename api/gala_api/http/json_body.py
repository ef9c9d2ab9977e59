"""JSON bodies, looked at before anything else sees them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json

from gala.errors import InvalidRequest, PayloadTooLarge, UnsupportedMedia
from gala_api.auth.access import check

MAX_JSON_BYTES: Final = 1024 * 1024
MAX_NAME_CHARACTERS: Final = 80
"""How much of a member's name is said back in an error."""


class JsonRequest(Request):
    """A request whose JSON was read with a limit and is fit for the database."""

    _bytes: bytes
    _parsed: Any

    async def load(self) -> None:
        """Read and check the body.

        Raises PayloadTooLarge, UnsupportedMedia, or InvalidRequest for what is no JSON, is nested
        too deep, names a member twice, or holds a number or a character that Postgres cannot keep.
        """
        self._bytes = await self._read()
        if not self._bytes:
            raise InvalidRequest("A JSON body is required.", field="body", rule="missing")
        _require_json(self.headers.get("content-type", ""))
        try:
            from_json(self._bytes, allow_inf_nan=False)
        except ValueError as error:
            message = f"The body is not valid JSON: {error}."
            raise InvalidRequest(message, field="body", rule="json_invalid") from error
        # The strict parser keeps the last of two members of one name without a word.
        self._parsed = _checked(json.loads(self._bytes, object_pairs_hook=_Members), ())

    async def _read(self) -> bytes:
        gathered = bytearray()
        async for chunk in self.stream():
            gathered += chunk
            if len(gathered) > MAX_JSON_BYTES:
                raise PayloadTooLarge(
                    f"The JSON body is larger than {MAX_JSON_BYTES} bytes.",
                    max_bytes=MAX_JSON_BYTES,
                )
        return bytes(gathered)

    async def body(self) -> bytes:
        """The bytes that were read."""
        return self._bytes

    async def json(self) -> Any:
        """What they mean."""
        return self._parsed


def _require_json(content_type: str) -> None:
    mime = content_type.partition(";")[0].strip().lower()
    if mime != "application/json" and not mime.endswith("+json"):
        raise UnsupportedMedia(
            f"The body is {mime or 'of no declared type'}; send JSON.",
            hint="Add the header 'Content-Type: application/json'.",
        )


class _Members(list[tuple[str, Any]]):
    """An object as it was written: its members in order, repeated ones included."""


def _checked(value: Any, where: tuple[str, ...]) -> Any:
    match value:
        case _Members():
            return _object(value, where)
        case list():
            return [_checked(item, (*where, str(index))) for index, item in enumerate(value)]
        case str() if "\0" in value:
            raise _invalid(where, "The character U+0000 is not allowed.", "no_nul")
        case float() if not math.isfinite(value):
            raise _invalid(where, "This number is out of range.", "finite_number")
        case _:
            return value


def _object(members: _Members, where: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, item in members:
        _checked(name, where)
        inside = (*where, name[:MAX_NAME_CHARACTERS])
        if name in found:
            raise _invalid(inside, "This field is given twice.", "repeated")
        found[name] = _checked(item, inside)
    return found


def _invalid(where: Iterable[str], message: str, rule: str) -> InvalidRequest:
    field = ".".join(where) or "body"
    return InvalidRequest(f"{field}: {message}", field=field, rule=rule)


class JsonRoute(APIRoute):
    """A route whose JSON body, if it takes one, is guarded: first who sends it, then what it is."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with the guard before it."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def guarded(request: Request) -> Response:
            await check(request, self.dependencies)
            checked = JsonRequest(request.scope, request.receive)
            await checked.load()
            return await handle(checked)

        return guarded
