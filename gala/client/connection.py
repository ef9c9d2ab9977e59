"""The connection to an API: requests, and the errors and resources that its answers hold."""

from __future__ import annotations

import ipaddress
import json
import re
import time
import uuid
from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import httpx

from gala.client.models import ApiResource
from gala.errors import GalaError, InvalidRequest, NotFound, Unavailable, error_of
from gala.net.tls import tls_context
from gala.server_address import find_server

REQUEST_SECONDS: Final = 30.0
RECONNECT_SECONDS: Final = 0.5
_UNAVAILABLE_STATUSES: Final = frozenset({502, 503, 504})
_LOGIN: Final = re.compile(r"^([^/@]*//)?.*@", re.DOTALL)

Resource = TypeVar("Resource", bound=ApiResource)


class Connection:
    """Sends requests; the base of what the client offers for each part of the API."""

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        timeout_seconds: float = REQUEST_SECONDS,
        transport: httpx.BaseTransport | None = None,
    ):
        self.base_url = find_server(base_url, "base_url").url.rstrip("/")
        self.seconds = timeout_seconds
        self._attempts = 2
        self.http = httpx.Client(
            base_url=self.base_url,
            headers={} if api_key is None else {"Authorization": f"Bearer {api_key}"},
            timeout=timeout_seconds,
            transport=transport,
            verify=tls_context(),
            # A proxy set in the environment cannot reach this machine.
            trust_env=not _is_loopback(self.base_url),
        )

    def close(self) -> None:
        """Close all connections."""
        self.http.close()

    def hurry(self, timeout_seconds: float) -> None:
        """From now on, wait at most ``timeout_seconds`` for a response, and repeat no request."""
        self.seconds = timeout_seconds
        self.http.timeout = httpx.Timeout(timeout_seconds)
        self._attempts = 1

    def create(self, path: str, body: Any, idempotency_key: str | None) -> dict[str, Any]:
        """Create something; the request is repeated once, which creates nothing else."""
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        try:
            return self.call("POST", path, json=body, headers=headers)
        except Unavailable:
            if self._attempts == 1:
                raise
            time.sleep(RECONNECT_SECONDS)
            return self.call("POST", path, json=body, headers=headers)

    def call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """Return the JSON object that a request is answered with."""
        return self.parsed(self.request(method, path, **request))

    def parsed(self, response: httpx.Response) -> dict[str, Any]:
        """Return the JSON object of an answer. Raise GalaError if it is none of GALA."""
        try:
            answer = response.json()
        except json.JSONDecodeError as error:
            raise GalaError(
                f"{shown_url(self.base_url)}{response.url.path} did not return a response of GALA"
            ) from error
        return answer if isinstance(answer, dict) else {}

    def request(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Return the answer to a request. Raise the error that it holds, or Unavailable.

        Raise InvalidRequest for a text that UTF-8 cannot encode, such as a damaged file name.
        """
        try:
            response = self.http.request(method, path, **request)
        except UnicodeEncodeError as error:
            raise InvalidRequest(
                f"A text of this request is not valid Unicode: {error.object[:80]!a}."
            ) from error
        except httpx.TransportError as error:
            raise self.unreachable(error) from error
        raise_for(response)
        return response

    def unreachable(self, error: httpx.TransportError) -> Unavailable:
        """Return the error for an API that does not answer."""
        return Unavailable(
            f"{shown_url(self.base_url)} does not answer ({str(error) or type(error).__name__})",
            hint="Is GALA running there? `gala up` starts it; GALA_URL names another one.",
        )


def segment(name: str) -> str:
    """Return an id or a name as one segment of a URL's path.

    Raise NotFound for a name that would lead to another resource.
    """
    if name in {"", ".", ".."}:
        raise NotFound(f"There is nothing with the id or name {name!r}.")
    return quote(name, safe="", errors="replace")


def shown_url(url: str) -> str:
    """Return the URL without user name and password, for messages and logs."""
    # Up to the last @, so that no password is shown even if the URL is malformed.
    return _LOGIN.sub(r"\1", url)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read(model: type[Resource], answer: Mapping[str, Any], envelope: str) -> Resource:
    """Return the resource within an answer."""
    if envelope not in answer:
        raise GalaError(f"The response has no {envelope!r}; the server may not be GALA.")
    return model.model_validate(answer[envelope])


def read_all(model: type[Resource], answer: Mapping[str, Any], envelope: str) -> list[Resource]:
    """Return the resources of a list."""
    return [model.model_validate(item) for item in answer.get(envelope, ())]


def raise_for(response: httpx.Response) -> None:
    """Raise the error that an answer holds, if it is one."""
    if response.is_success:
        return
    response.read()
    try:
        body = response.json()["error"]
        code, message, details = body["code"], body["message"], body.get("details") or {}
    except (json.JSONDecodeError, KeyError, TypeError):
        message = f"HTTP {response.status_code} from {shown_url(str(response.url))}"
        # Not an error of GALA: probably a proxy in front of an API that is restarting.
        raise (Unavailable if response.status_code in _UNAVAILABLE_STATUSES else GalaError)(
            message
        ) from None
    raise error_of(code, message, details=details)
