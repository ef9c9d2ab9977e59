"""Assets: uploads, imports, downloads."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import httpx

from gala.client.connection import Connection, raise_for, read, read_all, segment
from gala.client.models import Asset
from gala.files import atomic_file
from gala.job import writable
from gala.media import AssetKind, AssetStatus


class AssetCalls(Connection):
    """Requests for assets."""

    def upload(
        self, file: Path, *, kind: AssetKind = AssetKind.OTHER, label: str | None = None
    ) -> Asset:
        """Upload a file, which is streamed from disk, and return its asset."""
        mime = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        form = {"kind": str(kind), **({"label": label} if label else {})}
        with file.open("rb") as content:
            # A name need not be valid UTF-8 on Linux.
            parts = {"file": (writable(file.name), content, mime)}
            return read(Asset, self.call("POST", "/assets", data=form, files=parts), "asset")

    def import_url(
        self,
        url: str,
        *,
        kind: AssetKind = AssetKind.OTHER,
        label: str | None = None,
        filename: str | None = None,
        idempotency_key: str | None = None,
    ) -> Asset:
        """Let GALA fetch a file; the asset is ``pending`` until its job is done.

        Wait for it with ``wait(asset.job_id)``. The request is repeated as in :meth:`submit`.
        """
        full = {"url": url, "kind": str(kind), "label": label, "filename": filename}
        body = {key: value for key, value in full.items() if value is not None}
        return read(Asset, self.create("/assets", body, idempotency_key), "asset")

    def asset(self, asset_id: str) -> Asset:
        """Return an asset's metadata."""
        return read(Asset, self.call("GET", f"/assets/{segment(asset_id)}"), "asset")

    def assets(
        self,
        *,
        kind: AssetKind | None = None,
        status: AssetStatus | None = None,
        q: str | None = None,
        limit: int = 50,
    ) -> list[Asset]:
        """Return the latest assets, newest first."""
        filters = {"kind": kind, "status": status, "q": q, "limit": limit}
        query = {key: str(value) for key, value in filters.items() if value is not None}
        return read_all(Asset, self.call("GET", "/assets", params=query), "assets")

    def asset_url(self, asset_id: str) -> str:
        """Return a link to the asset's bytes that is valid for a limited time without a key."""
        return str(self.call("GET", f"/assets/{segment(asset_id)}/url")["url"])

    def delete_asset(self, asset_id: str) -> None:
        """Delete an asset and its bytes."""
        self.request("DELETE", f"/assets/{segment(asset_id)}")

    def download(self, asset_id: str, target: Path) -> Path:
        """Write an asset's bytes to ``target``, completely or not at all, and return ``target``."""
        try:
            with (
                atomic_file(target) as temporary,
                self.http.stream("GET", f"/assets/{segment(asset_id)}/content") as response,
            ):
                raise_for(response)
                with temporary.open("wb") as file:
                    for chunk in response.iter_bytes():
                        file.write(chunk)
        except httpx.TransportError as error:
            raise self.unreachable(error) from error
        return target
