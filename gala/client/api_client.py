"""Client of the HTTP API: jobs and assets from Python.

>>> with GalaClient() as gala:
...     job = gala.wait(gala.submit(params={"text": "Hello"}).id)
...     gala.download(job.outputs[0].asset_ids["video"], Path("hello.mp4"))

Errors of the API are raised as the class of :mod:`gala.errors` with the same code.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from gala.client.assets import AssetCalls
from gala.client.jobs import JobCalls
from gala.client.models_and_templates import LibraryCalls
from gala.client.owners import OwnerCalls
from gala.client.relayed import RelayedCalls


class GalaClient(JobCalls, AssetCalls, LibraryCalls, OwnerCalls, RelayedCalls):
    """Client of one API; close it, or use it as a context manager.

    Without ``base_url``, it is the server that :mod:`gala.server_address` finds.

    ``api_key`` is an API key or a token that the API accepts, if it requires one.

    All methods raise :class:`gala.errors.Unavailable` if the API does not respond.
    """

    def __enter__(self) -> GalaClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def health(self, *, deep: bool = False) -> dict[str, Any]:
        """Return the API's health; ``deep`` also checks the services that it needs."""
        return self.call("GET", "/health", params={"deep": deep})
