"""Files that a command uploads for something else, which a server then refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gala.client import GalaClient
from gala.errors import GalaError
from gala.media import AssetKind

Upload = Callable[[Path, AssetKind], str]
"""Uploads a file and returns the id of its asset."""


@contextmanager
def uploads_for(client: GalaClient) -> Iterator[Upload]:
    """Yield a function that uploads files; they are deleted again if the block raises."""
    uploaded: list[str] = []

    def upload(file: Path, kind: AssetKind) -> str:
        uploaded.append(client.upload(file, kind=kind).id)
        return uploaded[-1]

    try:
        yield upload
    except BaseException:
        for asset_id in uploaded:
            with suppress(GalaError):
                client.delete_asset(asset_id)
        raise
