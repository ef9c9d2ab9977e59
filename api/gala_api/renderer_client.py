"""HTTP client of the renderer, for responses that are relayed without a job."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from gala.errors import GalaError, Unavailable, error_of
from gala.net.tls import tls_context

if TYPE_CHECKING:
    import httpx

_MISDIRECTED_REQUEST: Final = 421
_TIMEOUT_SECONDS: Final = 10.0
# The first sentence of a text may take long to synthesize.
_READ_TIMEOUT_SECONDS: Final = 300.0


class RendererClient:
    """A client of the renderer, which connects with the first request."""

    def __init__(self, base_url: str):
        self._base_url = base_url

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        import httpx  # noqa: PLC0415 - takes 0.1 s, and many APIs never need it

        timeout = httpx.Timeout(_TIMEOUT_SECONDS, read=_READ_TIMEOUT_SECONDS)
        return httpx.AsyncClient(
            base_url=self._base_url, timeout=timeout, trust_env=False, verify=tls_context()
        )

    async def aclose(self) -> None:
        """Close the connections."""
        if "_client" in vars(self):
            await self._client.aclose()

    async def get(self, path: str) -> dict[str, Any]:
        """Return the renderer's JSON response. Raise Unavailable, or the renderer's error."""
        with _connection_errors():
            response = await self._client.get(path)
        _raise_for_error(response)
        content: dict[str, Any] = response.json()
        return content

    async def put(self, path: str, chunks: AsyncIterator[bytes]) -> None:
        """Send a file. Raise Unavailable, or the renderer's error."""
        with _connection_errors():
            response = await self._client.put(path, content=chunks)
        _raise_for_error(response)

    async def open(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        on_head: Callable[[Mapping[str, str]], None] | None = None,
    ) -> AsyncGenerator[bytes, None]:
        """Return the bytes of a response as they arrive, once its head has arrived.

        ``on_head`` gets the response's headers. Closing the generator cancels the request.
        Raise Unavailable, or the renderer's error.
        """
        request = self._client.build_request("POST", path, json=body)
        with _connection_errors():
            response = await self._client.send(request, stream=True)
        if response.is_error:
            async with _closing(response):
                with _connection_errors():
                    await response.aread()
                _raise_for_error(response)
        if on_head is not None:
            on_head(response.headers)
        chunks = _chunks(response)
        # Started here: closing a generator that was never started would leave the response open.
        await anext(chunks)
        return chunks


async def _chunks(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """Yield an empty chunk, which starts the generator, and then the bytes."""
    async with _closing(response):
        yield b""
        with _connection_errors():
            async for chunk in response.aiter_raw():
                yield chunk


@asynccontextmanager
async def _closing(response: httpx.Response) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await response.aclose()


@contextmanager
def _connection_errors() -> Iterator[None]:
    import httpx  # noqa: PLC0415 - as above

    try:
        yield
    except httpx.TransportError as error:
        raise Unavailable("The renderer does not answer now; try again.") from error


def _raise_for_error(response: httpx.Response) -> None:
    if not response.is_error:
        return
    if response.status_code == _MISDIRECTED_REQUEST:
        raise Unavailable(
            "The renderer rejects the host name of RENDERER_HTTP_BASEURL.",
            hint="Add it to the renderer's RENDERER_ALLOWED_HOSTS.",
        )
    try:
        body = response.json()["error"]
        error = error_of(body["code"], body["message"], details=body.get("details"))
    except (ValueError, KeyError, TypeError) as failure:
        raise GalaError("The renderer sent an unexpected response; see its log.") from failure
    raise error
